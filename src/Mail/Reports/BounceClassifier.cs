using System.Collections.Frozen;
using System.Globalization;

namespace PenguinMails.Mail.Reports;

/// <summary>Classifies a refusal by embedded tables: provider codes and phrases first (codes lie), then the precise enhanced code, loose words, and the reply code.</summary>
public static class BounceClassifier
{
    /// <summary>Characters of the text looked at.</summary>
    public const int TextLengthMax = 2000;

    sealed record Rule(string Provider, string Phrase, string[] When, BounceCategory Category);

    sealed record Code(BounceCategory Category, bool IsPrecise);

    static readonly FrozenDictionary<BounceCategory, (BounceClass Class, BounceBlame Blame)> Meanings = EmbeddedTable.Rows("bounce-categories.tsv")
        .ToFrozenDictionary(row => Enum.Parse<BounceCategory>(row[0]), row => (Enum.Parse<BounceClass>(row[1]), Enum.Parse<BounceBlame>(row[2])));

    static readonly FrozenDictionary<string, Code> Codes = EmbeddedTable.Rows("bounce-codes.tsv")
        .ToFrozenDictionary(row => row[0], row => new Code(Enum.Parse<BounceCategory>(row[1]), row.Length > 2), StringComparer.Ordinal);

    static readonly Rule[] Rules = [.. EmbeddedTable.Rows("bounce-phrases.tsv").SelectMany(row => row[4].Split('|')
        .Select(phrase => new Rule(row[0], phrase, row[1] == "-" ? [] : row[1].Split(','), Enum.Parse<BounceCategory>(row[2]))))];

    static readonly PhraseSet Phrases = new([.. Rules.Select(rule => rule.Phrase)]);

    /// <param name="code">The reply code, 0 when unknown.</param>
    /// <param name="enhanced">Such as <c>5.1.1</c>, null when unknown.</param>
    /// <param name="text">The diagnostic text; the first 2000 characters count.</param>
    public static BounceVerdict Classify(int code, string? enhanced, string text)
    {
        var hits = Hits(code, enhanced, text);
        var isTransient = (enhanced?.StartsWith('4') ?? false) || (code is >= 400 and < 500 && enhanced?.StartsWith('5') != true);
        var strong = hits.Find(rule => !IsWeak(rule));
        if (strong is not null) return Verdict(strong.Category, strong.Provider + ": " + strong.Phrase, strong.Provider is "generic" or "languages" ? 0.9 : 0.95, isTransient);
        var detail = enhanced is { Length: > 4 } ? enhanced[2..] : null;
        var known = detail is null or "0.0" ? null : Codes.GetValueOrDefault(detail);
        if (known is { IsPrecise: true }) return Verdict(known.Category, "enhanced " + enhanced, 0.7, isTransient);
        if (hits.Count > 0) return Verdict(hits[0].Category, hits[0].Provider + ": " + hits[0].Phrase, 0.6, isTransient);
        if (detail is not null and not "0.0" && (known ?? Codes.GetValueOrDefault(detail.Split('.')[0] + ".*")) is { } subject)
            return Verdict(subject.Category, "enhanced " + enhanced, 0.5, isTransient);
        if (Codes.TryGetValue(code.ToString(CultureInfo.InvariantCulture), out var basic)) return Verdict(basic.Category, "reply code " + code.ToString(CultureInfo.InvariantCulture), 0.4, isTransient);
        return new BounceVerdict(isTransient ? BounceClass.Soft : BounceClass.Unknown, BounceCategory.Uncategorized, BounceBlame.Unknown, "none");
    }

    /// <summary>A verdict from precise phrases alone, for a text that says more than the refusal; null when it has none.</summary>
    internal static BounceVerdict? FromProse(int code, string? enhanced, string text)
    {
        var isTransient = (enhanced?.StartsWith('4') ?? false) || code is >= 400 and < 500;
        return Hits(code, enhanced, text).Find(rule => !IsWeak(rule)) is { } rule
            ? Verdict(rule.Category, rule.Provider + ": " + rule.Phrase, 0.6, isTransient)
            : null;
    }

    /// <summary>The meaning of a category that something other than a refusal text decided.</summary>
    public static BounceVerdict Of(BounceCategory category, string rule, double confidence) => Verdict(category, rule, confidence, false);

    static List<Rule> Hits(int code, string? enhanced, string text)
    {
        if (text.Length > TextLengthMax) text = text[..TextLengthMax];
        var said = enhanced + " " + Uncut(text);
        // The code is matched on its own: 550 inside a sentence may be anything.
        return [.. Phrases.Find(PhraseSet.Normal(said, TextLengthMax + 16)).Select(i => Rules[i]).Where(rule => Applies(rule, code, enhanced))];
    }

    /// <summary>A reply over several lines repeats its code inside the sentence (RFC 5321 4.2.1): those after the first go.</summary>
    static string Uncut(string text)
    {
        var made = new System.Text.StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            made.Append(text[i]);
            if (i < 4 || !char.IsWhiteSpace(text[i]) || i + 4 >= text.Length || text[i + 1] is not ('2' or '4' or '5') || !char.IsAsciiDigit(text[i + 2]) || !char.IsAsciiDigit(text[i + 3]) || text[i + 4] is not ('-' or ' ')) continue;
            i += 4;
            var rest = text.AsSpan(i + 1).TrimStart('#');
            if (rest.Length > 6 && rest[0] is '2' or '4' or '5' && rest[1] == '.' && rest.IndexOf(' ') is > 4 and < 9 and var space) i = text.Length - rest.Length + space;
        }
        return made.ToString();
    }

    static bool Applies(Rule rule, int code, string? enhanced)
    {
        if (rule.When.Length == 0) return true;
        foreach (var when in rule.When)
        {
            if (when == "none" && code == 0) return true;
            if (when.Length == 1 && (enhanced ?? code.ToString(CultureInfo.InvariantCulture)).StartsWith(when[0])) return true;
            if (when.Length == 3 && when == code.ToString(CultureInfo.InvariantCulture)) return true;
            if (enhanced is { Length: > 4 } && enhanced.AsSpan(2).SequenceEqual(when)) return true;
        }
        return false;
    }

    static bool IsWeak(Rule rule) => rule.Provider is "weak" or "command";

    // A server that says "try later" has not said that the address is dead, whatever its words.
    static BounceVerdict Verdict(BounceCategory category, string rule, double confidence, bool isTransient)
    {
        var (meant, blame) = Meanings[category];
        return new BounceVerdict(isTransient && meant == BounceClass.Hard ? BounceClass.Soft : meant, category, blame, rule) { Confidence = confidence };
    }
}
