using System.Text;

namespace PenguinMails.Mail.Mime;

/// <summary>The charset an HTML text names in its own head, for parts whose header names none (HTML Living Standard, prescan).</summary>
static class HtmlCharset
{
    const int PrescanMax = 4096;

    static readonly System.Buffers.SearchValues<byte> LabelEnd = System.Buffers.SearchValues.Create(" \t\r\n\"';/>"u8);

    public static string? Of(ReadOnlySpan<byte> html)
    {
        var head = html[..Math.Min(html.Length, PrescanMax)];
        while (true)
        {
            var tag = head.IndexOf("<"u8);
            if (tag < 0) return null;
            head = head[(tag + 1)..];
            if (head.Length < 5 || !Ascii.EqualsIgnoreCase(head[..4], "meta"u8)) continue;
            var close = head.IndexOf((byte)'>');
            if (Label(close < 0 ? head : head[..close]) is { } label) return label;
        }
    }

    static string? Label(ReadOnlySpan<byte> meta)
    {
        for (var at = 0; at + 8 < meta.Length; at++)
        {
            if ((meta[at] | 0x20) != 'c' || !Ascii.EqualsIgnoreCase(meta.Slice(at, 7), "charset"u8)) continue;
            var rest = meta[(at + 7)..].TrimStart(" \t\r\n"u8);
            if (!rest.StartsWith("="u8)) continue;
            rest = rest[1..].TrimStart(" \t\r\n\"'"u8);
            var end = rest.IndexOfAny(LabelEnd);
            var label = Encoding.Latin1.GetString(end < 0 ? rest : rest[..end]);
            // The octets were read as ASCII to get here, so they are no UTF-16, whatever they say.
            return label.StartsWith("utf-16", StringComparison.OrdinalIgnoreCase) ? "utf-8" : label;
        }
        return null;
    }
}
