using System.Xml.Linq;

namespace PenguinMails.House.Tests.Rules;

/// <summary>A project references lower floors only; neighbours never know each other.</summary>
static class Floors
{
    /// <summary>The one table of floors. Cli is the executable: it starts Web, so it stands above it.</summary>
    public static readonly IReadOnlyDictionary<string, int> Table = new Dictionary<string, int>
    {
        ["Core"] = 0,
        ["Mail"] = 0,
        ["Insight"] = 0,
        ["Accounts"] = 1,
        ["Secrets"] = 1,
        ["Sandbox"] = 1,
        ["Fleet"] = 2,
        ["Compliance"] = 2,
        ["Delivery"] = 3,
        ["Campaigns"] = 4,
        ["Analytics"] = 5,
        ["Billing"] = 5,
        ["Integrations"] = 5,
        ["Operations"] = 5,
        ["Oversight"] = 6,
        ["Web"] = 7,
        ["Cli"] = 8,
    };

    // They stand alone so that anyone can read, test and reuse them without the product.
    static readonly string[] Bare = ["Mail", "Insight"];

    /// <param name="projects">The .csproj files under src.</param>
    public static IReadOnlyList<Offence> Check(IEnumerable<TextFile> projects) =>
        [.. projects.Where(file => file.Under("src") && file.Has(".csproj")).SelectMany(CheckOne)];

    static IEnumerable<Offence> CheckOne(TextFile project)
    {
        var name = Path.GetFileNameWithoutExtension(project.Name);
        if (!Table.TryGetValue(name, out var floor))
        {
            yield return new(project.Path, $"Project {name} has no floor: add it to Floors.Table, in its own commit with the reason.");
            yield break;
        }
        if (project.Path != $"src/{name}/{name}.csproj")
            yield return new(project.Path, $"Project {name} belongs at src/{name}/{name}.csproj.");

        foreach (var target in Includes(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'))))
        {
            if (Bare.Contains(name))
                yield return new(project.Path, $"{name} takes no project, but references {target}: remove it.");
            else if (!Table.TryGetValue(target, out var below) || below >= floor)
                yield return new(project.Path, $"{name} (floor {floor}) references {target}, which is not on a lower floor: let {target} publish an event, or move what is shared down.");
        }
        if (!Bare.Contains(name)) yield break;
        foreach (var package in Includes(project, "PackageReference"))
            yield return new(project.Path, $"{name} takes no package, but references {package}: write it with the standard library.");
    }

    static IEnumerable<string> Includes(TextFile project, string element) =>
        XDocument.Parse(project.Text).Descendants(element).Select(node => node.Attribute("Include")?.Value ?? "");
}

/// <summary>Every project is in the solution, so that nothing is left unbuilt and untested.</summary>
static class SolutionList
{
    public static IReadOnlyList<Offence> Check(string solution, IEnumerable<TextFile> projects)
    {
        var listed = XDocument.Parse(solution).Descendants("Project").Select(node => node.Attribute("Path")?.Value ?? "").ToHashSet();
        return
        [
            .. projects.Where(file => file.Has(".csproj") && file.Under("src", "tests", "bench") && !listed.Contains(file.Path))
                .Select(file => new Offence(file.Path, $"Not in PenguinMails.slnx: add <Project Path=\"{file.Path}\" />.")),
        ];
    }
}

public sealed class FloorsTests
{
    [Fact]
    public void Projects_reference_lower_floors_only() => KnownOffenders.Hold("floors", Floors.Check(Tree.Files));

    [Fact]
    public void Every_project_is_in_the_solution() =>
        KnownOffenders.Hold("solution", SolutionList.Check(Tree.TextOf("PenguinMails.slnx") ?? "<Solution/>", Tree.Files));

    [Theory]
    [InlineData("Accounts", "../Core/Core.csproj", 0)]
    [InlineData("Accounts", "../Secrets/Secrets.csproj", 1)]
    [InlineData("Core", "..\\Accounts\\Accounts.csproj", 1)]
    [InlineData("Web", "../Cli/Cli.csproj", 1)]
    [InlineData("Cli", "../Web/Web.csproj", 0)]
    [InlineData("Mail", "../Core/Core.csproj", 1)]
    [InlineData("Attic", "../Core/Core.csproj", 1)]
    public void Reference_upwards_sideways_or_from_nowhere_is_seen(string name, string target, int offences) =>
        Assert.Equal(offences, Floors.Check([Project(name, $"<ProjectReference Include=\"{target}\" />")]).Count);

    [Theory]
    [InlineData("Insight", 1)]
    [InlineData("Core", 0)]
    public void Package_in_a_bare_project_is_seen(string name, int offences) =>
        Assert.Equal(offences, Floors.Check([Project(name, "<PackageReference Include=\"Npgsql\" />")]).Count);

    [Fact]
    public void Project_missing_from_the_solution_is_seen() =>
        Assert.Equal("src/Core/Core.csproj", Assert.Single(SolutionList.Check("<Solution/>", [Project("Core", "")])).Place);

    static TextFile Project(string name, string items) =>
        new($"src/{name}/{name}.csproj", $"<Project><ItemGroup>{items}</ItemGroup></Project>");
}
