using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace PenguinMails.House.Tests.Rules;

/// <summary>What the documents must keep up with: public types, verbs, packages, projects.</summary>
static partial class Docs
{
    /// <summary>Public types of the three ground-floor libraries say what their name cannot.</summary>
    public static IReadOnlyList<Offence> PublicTypes(IEnumerable<TextFile> files)
    {
        var types = files.Where(file => file.Under("src/Mail", "src/Insight", "src/Core") && file.Has(".cs"))
            .SelectMany(file => file.Syntax.DescendantNodes().OfType<MemberDeclarationSyntax>().Select(node => (File: file, Node: node)))
            .Where(at => at.Node is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax && IsPublic(at.Node));
        return
        [
            .. types.GroupBy(at => FullName(at.Node)) // The parts of a partial type share one comment.
                .Where(parts => !parts.Any(part => HasComment(part.Node)))
                .Select(parts => new Offence(parts.First().File.At(parts.First().Node),
                    $"{parts.Key.Split('.')[^1]} is public without a doc comment: say unit, range, limits, errors or source.")),
        ];
    }

    /// <summary>Every verb of the program is explained in the guide, as "penguin verb".</summary>
    /// <param name="files">All files; verbs are commands made in src/Cli/Verbs.</param>
    /// <param name="guide">Text of the guide; empty when there is none.</param>
    public static IReadOnlyList<Offence> Verbs(IEnumerable<TextFile> files, string guide)
    {
        var cli = files.Where(file => file.Under("src/Cli")).ToList();
        if (cli.Count == 0) return [];
        var verbs = cli.Where(file => file.Under("src/Cli/Verbs") && file.Has(".cs"))
            .SelectMany(file => file.Syntax.DescendantNodes().OfType<ObjectCreationExpressionSyntax>().Select(made => (File: file, Made: made)))
            .Where(at => at.Made.Type.ToString() == "Command" && NameOf(at.Made) is not null).ToList();
        if (verbs.Count == 0) return [new("src/Cli", "No verb found: make each as new Command(\"name\", …) in src/Cli/Verbs.")];
        return
        [
            .. verbs.Where(at => !Regex.IsMatch(guide, $@"\bpenguin(?: [a-z-]+)* {Regex.Escape(NameOf(at.Made) ?? "")}(?![\w-])"))
                .Select(at => new Offence(at.File.At(at.Made), $"Verb {NameOf(at.Made)} is not in docs/guide/cli.md: add a section that shows penguin {NameOf(at.Made)}.")),
        ];
    }

    /// <summary>Every package has its row in the table of dependencies, and every row its package.</summary>
    public static IReadOnlyList<Offence> Packages(string props, string record)
    {
        const string path = "docs/adr/0002-dependencies.md";
        var packages = XDocument.Parse(props).Descendants("PackageVersion").Select(node => node.Attribute("Include")?.Value ?? "").ToHashSet();
        var rows = FirstCell().Matches(record).Select(row => row.Groups[1].Value).ToHashSet();
        return
        [
            .. packages.Where(name => !rows.Contains(name)).Select(name => new Offence("Directory.Packages.props", $"{name} has no row in {path}: add licence, reason and who would replace it.")),
            .. rows.Where(name => !packages.Contains(name)).Select(name => new Offence(path, $"{name} is no package of ours: remove its row.")),
        ];
    }

    /// <summary>Every project under src is named in the map.</summary>
    public static IReadOnlyList<Offence> Map(IEnumerable<TextFile> files, string? map) => map is null ? [] :
    [
        .. files.Where(file => file.Under("src") && file.Has(".csproj"))
            .Select(file => Path.GetFileNameWithoutExtension(file.Name))
            .Where(name => !Regex.IsMatch(map, $@"\b{name}\b"))
            .Select(name => new Offence("docs/MAP.md", $"Project {name} is not on the map: say in a line what lives there.")),
    ];

    static bool IsPublic(MemberDeclarationSyntax node) =>
        node.Modifiers.Any(SyntaxKind.PublicKeyword) && node.Ancestors().OfType<BaseTypeDeclarationSyntax>().All(IsPublic);

    static bool HasComment(SyntaxNode node) => node.GetLeadingTrivia().Any(trivia =>
        trivia.IsKind(SyntaxKind.SingleLineDocumentationCommentTrivia) || trivia.IsKind(SyntaxKind.MultiLineDocumentationCommentTrivia));

    static string FullName(MemberDeclarationSyntax node) => string.Join('.', node.AncestorsAndSelf().Reverse().Select(one => one switch
    {
        BaseNamespaceDeclarationSyntax space => space.Name.ToString(),
        TypeDeclarationSyntax type => type.Identifier.Text + "`" + type.TypeParameterList?.Parameters.Count,
        BaseTypeDeclarationSyntax type => type.Identifier.Text,
        DelegateDeclarationSyntax type => type.Identifier.Text,
        _ => "",
    }).Where(name => name.Length > 0)).Replace("`", "", StringComparison.Ordinal);

    static string? NameOf(ObjectCreationExpressionSyntax made) =>
        (made.ArgumentList?.Arguments.FirstOrDefault()?.Expression as LiteralExpressionSyntax)?.Token.ValueText;

    [GeneratedRegex(@"^\|\s*`?([A-Za-z][\w.-]*\w)`?\s*\|(?!\s*Licence)", RegexOptions.Multiline)]
    private static partial Regex FirstCell();
}

public sealed class DocsTests
{
    [Fact]
    public void Public_types_of_the_ground_floor_are_explained() => KnownOffenders.Hold("public-types", Docs.PublicTypes(Tree.Source));

    [Fact]
    public void Every_verb_is_in_the_guide() => KnownOffenders.Hold("verbs", Docs.Verbs(Tree.Files, Tree.TextOf("docs/guide/cli.md") ?? ""));

    [Fact]
    public void Every_package_has_its_reason() => KnownOffenders.Hold("packages",
        Docs.Packages(Tree.TextOf("Directory.Packages.props") ?? "<Project/>", Tree.TextOf("docs/adr/0002-dependencies.md") ?? ""));

    [Fact]
    public void Every_project_is_on_the_map() => KnownOffenders.Hold("map", Docs.Map(Tree.Files, Tree.TextOf("docs/MAP.md")));

    [Theory]
    [InlineData("public class A;", 1)]
    [InlineData("/// <summary>Bytes.</summary>\npublic class A;", 0)]
    [InlineData("// Bytes.\npublic enum A { }", 1)]
    [InlineData("class A { public record B; }", 0)]
    [InlineData("/// <summary>x</summary>\npublic class A { public record B; }", 1)]
    [InlineData("/// <summary>x</summary>\npublic partial class A;\npublic partial class A;", 0)]
    [InlineData("public delegate void A();", 1)]
    public void Public_type_without_a_comment_is_seen(string code, int offences) =>
        Assert.Equal(offences, Docs.PublicTypes([new("src/Mail/A.cs", code)]).Count);

    [Theory]
    [InlineData("", 2)]
    [InlineData("## penguin up\n`penguin db migrate`", 0)]
    [InlineData("penguin upwards, penguin migrate", 1)]
    public void Verb_missing_from_the_guide_is_seen(string guide, int offences) => Assert.Equal(offences,
        Docs.Verbs([new("src/Cli/Verbs/Up.cs", "class A { object u = new Command(\"up\", \"Starts.\"), m = new Command(\"migrate\"); }")], guide).Count);

    [Fact]
    public void Program_without_verbs_is_seen_and_no_program_is_not()
    {
        Assert.Single(Docs.Verbs([new("src/Cli/Cli.csproj", "<Project/>")], ""));
        Assert.Empty(Docs.Verbs([new("src/Core/Core.csproj", "<Project/>")], ""));
    }

    [Theory]
    [InlineData("| Package | Licence |\n|--|--|\n| Npgsql | PostgreSQL |", 0)]
    [InlineData("| Package | Licence |\n|--|--|\n", 1)]
    [InlineData("| `Npgsql` | PostgreSQL |\n| Dapper | Apache-2.0 |", 1)]
    public void Package_without_a_row_or_row_without_a_package_is_seen(string record, int offences) => Assert.Equal(offences,
        Docs.Packages("<Project><ItemGroup><PackageVersion Include=\"Npgsql\" Version=\"1\" /></ItemGroup></Project>", record).Count);

    [Theory]
    [InlineData(null, 0)]
    [InlineData("src/Core: the ground", 0)]
    [InlineData("src/CoreX", 1)]
    public void Project_missing_from_the_map_is_seen(string? map, int offences) =>
        Assert.Equal(offences, Docs.Map([new("src/Core/Core.csproj", "<Project/>")], map).Count);
}
