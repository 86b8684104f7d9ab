using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using PenguinMails.House.Tests.Sql;

namespace PenguinMails.House.Tests.Rules;

/// <summary>Statements are whole constants: nothing is glued together, so each can be read, prepared and trusted.</summary>
static class SqlBuilding
{
    static readonly string[] Glue = ["Format", "Concat", "Join", "Append", "AppendLine", "AppendFormat", "Replace", "Insert"];

    public static IReadOnlyList<Offence> Check(IEnumerable<TextFile> files) => [.. files.SelectMany(CheckOne)];

    static IEnumerable<Offence> CheckOne(TextFile file)
    {
        var constants = SqlConstants.In(file).Select(constant => constant.Name.Split('.')[^1]).ToHashSet();
        foreach (var node in file.Syntax.DescendantNodes())
        {
            var glued = node switch
            {
                BinaryExpressionSyntax sum when sum.IsKind(SyntaxKind.AddExpression) && sum.Parent is not BinaryExpressionSyntax => IsGlued(Parts(sum), constants),
                InterpolatedStringExpressionSyntax text => IsGlued([text, .. Holes(text)], constants),
                AssignmentExpressionSyntax more when more.IsKind(SyntaxKind.AddAssignmentExpression) => IsGlued([more.Left, more.Right], constants),
                InvocationExpressionSyntax call => Glues(call, constants),
                _ => false,
            };
            if (glued)
                yield return new(file.At(node), "SQL is put together from pieces: write it whole as one const, values as $n, optional filters as ($3::text is null or state = $3).");
            else if (node is LiteralExpressionSyntax literal && IsLoose(literal))
                yield return new(file.At(node), "SQL outside a constant: move it to a const string, so that the test that prepares every statement sees it.");
        }
    }

    /// <summary>The fixed text of an interpolated string, each hole shown as a parameter.</summary>
    public static string TextOf(InterpolatedStringExpressionSyntax text) => string.Concat(text.Contents.Select(part =>
        part is InterpolatedStringTextSyntax fixedPart ? fixedPart.TextToken.ValueText : "$1"));

    static bool IsGlued(IReadOnlyList<ExpressionSyntax> parts, HashSet<string> constants) =>
        parts.Any(part => IsConstantName(part, constants)) || SqlText.IsStatement(string.Concat(parts.Select(TextOf)));

    static string TextOf(ExpressionSyntax part) => part switch
    {
        InterpolatedStringExpressionSyntax text => TextOf(text),
        LiteralExpressionSyntax literal => literal.Token.ValueText,
        _ => "$1",
    };

    static IEnumerable<ExpressionSyntax> Holes(InterpolatedStringExpressionSyntax text) =>
        text.Contents.OfType<InterpolationSyntax>().Select(hole => hole.Expression);

    static List<ExpressionSyntax> Parts(BinaryExpressionSyntax sum)
    {
        var parts = new List<ExpressionSyntax>();
        ExpressionSyntax rest = sum;
        while (rest is BinaryExpressionSyntax inner && inner.IsKind(SyntaxKind.AddExpression))
        {
            parts.Insert(0, inner.Right);
            rest = inner.Left;
        }
        parts.Insert(0, rest);
        return parts;
    }

    static bool Glues(InvocationExpressionSyntax call, HashSet<string> constants)
    {
        if (call.Expression is not MemberAccessExpressionSyntax member || !Glue.Contains(member.Name.Identifier.Text)) return false;
        return call.ArgumentList.Arguments.Select(argument => argument.Expression).Append(member.Expression)
            .Any(part => IsConstantName(part, constants) || part is LiteralExpressionSyntax literal && IsSqlLiteral(literal));
    }

    static bool IsConstantName(ExpressionSyntax part, HashSet<string> constants) => part switch
    {
        IdentifierNameSyntax name => constants.Contains(name.Identifier.Text),
        _ => false,
    };

    static bool IsSqlLiteral(LiteralExpressionSyntax literal) =>
        literal.IsKind(SyntaxKind.StringLiteralExpression) && SqlText.IsStatement(literal.Token.ValueText);

    static bool IsLoose(LiteralExpressionSyntax literal) =>
        IsSqlLiteral(literal) && !(literal.Parent?.Parent is VariableDeclaratorSyntax declarator && SqlConstants.IsConstant(declarator));
}

public sealed class SqlBuildingTests
{
    [Fact]
    public void Every_statement_is_one_constant() => KnownOffenders.Hold("sql-building", SqlBuilding.Check(Tree.Source));

    [Theory]
    [InlineData("const string Q = \"select id from core.job\"; string R() => Q;", 0)]
    [InlineData("static readonly string Q = \"select id from core.job\";", 0)]
    [InlineData("void R() { const string q = \"select id from core.job\"; Run(q); }", 0)]
    [InlineData("string R(string t) => $\"select id from {t}\";", 1)]
    [InlineData("string R(string t) => \"select id from \" + t;", 1)]
    [InlineData("string R(string t) => \"select id from core.job\" + t;", 2)] // Glued, and loose.
    [InlineData("string R(string t) => \"select id \" + \"from \" + t;", 1)]
    [InlineData("const string Q = \"select id from core.job\"; string R(string t) => Q + t;", 1)]
    [InlineData("const string Q = \"select id from core.job\"; string R(string t) => $\"{Q} limit {t}\";", 1)]
    [InlineData("const string Q = \"select id from core.job where $x\"; string R(string t) => Q.Replace(\"$x\", t);", 1)]
    [InlineData("void R() => Run(\"delete from core.job where id = $1\");", 1)]
    [InlineData("string R(string t) => $\"select a plan, {t}\" + \" or update your card\";", 0)]
    [InlineData("int R(int a) => a + 1;", 0)]
    public void Glued_or_loose_statement_is_seen(string member, int offences) =>
        Assert.Equal(offences, SqlBuilding.Check([new("src/Core/A.cs", $"class A {{ {member} }}")]).Count);

    [Fact]
    public void Constants_are_found_with_name_line_and_text()
    {
        var file = new TextFile("src/Core/Jobs/Job.cs", "static class Job\n{\n    const string Claim = \"\"\"\n        select id\n        from core.job\n        \"\"\";\n    const string Title = \"Select a job\";\n}\n");
        Assert.Equal([new SqlConstant("Job.Claim", "src/Core/Jobs/Job.cs", 4, "select id\nfrom core.job")], SqlConstants.In([file]));
    }

    [Fact]
    public void Constants_in_the_code_block_of_a_page_are_found() => Assert.Equal("src/Web/Pages/A.razor:3", Assert.Single(SqlConstants.In(
        [new("src/Web/Pages/A.razor", "<p>@Count</p>\n@code {\n    const string Q = \"select id from core.job\";\n}\n")])).Place);
}
