using System.Text.RegularExpressions;

namespace PenguinMails.House.Tests.Rules;

/// <summary>What belongs to the place where the code is written, not to the code.</summary>
static class Words
{
    /// <summary>This file spells the words out, so it is the one that may hold them.</summary>
    public const string OwnPath = "tests/House.Tests/Rules/Words.cs";

    // Pattern and why it does not belong. Case is ignored.
    static readonly (Regex Pattern, string Reason)[] Banned =
    [
        (Make(@"(?<![\w.~*})-])/(?:work|root)/"), "a path of one machine: say where it lies in the tree, or make it a setting"),
        (Make(@"/tmp/wt\b"), "a path of one machine: say where it lies in the tree, or make it a setting"),
        (Make(@"(?<![\w.~-])/home/(?!penguin\b)\w"), "a path of one person's machine: use a path every reader has"),
        (Make(@"\b[\w.-]*(?:nuget|npmjs|pypi|pythonhosted|crates|rubygems|artifactory)[\w-]*\.(?:[\w-]+\.)*(?:org|com|net|io|dev|internal|local)\b"),
            "a package registry: the reader's own configuration decides where packages come from (npm: omit-lockfile-registry-resolved)"),
        (Make(@"\bregistry\.[\w-]+\.\w+"), "a package registry: the reader's own configuration decides where packages come from"),
        (Make(@"\b(?:chatgpt|claude|anthropic|copilot|openai|codex)\b"), "a tool of whoever wrote this: the product does not use it"),
        (Make(@"\b(?:large language model|llms?|system prompt|user prompt|coding assistant|ai assistant|sub-?agents?|context window)\b"),
            "talk about writing tools: say what the code does and why"),
        (Make(@"\b(?:this|my|our|the|each|previous|next|last) (?:coding |work(?:ing)? )?session\b(?=[^.\n]{0,40}\b(?:wrote|added|built|implemented|commit|helper|brief)\b)"),
            "talk about how the work was organised: it does not help the reader"),
        (Make(@"\bas an ai\b|\bai-generated\b|\bgenerated (?:by|with) (?:an )?ai\b"), "talk about writing tools: say what the code does and why"),
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
    public void Nothing_of_the_workplace_is_left_behind() => KnownOffenders.Hold("words", Words.Check(Tree.Files));

    [Theory]
    [InlineData("see /work/main/README.md", 1)]
    [InlineData("cd /root/.cache", 1)]
    [InlineData("cd /root/penguin", 1)]
    [InlineData("/tmp/wt/core", 1)]
    [InlineData("href=\"https://example.com/work/item\"", 0)]
    [InlineData("docs/work/plan.md", 0)]
    [InlineData("\"resolved\": \"https://registry.npmjs.org/htmx\"", 2)]
    [InlineData("https://api.nuget.org/v3/index.json", 1)]
    [InlineData("nuget.config", 0)]
    [InlineData("written with Copilot", 1)]
    [InlineData("the system prompt", 1)]
    [InlineData("prompts the user for a password", 0)]
    [InlineData("the session cookie expires", 0)]
    [InlineData("the last session added this", 1)]
    [InlineData("OpenAPI 3.1", 0)]
    public void Word_of_the_workplace_is_seen(string text, int offences) =>
        Assert.Equal(offences, Words.Check([new("docs/a.md", text)]).Count);
}
