namespace PenguinMails.House.Tests;

/// <summary>One breach of a rule.</summary>
/// <param name="Place">path:line, or a path alone.</param>
/// <param name="Message">What is wrong and how to put it right.</param>
sealed record Offence(string Place, string Message)
{
    public string Path => Place.Split(':')[0];
    public override string ToString() => $"{Place}: {Message}";
}

/// <summary>Breaches that are known and counted: lines "rule | path | count" that may only shrink.</summary>
static class KnownOffenders
{
    public const string ListPath = "tests/House.Tests/known-offenders.txt";

    /// <summary>Fails unless the rule holds everywhere but in the listed files, and there exactly as often as listed.</summary>
    public static void Hold(string rule, IReadOnlyList<Offence> offences)
    {
        var complaints = Compare(rule, offences, Tree.TextOf(ListPath) ?? "");
        Assert.True(complaints.Count == 0, $"Rule '{rule}':\n" + string.Join('\n', complaints));
    }

    /// <summary>Differences between what was found and what is listed, one line each.</summary>
    public static IReadOnlyList<string> Compare(string rule, IReadOnlyList<Offence> offences, string list)
    {
        var listed = Entries.Of(list).Where(entry => entry.Length == 3 && entry[0] == rule).ToDictionary(entry => entry[1], entry => int.Parse(entry[2]));
        var complaints = new List<string>();
        foreach (var file in offences.GroupBy(offence => offence.Path))
            if (file.Count() > listed.GetValueOrDefault(file.Key)) complaints.AddRange(file.Select(offence => offence.ToString()));
        foreach (var (path, count) in listed)
        {
            var now = offences.Count(offence => offence.Path == path);
            if (now < count) complaints.Add($"{ListPath}: {path} offends {now} times, not {count}: {(now == 0 ? "remove the line" : $"lower it to {now}")}.");
        }
        return complaints;
    }
}

/// <summary>Small lists kept as text: fields separated by bars, '#' begins a remark.</summary>
static class Entries
{
    public static IEnumerable<string[]> Of(string list) => list.Split('\n')
        .Select(line => line.Trim())
        .Where(line => line.Length > 0 && !line.StartsWith('#'))
        .Select(line => line.Split('|', StringSplitOptions.TrimEntries));
}

public sealed class KnownOffendersTests
{
    static readonly Offence[] Two = [new("src/A.cs:1", "wrong"), new("src/A.cs:9", "wrong")];

    [Fact]
    public void Unlisted_offence_fails_with_its_place() =>
        Assert.Equal(["src/A.cs:1: wrong", "src/A.cs:9: wrong"], KnownOffenders.Compare("names", Two, "other | src/A.cs | 2"));

    [Fact]
    public void Listed_number_of_offences_passes() => Assert.Empty(KnownOffenders.Compare("names", Two, "# why\nnames | src/A.cs | 2\n"));

    [Theory]
    [InlineData(3, "offends 2 times, not 3: lower it to 2.")]
    public void Offender_that_improved_must_be_lowered_in_the_list(int listed, string complaint) =>
        Assert.EndsWith(complaint, Assert.Single(KnownOffenders.Compare("names", Two, $"names | src/A.cs | {listed}")));

    [Fact]
    public void Offender_that_no_longer_offends_must_leave_the_list() =>
        Assert.EndsWith("remove the line.", Assert.Single(KnownOffenders.Compare("names", [], "names | src/A.cs | 1")));

    [Fact]
    public void One_more_than_listed_fails() => Assert.Equal(2, KnownOffenders.Compare("names", Two, "names | src/A.cs | 1").Count);
}
