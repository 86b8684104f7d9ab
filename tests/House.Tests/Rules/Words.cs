using System.Text.RegularExpressions;

namespace PenguinMails.House.Tests.Rules;

/// <summary>What belongs to the machine where the code is written, not to the code.</summary>
static class Words
{
    /// <summary>This file spells the words out, so it is the one that may hold them.</summary>
    public const string OwnPath = "tests/House.Tests/Rules/Words.cs";

    // Pattern and why it does not belong. Case is ignored.
    static readonly (Regex Pattern, string Reason)[] Banned =
    [
        (Make(@"(?<![\w.~*})-])/root/"), "a path of one machine: say where it lies in the tree, or make it a setting"),
        (Make(@"(?<![\w.~-])/home/(?!penguin\b)\w"), "a path of one person's machine: use a path every reader has"),
        (Make(@"https?://[^\s""]+(?:/-/[\w.-]+\.tgz|/v3/index\.json|-flatcontainer/)"),
            "a place to download packages from: the reader's own configuration decides that (npm: omit-lockfile-registry-resolved)"),
    ];

    public static IReadOnlyList<Offence> Check(IEnumerable<TextFile> files) =>
    [
        .. from file in files
           where file.Path != OwnPath
           from word in Banned
           from found in word.Pattern.Matches(file.Text)
           select new Offence(file.At(found.Index), $"'{found.Value}' is {word.Reason}."),
    ];

    static Regex Make(string pattern) => new(pattern, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
}

public sealed class WordsTests
{
    [Fact]
    public void No_path_and_no_download_address_of_one_machine_is_left_behind() => KnownOffenders.Hold("words", Words.Check(Tree.Files));

    [Theory]
    [InlineData("cd /root/.cache", 1)]
    [InlineData("cd /home/anna/penguin", 1)]
    [InlineData("cd /home/penguin/data", 0)]
    [InlineData("href=\"https://example.com/root/item\"", 0)]
    [InlineData("\"resolved\": \"https://packages.example.com/htmx/-/htmx-2.0.0.tgz\"", 1)]
    [InlineData("https://packages.example.com/v3/index.json", 1)]
    [InlineData("nuget.config", 0)]
    public void A_path_or_address_of_one_machine_is_seen(string text, int offences) =>
        Assert.Equal(offences, Words.Check([new("docs/a.md", text)]).Count);
}
