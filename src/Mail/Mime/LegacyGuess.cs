using System.Text;

namespace PenguinMails.Mail.Mime;

/// <summary>The likeliest legacy charset of octets that carry no label and are no UTF-8.</summary>
/// <remarks>
/// Western text has single octets above 127 between ASCII letters; Cyrillic has whole words of them; the two-octet charsets of
/// the East have pairs only. Where nothing speaks clearly it is Windows-1252, which most unlabelled mail is.
/// </remarks>
static class LegacyGuess
{
    const int SampleMax = 8192;

    // Fewer octets than that prove nothing.
    const int ProofMin = 4;

    public static string Text(ReadOnlySpan<byte> octets) => Encoding.GetEncoding(Page(octets[..Math.Min(octets.Length, SampleMax)])).GetString(octets);

    /// <summary>ISO-2022-JP shows itself by its escape sequences (RFC 1468).</summary>
    public static bool IsJis(ReadOnlySpan<byte> octets) => octets.IndexOf("\u001b$B"u8) >= 0 || octets.IndexOf("\u001b$@"u8) >= 0;

    static int Page(ReadOnlySpan<byte> octets)
    {
        var (high, single, odd, lowerHalf, upperHalf, kana) = (0, 0, 0, 0, 0, 0);
        for (var at = 0; at < octets.Length;)
        {
            var from = octets[at..].IndexOfAnyInRange((byte)0x80, (byte)0xff);
            if (from < 0) break;
            at += from;
            var run = octets[at..].IndexOfAnyInRange((byte)0, (byte)0x7f);
            if (run < 0) run = octets.Length - at;
            high += run;
            if (run == 1) single++;
            if ((run & 1) == 1) odd++;
            for (var i = at; i < at + run; i++)
            {
                if (octets[i] >= 0xe0) upperHalf++;
                else if (octets[i] >= 0xc0) lowerHalf++;
                if (((i - at) & 1) == 0 && octets[i] is 0xa4 or 0xa5) kana++;
            }
            at += run;
        }
        if (high < ProofMin || single * 3 > high) return 1252;
        if (odd == 0 && lowerHalf + upperHalf < high) return kana * 4 > high ? 51932 : 54936;
        if ((lowerHalf + upperHalf) * 10 < high * 9) return 1252;
        // Words are mostly in small letters: above 0xE0 in Windows-1251, below it in KOI8-R.
        return upperHalf >= lowerHalf ? 1251 : 20866;
    }
}
