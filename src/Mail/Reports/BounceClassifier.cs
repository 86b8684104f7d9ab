using System.Globalization;
using System.Text.RegularExpressions;

namespace PenguinMails.Mail.Reports;

/// <summary>Classifies a refusal by an embedded table: phrases first (providers reuse codes), then the enhanced code, then the basic one.</summary>
public static class BounceClassifier
{
    /// <summary>Characters of the text looked at.</summary>
    public const int TextLengthMax = 2000;

    sealed record Rule(string Name, Regex? Phrase, BounceVerdict Verdict);

    static readonly Regex Addresses = new(@"[^\s<>()\[\]:;,""]+@[^\s<>()\[\]:;,""]+", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
    static readonly List<Rule> Phrases = [];
    static readonly Dictionary<string, BounceVerdict> Enhanced = new(StringComparer.Ordinal);
    static readonly Dictionary<string, BounceVerdict> Basic = new(StringComparer.Ordinal);

    static BounceClassifier()
    {
        foreach (var row in EmbeddedTable.Rows("bounce-rules.tsv"))
        {
            var verdict = new BounceVerdict(Enum.Parse<BounceClass>(row[2]), Enum.Parse<BounceCategory>(row[3]), Enum.Parse<BounceBlame>(row[4]), row[0] + " " + row[1]);
            if (row[0] == "enhanced") Enhanced[row[1]] = verdict;
            else if (row[0] == "basic") Basic[row[1]] = verdict;
            else Phrases.Add(new Rule(row[0], new Regex(row[1], RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant), verdict));
        }
    }

    /// <param name="code">The reply code, 0 when unknown.</param>
    /// <param name="enhanced">Such as <c>5.1.1</c>, null when unknown.</param>
    /// <param name="text">The diagnostic text; the first 2000 characters count.</param>
    public static BounceVerdict Classify(int code, string? enhanced, string text)
    {
        // Words inside an address (postmaster@oldhost.example, spam@) say nothing about the refusal.
        var said = Addresses.Replace(text.Length > TextLengthMax ? text[..TextLengthMax] : text, "@");
        var isTransient = (enhanced?.StartsWith('4') ?? false) || code is >= 400 and < 500;
        foreach (var rule in Phrases)
            if (rule.Phrase is { } phrase && phrase.IsMatch(enhanced + " " + said))
                return Softened(rule.Verdict, isTransient);
        if (enhanced is { Length: > 2 } && enhanced[2..] is var detail && detail != "0.0")
        {
            if (Enhanced.TryGetValue(detail, out var exact)) return Softened(exact, isTransient);
            if (Enhanced.TryGetValue(detail.Split('.')[0] + ".*", out var subject)) return Softened(subject, isTransient);
        }
        if (Basic.TryGetValue(code.ToString(CultureInfo.InvariantCulture), out var basic)) return Softened(basic, isTransient);
        return new BounceVerdict(isTransient ? BounceClass.Soft : BounceClass.Unknown, BounceCategory.Uncategorized, BounceBlame.Unknown, "none");
    }

    // A server that says "try later" has not said that the address is dead, whatever its words.
    static BounceVerdict Softened(BounceVerdict verdict, bool isTransient) =>
        isTransient && verdict.Class == BounceClass.Hard ? verdict with { Class = BounceClass.Soft } : verdict;
}
