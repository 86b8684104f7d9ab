using PenguinMails.Core;

namespace PenguinMails.Delivery.Pacing;

/// <summary>What a reply asks of the route it came over.</summary>
public enum BackOff
{
    /// <summary>Nothing: it concerns one message or one recipient.</summary>
    None,

    /// <summary>Fewer connections and a longer gap for some time.</summary>
    Slow,

    /// <summary>Nothing at all for some time, then back on one connection.</summary>
    Suspend,

    /// <summary>Nothing until a person has mended the cause.</summary>
    Stop,
}

/// <summary>How far a reply reaches.</summary>
public enum BackOffScope
{
    /// <summary>One mailbox or sending address towards one provider.</summary>
    Route,

    /// <summary>One mailbox or sending address towards everybody.</summary>
    Sender,

    /// <summary>Everything sent under one domain.</summary>
    Domain,
}

/// <summary>One line of <c>reply-rules.json</c>: which replies of which provider ask for less, and for how long.</summary>
/// <remarks>A rule fits when the provider, one of the codes, one of the enhanced codes and one of the phrases fit; an empty list fits everything.
/// The first that fits counts, and those of the provider come before those of all.</remarks>
/// <param name="Id">Stable reason code, shown to people.</param>
/// <param name="Provider">Key of <see cref="Pacing.Provider"/>, or <c>*</c> for all.</param>
/// <param name="Codes">Reply codes such as <c>421</c>, a class such as <c>4</c>, or <c>0</c> for a connection that failed without a reply.</param>
/// <param name="Enhanced">Whole enhanced codes.</param>
/// <param name="Phrases">In lower case; found anywhere in the text, or the enhanced code itself.</param>
/// <param name="Minutes">Least time it holds; doubled each time it recurs.</param>
/// <param name="Connections">Most at once while slowed; 0 leaves them as they are.</param>
/// <param name="GapSeconds">Least gap while slowed; 0 leaves it as it is.</param>
/// <param name="Occurrences">How many of them in a row it takes.</param>
/// <param name="Meaning">A sentence for people.</param>
public sealed record ReplyRule(
    string Id, string Provider, IReadOnlyList<string> Codes, IReadOnlyList<string> Enhanced, IReadOnlyList<string> Phrases,
    BackOff Action, BackOffScope Scope, int Minutes, int Connections, int GapSeconds, int Occurrences, string Meaning, string Source, DateOnly AsOf)
{
    /// <summary>Characters of a reply's text that are looked at.</summary>
    public const int TextLengthMax = 2000;

    const string Everybody = "*";

    public static readonly IReadOnlyList<ReplyRule> All = EmbeddedJson.Read<ReplyRule[]>("reply-rules.json");

    static readonly ReplyRule[] Ordered = [.. All.Where(rule => rule.Provider != Everybody), .. All.Where(rule => rule.Provider == Everybody)];

    public TimeSpan Least => TimeSpan.FromMinutes(Minutes);

    /// <summary>The rule that a refusal falls under; null when it asks nothing of the route.</summary>
    /// <param name="provider">Key of the provider that replied.</param>
    /// <param name="code">Reply code; 0 when the connection failed or broke without one.</param>
    /// <param name="enhanced">Such as <c>4.7.28</c>; null when there was none. One that stands in the text counts as well.</param>
    /// <param name="text">The first <see cref="TextLengthMax"/> characters count.</param>
    public static ReplyRule? Of(string provider, int code, string? enhanced, string text)
    {
        var said = (text.Length > TextLengthMax ? text[..TextLengthMax] : text).ToLowerInvariant();
        return Array.Find(Ordered, rule => rule.Fits(provider, code, enhanced, said));
    }

    bool Fits(string provider, int code, string? enhanced, string said) =>
        (Provider == Everybody || Provider == provider)
        && (Codes.Count == 0 || Codes.Any(wanted => IsCode(wanted, code)))
        && (Enhanced.Count == 0 || Enhanced.Any(wanted => wanted == enhanced || (enhanced is null && HasWord(said, wanted))))
        && (Phrases.Count == 0 || Phrases.Any(phrase => said.Contains(phrase, StringComparison.Ordinal) || phrase == enhanced));

    static bool IsCode(string wanted, int code) => wanted.Length == 1
        ? code / 100 == wanted[0] - '0'
        : wanted == code.ToString(System.Globalization.CultureInfo.InvariantCulture);

    // 4.7.2 is not in "4.7.28", nor 5.7.1 in "15.7.1".
    static bool HasWord(string said, string wanted)
    {
        for (var at = said.IndexOf(wanted, StringComparison.Ordinal); at >= 0; at = said.IndexOf(wanted, at + 1, StringComparison.Ordinal))
        {
            var after = at + wanted.Length;
            var isWhole = (at == 0 || !IsPart(said[at - 1])) && (after == said.Length || !char.IsAsciiDigit(said[after]));
            if (isWhole) return true;
        }

        return false;

        static bool IsPart(char c) => char.IsAsciiDigit(c) || c == '.';
    }
}
