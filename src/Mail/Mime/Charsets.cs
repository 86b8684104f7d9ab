using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace PenguinMails.Mail.Mime;

/// <summary>How well a label fitted the octets.</summary>
enum CharsetFit
{
    Good,

    /// <summary>Nobody defined the label.</summary>
    Unknown,

    /// <summary>The octets cannot be in that charset.</summary>
    Wrong,
}

/// <summary>Text by charset label (charsets.tsv); what a label does not explain is read as UTF-8 where that is valid, else by a guess.</summary>
static class Charsets
{
    const int Utf8 = 65001, Utf7Page = 65000, AsciiPage = 20127, Guessed = -1, NotKnown = -2;
    const int LabelLengthMax = 64;

    static readonly FrozenDictionary<string, int> Pages = EmbeddedTable.Rows("charsets.tsv")
        .ToFrozenDictionary(row => Key(row[0], new char[LabelLengthMax]).ToString(), row => int.Parse(row[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);

    static readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> PageByKey = Pages.GetAlternateLookup<ReadOnlySpan<char>>();

    static Charsets() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    public static string Text(ReadOnlySpan<byte> octets, string? label) => Text(octets, label, out _);

    /// <param name="fit">What was wrong with the label, if it was.</param>
    public static string Text(ReadOnlySpan<byte> octets, string? label, out CharsetFit fit)
    {
        fit = CharsetFit.Good;
        var page = Page(label);
        if (page is not (1200 or 1201 or 12000 or 12001) && octets.StartsWith("\ufeff"u8))
        {
            // A byte order mark outweighs a label, and is no text.
            octets = octets[3..];
            if (Utf8OrNull(octets) is { } marked) return marked;
        }
        switch (page)
        {
            case Utf8:
                if (Utf8OrNull(octets) is { } text) return text;
                fit = CharsetFit.Wrong;
                return BrokenUtf8(octets);
            case Utf7Page:
                return Utf7.Text(octets);
            case AsciiPage:
                if (Ascii.IsValid(octets)) return Encoding.Latin1.GetString(octets);
                fit = CharsetFit.Wrong;
                return Guess(octets);
            case Guessed:
                return Guess(octets);
            case NotKnown:
                fit = CharsetFit.Unknown;
                return Guess(octets);
            default:
                return Paged(octets, page, ref fit);
        }
    }

    /// <summary>RFC 6532: raw header octets are UTF-8; null when they are not.</summary>
    public static string? Utf8OrNull(ReadOnlySpan<byte> octets) => Utf8Valid(octets) ? Encoding.UTF8.GetString(octets) : null;

    /// <summary>Octets that are no UTF-8, by the label where it fits.</summary>
    public static string Legacy(ReadOnlySpan<byte> octets, string? label) =>
        Page(label) is > 0 and not (Utf8 or Utf7Page or AsciiPage or 1200 or 1201 or 12000 or 12001) and var page ? Encoding.GetEncoding(page).GetString(octets) : Guess(octets);

    /// <summary>False when a label is given and nobody defined it.</summary>
    public static bool IsKnown(string? label) => Page(label) != NotKnown;

    static bool Utf8Valid(ReadOnlySpan<byte> octets) => System.Text.Unicode.Utf8.IsValid(octets);

    static string Paged(ReadOnlySpan<byte> octets, int page, ref CharsetFit fit)
    {
        var encoding = Encoding.GetEncoding(page);
        // JIS puts octets above 127 nowhere: then it is another Japanese charset, or none.
        if (page is 50220 or 50225 or 52936 && octets.IndexOfAnyInRange((byte)0x80, (byte)0xff) >= 0 && Utf8OrNull(octets) is { } text)
        {
            fit = CharsetFit.Wrong;
            return text;
        }
        return page is 1200 or 1201 or 12000 or 12001 ? encoding.GetString(octets).TrimStart('\uFEFF') : encoding.GetString(octets);
    }

    /// <summary>Labelled UTF-8 and not valid: a text cut or damaged in places keeps U+FFFD there; one without a single valid sequence never was UTF-8.</summary>
    static string BrokenUtf8(ReadOnlySpan<byte> octets)
    {
        var (good, bad) = (0, 0);
        for (var rest = octets; !rest.IsEmpty;)
        {
            var ascii = rest.IndexOfAnyInRange((byte)0x80, (byte)0xff);
            if (ascii < 0) break;
            rest = rest[ascii..];
            if (Rune.DecodeFromUtf8(rest, out _, out var taken) == System.Buffers.OperationStatus.Done) good++;
            else bad++;
            rest = rest[taken..];
        }
        return good >= bad ? Encoding.UTF8.GetString(octets) : LegacyGuess.Text(octets);
    }

    static string Guess(ReadOnlySpan<byte> octets) => Utf8OrNull(octets) is { } text
        ? text.Contains('\u001b', StringComparison.Ordinal) && LegacyGuess.IsJis(octets) ? Encoding.GetEncoding(50220).GetString(octets) : text
        : LegacyGuess.Text(octets);

    static int Page(string? label)
    {
        if (string.IsNullOrWhiteSpace(label)) return Guessed;
        if (label.Equals("utf-8", StringComparison.OrdinalIgnoreCase)) return Utf8;
        Span<char> buffer = stackalloc char[LabelLengthMax];
        var key = Key(label, buffer);
        if (key.IsEmpty) return Guessed;
        if (PageByKey.TryGetValue(key, out var page)) return page;
        // "charset=utf-8", and labels with a word of the sender's behind them.
        if (key.StartsWith("charset") && PageByKey.TryGetValue(key["charset".Length..], out page)) return page;
        return NotKnown;
    }

    /// <summary>Letters and digits in lower case, up to a blank or anything that ends a token.</summary>
    static ReadOnlySpan<char> Key(ReadOnlySpan<char> label, Span<char> buffer)
    {
        var length = 0;
        foreach (var c in label.TrimStart(" \t\"'"))
        {
            if (c is ' ' or '\t' or '"' or '\'' or ';' or ',' or '(' or '*' or '/' || length == buffer.Length) break;
            if (char.IsAsciiLetterOrDigit(c)) buffer[length++] = char.ToLowerInvariant(c);
        }
        return buffer[..length];
    }
}
