using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace PenguinMails.House.Tests.Sql;

/// <summary>A statement kept as a constant.</summary>
/// <param name="Name">Type.Field, or Type.Method.local.</param>
/// <param name="File">Path from the repository root.</param>
/// <param name="Line">First line of the text.</param>
/// <param name="Text">The statement as the database gets it.</param>
sealed record SqlConstant(string Name, string File, int Line, string Text)
{
    /// <summary>Folder below src.</summary>
    public string Module => File.Split('/')[1];
    public string Place => $"{File}:{Line}";
}

/// <summary>Finds the statements of the product, for the rules here and for a test that prepares each on a database.</summary>
static class SqlConstants
{
    /// <summary>Every const or static readonly string under src that is a statement.</summary>
    public static IReadOnlyList<SqlConstant> All() => In(Tree.Source);

    public static IReadOnlyList<SqlConstant> In(IEnumerable<TextFile> files) => [.. files.SelectMany(In)];

    public static IEnumerable<SqlConstant> In(TextFile file) =>
        from declarator in file.Syntax.DescendantNodes().OfType<VariableDeclaratorSyntax>()
        where IsConstant(declarator)
        let literal = declarator.Initializer?.Value as LiteralExpressionSyntax
        where literal is not null && literal.IsKind(SyntaxKind.StringLiteralExpression)
        let text = literal.Token.ValueText
        where SqlText.IsStatement(text)
        select new SqlConstant(NameOf(declarator), file.Path, FirstLine(literal.Token), text);

    /// <summary>Line on which the text of a literal begins: the next one for a raw text block.</summary>
    public static int FirstLine(SyntaxToken literal) =>
        literal.GetLocation().GetLineSpan().StartLinePosition.Line + (literal.IsKind(SyntaxKind.MultiLineRawStringLiteralToken) ? 2 : 1);

    public static bool IsConstant(VariableDeclaratorSyntax declarator) => declarator.Parent?.Parent switch
    {
        FieldDeclarationSyntax field => field.Modifiers.Any(SyntaxKind.ConstKeyword)
            || field.Modifiers.Any(SyntaxKind.StaticKeyword) && field.Modifiers.Any(SyntaxKind.ReadOnlyKeyword),
        LocalDeclarationStatementSyntax local => local.IsConst,
        _ => false,
    };

    static string NameOf(VariableDeclaratorSyntax declarator) => string.Join('.', declarator.Ancestors()
        .Select(node => node switch
        {
            BaseTypeDeclarationSyntax type => type.Identifier.Text,
            MethodDeclarationSyntax method => method.Identifier.Text,
            _ => "",
        })
        .Where(name => name.Length > 0).Reverse().Append(declarator.Identifier.Text));
}
