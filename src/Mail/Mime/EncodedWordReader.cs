using System.Text;

namespace PenguinMails.Mail.Mime;

/// <summary>Decodes RFC 2047 words wherever they stand; what is not one stays as it is.</summary>
static class EncodedWordReader
{
    public static string Decode(string value)
    {
        if (!value.Contains("=?", StringComparison.Ordinal)) return value;
        var text = new StringBuilder();
        var held = new List<byte>();
        string? charset = null;
        var at = 0;
        while (at < value.Length)
        {
            var open = value.IndexOf("=?", at, StringComparison.Ordinal);
            if (open < 0) break;
            var gap = value[at..open];
            if (Word(value, open) is not { } word)
            {
                Release(text, held, ref charset);
                text.Append(gap).Append("=?");
                at = open + 2;
                continue;
            }
            // RFC 2047 6.2: blanks between two words are not there; a character cut between two words of one charset is made whole.
            var isAdjacent = charset is not null && string.IsNullOrWhiteSpace(gap);
            if (!isAdjacent || !word.Charset.Equals(charset, StringComparison.OrdinalIgnoreCase)) Release(text, held, ref charset);
            if (!isAdjacent) text.Append(gap);
            charset = word.Charset;
            held.AddRange(word.Octets);
            at = word.End;
        }
        Release(text, held, ref charset);
        return text.Append(value.AsSpan(at)).ToString();
    }

    static void Release(StringBuilder text, List<byte> held, ref string? charset)
    {
        if (charset is not null) text.Append(Charsets.Text([.. held], charset).Replace('\r', ' ').Replace('\n', ' ').Replace('\0', ' '));
        held.Clear();
        charset = null;
    }

    static (string Charset, byte[] Octets, int End)? Word(string value, int open)
    {
        var first = value.IndexOf('?', open + 2);
        if (first < 0 || first + 2 >= value.Length || value[first + 2] != '?') return null;
        var close = value.IndexOf("?=", first + 3, StringComparison.Ordinal);
        if (close < 0) return null;
        var body = Encoding.UTF8.GetBytes(value[(first + 3)..close]);
        var charset = value[(open + 2)..first].Split('*')[0]; // RFC 2231 5: a language may follow.
        return char.ToLowerInvariant(value[first + 1]) switch
        {
            'q' => (charset, TransferDecoding.QuotedPrintable(body, true), close + 2),
            'b' => (charset, TransferDecoding.Base64(body), close + 2),
            _ => null,
        };
    }
}
