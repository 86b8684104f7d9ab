using System.Buffers;
using System.Text;

namespace PenguinMails.Mail.Mime;

/// <summary>Encoded words (RFC 2047), UTF-8, Q or B by which takes more text, never splitting a rune.</summary>
static class EncodedWord
{
    /// <summary>Characters of one word, delimiters included (RFC 2047 2).</summary>
    public const int LengthMax = 75;

    /// <summary>Room for the delimiters and one rune of four octets under Q.</summary>
    public const int LengthMin = 12 + 12;

    const int Overhead = 12; // =?utf-8?q? and ?=

    public static readonly SearchValues<char> AtomOrSpace = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~ ");

    // RFC 2047 5 (3), the strictest of the three places, so that one form serves all.
    static readonly SearchValues<byte> Literal = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!*+-/"u8);

    /// <param name="lengthMax">24 to 75.</param>
    /// <returns>The word and how many UTF-16 code units of the text it carries, at least one rune.</returns>
    public static (string Word, int Taken) First(ReadOnlySpan<char> text, int lengthMax)
    {
        var room = lengthMax - Overhead;
        Span<byte> octets = stackalloc byte[4];
        var (q, b, qTaken, bTaken, bOctets, at) = (0, 0, 0, 0, 0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            var size = rune.EncodeToUtf8(octets);
            at += rune.Utf16SequenceLength;
            for (var i = 0; i < size; i++) q += octets[i] == (byte)' ' || Literal.Contains(octets[i]) ? 1 : 3;
            bOctets += size;
            b = (bOctets + 2) / 3 * 4;
            if (q <= room) qTaken = at;
            if (b <= room) bTaken = at;
            if (q > room && b > room) break;
        }
        // Q stays readable in a raw view, so it wins until it is a third longer.
        return qTaken > bTaken || (qTaken == bTaken && q <= b + (b / 3)) ? (Q(text[..qTaken]), qTaken) : (B(text[..bTaken]), bTaken);
    }

    static string Q(ReadOnlySpan<char> text)
    {
        var word = new StringBuilder("=?utf-8?q?", LengthMax);
        foreach (var octet in Encoding.UTF8.GetBytes(text.ToArray()))
        {
            if (octet == (byte)' ') word.Append('_');
            else if (Literal.Contains(octet)) word.Append((char)octet);
            else word.Append('=').Append(HexUpper(octet >> 4)).Append(HexUpper(octet & 15));
        }
        return word.Append("?=").ToString();
    }

    static string B(ReadOnlySpan<char> text) => "=?utf-8?b?" + Convert.ToBase64String(Encoding.UTF8.GetBytes(text.ToArray())) + "?=";

    internal static char HexUpper(int nibble) => "0123456789ABCDEF"[nibble];
}
