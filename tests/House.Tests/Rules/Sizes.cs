using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace PenguinMails.House.Tests.Rules;

/// <summary>Walls nobody may pass, and below them a ratchet: what is long already may only become shorter.</summary>
static class Sizes
{
    public const string RatchetPath = "tests/House.Tests/ratchet.txt";
    public const int FileWall = 400, StyleSheetWall = 900, FunctionWall = 70;
    public const int FileAim = 200, FunctionAim = 40;

    // An entry may lag behind by this much, so that every small edit need not touch the list.
    const int FileSlack = 20, FunctionSlack = 5;

    // Key: the path, or path#Type.Member, with a number for further overloads.
    sealed record Measured(string Key, string Place, int Lines, int Wall, int Aim, int Slack);

    /// <param name="files">Code and style sheets.</param>
    /// <param name="ratchet">Lines "key | lines".</param>
    public static IReadOnlyList<Offence> Check(IEnumerable<TextFile> files, string ratchet)
    {
        var listed = Entries.Of(ratchet).ToDictionary(entry => entry[0], entry => int.Parse(entry[1]));
        var measured = files.Where(file => file.Has(".cs", ".razor", ".ts", ".css")).SelectMany(Measure).ToList();
        var offences = measured.SelectMany(one => CheckOne(one, listed)).ToList();
        var tooLong = measured.Where(one => one.Lines > one.Aim).Select(one => one.Key).ToHashSet();
        offences.AddRange(listed.Keys.Where(key => !tooLong.Contains(key))
            .Select(key => new Offence(RatchetPath, $"'{key}' is short now, or gone: remove its line.")));
        return offences;
    }

    static IEnumerable<Offence> CheckOne(Measured one, Dictionary<string, int> listed)
    {
        if (one.Lines > one.Wall)
            yield return new(one.Place, $"{one.Lines} lines, the wall is {one.Wall}: split it where it changes for another reason.");
        else if (one.Lines <= one.Aim) yield break;
        else if (!listed.TryGetValue(one.Key, out var allowed))
            yield return new(one.Place, $"{one.Lines} lines, the aim is {one.Aim}: split it, or add to {RatchetPath}:\n{one.Key} | {one.Lines}");
        else if (one.Lines > allowed)
            yield return new(one.Place, $"grew from {allowed} to {one.Lines} lines: the ratchet only shrinks; split it.");
        else if (one.Lines < allowed - one.Slack)
            yield return new(RatchetPath, $"'{one.Key}' shrank from {allowed}, well done: write {one.Key} | {one.Lines}");
    }

    static IEnumerable<Measured> Measure(TextFile file)
    {
        if (file.Has(".css"))
        {
            yield return new(file.Path, file.At(0), file.LineCount, StyleSheetWall, StyleSheetWall, 0);
            yield break;
        }
        yield return new(file.Path, file.At(0), file.LineCount, FileWall, FileAim, FileSlack);
        if (!file.Has(".cs", ".razor")) yield break;

        var seen = new Dictionary<string, int>();
        foreach (var (node, name) in Functions(file))
        {
            var nth = seen[name] = seen.GetValueOrDefault(name) + 1;
            yield return new($"{file.Path}#{name}{(nth > 1 ? $"({nth})" : "")}", file.At(node), LinesOf(node), FunctionWall, FunctionAim, FunctionSlack);
        }
    }

    static IEnumerable<(SyntaxNode Node, string Name)> Functions(TextFile file)
    {
        foreach (var node in file.Syntax.DescendantNodes())
        {
            var name = node switch
            {
                MethodDeclarationSyntax method => method.Identifier.Text,
                LocalFunctionStatementSyntax local => local.Identifier.Text,
                ConstructorDeclarationSyntax => "constructor",
                OperatorDeclarationSyntax op => "operator" + op.OperatorToken.Text,
                PropertyDeclarationSyntax property => property.Identifier.Text,
                _ => null,
            };
            if (name is not null) yield return (node, $"{string.Join('.', node.Ancestors().OfType<BaseTypeDeclarationSyntax>().Reverse().Select(type => type.Identifier.Text))}.{name}");
        }
        var top = file.Syntax.Members.OfType<GlobalStatementSyntax>().ToList();
        if (top.Count > 1) yield return (file.Syntax, "top-level");
    }

    // Attributes, such as the table of a theory, do not make a function long.
    static int LinesOf(SyntaxNode node)
    {
        var span = node.GetLocation().GetLineSpan();
        var first = node is MemberDeclarationSyntax { AttributeLists.Count: > 0 } member
            ? member.AttributeLists[^1].GetLastToken().GetNextToken().GetLocation().GetLineSpan().StartLinePosition.Line
            : span.StartLinePosition.Line;
        return span.EndLinePosition.Line - first + 1;
    }
}

public sealed class SizesTests
{
    [Fact]
    public void Files_and_functions_stay_within_the_walls_and_the_ratchet() =>
        KnownOffenders.Hold("sizes", Sizes.Check(Tree.Files.Where(file => file.Under("src", "tests", "bench")), Tree.TextOf(Sizes.RatchetPath) ?? ""));

    [Theory]
    [InlineData("src/Core/A.cs", 200, "", 0)]
    [InlineData("src/Core/A.cs", 201, "", 1)]
    [InlineData("src/Core/A.cs", 201, "src/Core/A.cs | 201", 0)]
    [InlineData("src/Core/A.cs", 202, "src/Core/A.cs | 201", 1)]
    [InlineData("src/Core/A.cs", 230, "src/Core/A.cs | 250", 0)]
    [InlineData("src/Core/A.cs", 229, "src/Core/A.cs | 250", 1)]
    [InlineData("src/Core/A.cs", 200, "src/Core/A.cs | 201", 1)]
    [InlineData("src/Core/A.cs", 400, "src/Core/A.cs | 400", 0)]
    [InlineData("src/Core/A.cs", 401, "src/Core/A.cs | 401", 1)]
    [InlineData("src/Web/Islands/a.ts", 401, "", 1)]
    [InlineData("src/Web/site.css", 900, "", 0)]
    [InlineData("src/Web/site.css", 901, "", 1)]
    public void File_beyond_aim_ratchet_or_wall_is_seen(string path, int lines, string ratchet, int offences) =>
        Assert.Equal(offences, Sizes.Check([new(path, string.Concat(Enumerable.Repeat("//\n", lines)))], ratchet).Count);

    [Theory]
    [InlineData(40, "", 0)]
    [InlineData(41, "", 1)]
    [InlineData(41, "src/Core/A.cs#A.M | 41", 0)]
    [InlineData(70, "src/Core/A.cs#A.M | 70", 0)]
    [InlineData(71, "src/Core/A.cs#A.M | 71", 1)]
    public void Function_beyond_aim_ratchet_or_wall_is_seen(int lines, string ratchet, int offences)
    {
        var body = string.Concat(Enumerable.Repeat("        ;\n", lines - 3));
        var file = new TextFile("src/Core/A.cs", $"class A\n{{\n    [Fact]\n    void M()\n    {{\n{body}    }}\n}}\n");
        var found = Sizes.Check([file], ratchet);
        Assert.Equal(offences, found.Count);
        Assert.All(found, offence => Assert.StartsWith("src/Core/A.cs:3", offence.Place));
    }

    [Fact]
    public void New_entry_is_printed_ready_to_paste() => Assert.EndsWith("\nsrc/Core/A.cs | 201",
        Assert.Single(Sizes.Check([new("src/Core/A.cs", new string('\n', 201))], "")).Message, StringComparison.Ordinal);
}
