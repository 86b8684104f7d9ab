using System.Text;

namespace PenguinMails.Mail.Mime;

/// <summary>Reads UTF-7 (RFC 2152), which old Exchange servers still send and the runtime no longer decodes.</summary>
static class Utf7
{
    public static string Text(ReadOnlySpan<byte> octets)
    {
        var text = new StringBuilder(octets.Length);
        for (var i = 0; i < octets.Length; i++)
        {
            if (octets[i] != '+')
            {
                text.Append((char)octets[i]);
                continue;
            }
            if (i + 1 < octets.Length && octets[i + 1] == '-')
            {
                text.Append('+');
                i++;
                continue;
            }
            var end = Shifted(octets, i + 1, text);
            // A plus that shifts nothing was meant as one.
            if (end == i + 1) text.Append('+');
            i = end < octets.Length && octets[end] == '-' && end > i + 1 ? end : end - 1;
        }
        return text.ToString();
    }

    /// <summary>Appends the UTF-16 units of a base64 run without padding; returns where the run ends.</summary>
    static int Shifted(ReadOnlySpan<byte> octets, int at, StringBuilder text)
    {
        var (bits, held) = (0, 0);
        for (; at < octets.Length; at++)
        {
            var value = Base64Text.Value(octets[at]);
            if (value < 0) break;
            bits = ((bits << 6) | value) & 0x3fffff;
            held += 6;
            if (held < 16) continue;
            held -= 16;
            text.Append((char)((bits >> held) & 0xffff));
        }
        return at;
    }
}
