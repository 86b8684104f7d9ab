using System.Text.RegularExpressions;

namespace PenguinMails.House.Tests;

/// <summary>Verbs take files one way, which refuses a pipe that nobody writes to.</summary>
public sealed partial class VerbFilesTests
{
    [GeneratedRegex(@"\bFile\.(Read|Open)\w*\(|new (StreamReader|FileStream)\((path|file|given)\b")]
    private static partial Regex OpensByItself();

    // The resolver's own file is named by nobody.
    static readonly string[] Allowed = ["src/Cli/Verbs/GivenFile.cs", "src/Cli/Verbs/Mail/Resolvers.cs"];

    [Fact]
    public void Verbs_open_what_they_are_given_in_one_place()
    {
        var verbs = Tree.Source.Where(file => file.Path.StartsWith("src/Cli/Verbs/", StringComparison.Ordinal) && !Allowed.Contains(file.Path)).ToList();
        Assert.True(verbs.Count > 20, "There are verbs.");
        var offences = from file in verbs
                       from line in file.Text.Split('\n')
                       where OpensByItself().IsMatch(line) && !line.Contains("GivenFile.Checked(", StringComparison.Ordinal)
                       select $"{file.Path}: {line.Trim()}";
        Assert.Empty(offences);
    }
}
