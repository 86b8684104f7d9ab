using System.Text.RegularExpressions;

namespace PenguinMails.House.Tests.Rules;

/// <summary>Every link in a document that stays within the tree leads to a file and, with an anchor, to a heading.</summary>
static partial class Links
{
    /// <param name="documents">Markdown files.</param>
    /// <param name="textOf">Text of a path; null when it is a folder or not text.</param>
    /// <param name="exists">True when the path, from the root, is there.</param>
    public static IReadOnlyList<Offence> Check(IEnumerable<TextFile> documents, Func<string, string?> textOf, Func<string, bool> exists) =>
        [.. documents.Where(file => file.Has(".md")).SelectMany(file => CheckOne(file, textOf, exists))];

    static IEnumerable<Offence> CheckOne(TextFile file, Func<string, string?> textOf, Func<string, bool> exists)
    {
        var text = Code().Replace(file.Text, found => NotLineEnd().Replace(found.Value, " "));
        foreach (Match found in Link().Matches(text))
        {
            var target = Uri.UnescapeDataString(found.Groups["target"].Value);
            if (Elsewhere().IsMatch(target)) continue;
            var parts = target.Split('#', 2);
            var path = parts[0].Length == 0 ? file.Path : Resolve(file.Path, parts[0]);
            if (path is null || !exists(path))
                yield return new(file.At(found.Index), $"Link to {target} leads nowhere: correct the path or add the file.");
            else if (parts.Length == 2 && path.EndsWith(".md", StringComparison.Ordinal) && !Anchors(path == file.Path ? file.Text : textOf(path) ?? "").Contains(parts[1]))
                yield return new(file.At(found.Index), $"Link to {target}: {path} has no heading with this anchor.");
        }
    }

    // Null when the path leaves the tree.
    static string? Resolve(string from, string target)
    {
        var parts = target.StartsWith('/') ? [] : new List<string>(from.Split('/')[..^1]);
        foreach (var part in target.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".") continue;
            if (part != "..") parts.Add(part);
            else if (parts.Count == 0) return null;
            else parts.RemoveAt(parts.Count - 1);
        }
        return string.Join('/', parts);
    }

    // Lower case, punctuation dropped, spaces to hyphens; a heading that repeats gets -1, -2.
    static HashSet<string> Anchors(string markdown)
    {
        var seen = new Dictionary<string, int>();
        var anchors = new HashSet<string>(Named().Matches(markdown).Select(found => found.Groups[1].Value));
        foreach (Match heading in Heading().Matches(Fence().Replace(markdown, "")))
        {
            var title = LinkText().Replace(heading.Groups[1].Value.Trim().TrimEnd('#').Trim(), "$1");
            var slug = Punctuation().Replace(title.ToLowerInvariant(), "").Replace(' ', '-');
            var count = seen[slug] = seen.GetValueOrDefault(slug, -1) + 1;
            anchors.Add(count == 0 ? slug : $"{slug}-{count}");
        }
        return anchors;
    }

    [GeneratedRegex(@"^(?:[a-z][a-z0-9+.-]*:|//)", RegexOptions.IgnoreCase)]
    private static partial Regex Elsewhere();

    [GeneratedRegex("""\]\(\s*<?(?<target>[^)\s>]+)>?(?:\s+"[^"]*")?\s*\)|^\[[^\]]+\]:\s+(?<target>\S+)|(?:href|src|srcset)="(?<target>[^"\s]+)" """, RegexOptions.Multiline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Link();

    [GeneratedRegex(@"^(`{3,}|~{3,})[\s\S]*?^\1|`[^`\n]+`", RegexOptions.Multiline)]
    private static partial Regex Code();

    [GeneratedRegex(@"^(`{3,}|~{3,})[\s\S]*?^\1", RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^\#{1,6}\s+(.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("""(?:id|name)="([^"]+)" """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Named();

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex LinkText();

    [GeneratedRegex(@"[^\p{L}\p{N}\p{M} _-]")]
    private static partial Regex Punctuation();

    [GeneratedRegex(@"[^\n]")]
    private static partial Regex NotLineEnd();
}

public sealed class LinksTests
{
    [Fact]
    public void Every_link_leads_somewhere() => KnownOffenders.Hold("links", Links.Check(Tree.Files, Tree.TextOf, Tree.Exists));

    [Theory]
    [InlineData("[map](MAP.md)", 0)]
    [InlineData("[map](../docs/MAP.md#the-floors)", 0)]
    [InlineData("[map](./MAP.md#the-floors-1)", 0)]
    [InlineData("[root](/README.md)", 0)]
    [InlineData("# Why `a.b`, and how?\n[own](#why-ab-and-how)", 0)]
    [InlineData("[folder](adr)", 0)]
    [InlineData("[web](https://example.com/x#y) [mail](mailto:a@example.com)", 0)]
    [InlineData("`[not](a-link.md)`\n```\n[nor](this.md)\n```", 0)]
    [InlineData("[![picture](MAP.md)](gone.md)", 1)]
    [InlineData("[map](MAPS.md)", 1)]
    [InlineData("[map](MAP.md#cellar)", 1)]
    [InlineData("[out](../../etc)", 1)]
    [InlineData("[own](#nowhere)", 1)]
    [InlineData("![picture](pictures/none.png)", 1)]
    [InlineData("<img src=\"none.png\">", 1)]
    [InlineData("[map][1]\n\n[1]: gone.md", 1)]
    public void Link_that_leads_nowhere_is_seen(string text, int offences)
    {
        var tree = new Dictionary<string, string> { ["docs/MAP.md"] = "# Map\n## The floors\n## The floors\n", ["README.md"] = "", ["docs/adr"] = "", ["docs/a.md"] = text };
        var found = Links.Check([new("docs/a.md", text)], tree.GetValueOrDefault, tree.ContainsKey);
        Assert.Equal(offences, found.Count);
    }
}
