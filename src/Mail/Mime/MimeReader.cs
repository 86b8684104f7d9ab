using System.Text;

namespace PenguinMails.Mail.Mime;

/// <summary>Reads messages as they come: any line ends, any nesting within limits, no exception for any octets.</summary>
public static class MimeReader
{
    /// <summary>The message with its parts; bodies are slices of <paramref name="message"/>, decoded when asked for.</summary>
    /// <remarks>Repairs are listed in <see cref="MimePart.Defects"/>. Messages inside that were encoded are decoded, up to twice the input in all.</remarks>
    public static MimePart Read(ReadOnlyMemory<byte> message, MimeLimits limits)
    {
        var defects = new MimeDefects(limits.DefectsMax);
        var tree = new MimeTree(message, limits, defects, new MimeCount(), 0, null);
        tree.Budget = ((long)message.Length * 2) + (64 * 1024);
        var root = tree.Read();
        root.Defects = defects.Found;
        return root;
    }

    /// <summary>Fields up to the first empty line, for blocks such as message/delivery-status.</summary>
    /// <param name="consumed">Octets up to and including the empty line.</param>
    public static IReadOnlyList<MimeHeader> ReadHeaders(ReadOnlySpan<byte> octets, MimeLimits limits, out int consumed)
    {
        var headers = new List<MimeHeader>();
        var field = new StringBuilder();
        // Where no LF is, a CR ends the line; elsewhere it is a stray octet.
        var end = octets.Contains((byte)'\n') ? (byte)'\n' : (byte)'\r';
        consumed = 0;
        while (consumed < octets.Length)
        {
            var line = Line(octets[consumed..], end, out var length);
            if (line.IsEmpty)
            {
                consumed += length;
                break;
            }
            var isFold = line[0] is (byte)' ' or (byte)'\t';
            // Text where a header should be: the header is over, or never was; mbox's own first line apart (RFC 4155).
            if (!isFold && headers.Count == 0 && field.Length == 0 && line.IndexOf((byte)':') <= 0 && !line.StartsWith("From "u8)) break;
            consumed += length;
            if (!isFold) Add(headers, field, limits);
            if (field.Length < limits.HeaderOctetsMax) field.Append(Charsets.Utf8OrNull(line) ?? Charsets.Legacy(line, null));
        }
        Add(headers, field, limits);
        return headers;
    }

    static ReadOnlySpan<byte> Line(ReadOnlySpan<byte> octets, byte end, out int length)
    {
        var feed = octets.IndexOf(end);
        length = feed < 0 ? octets.Length : feed + 1;
        var line = feed < 0 ? octets : octets[..feed];
        return line.EndsWith("\r"u8) ? line[..^1] : line;
    }

    static void Add(List<MimeHeader> headers, StringBuilder field, MimeLimits limits)
    {
        var text = field.ToString();
        field.Clear();
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || headers.Count >= limits.HeadersMax) return;
        headers.Add(new MimeHeader(text[..colon].TrimEnd(' ', '\t'), text[(colon + 1)..].Trim(' ', '\t').Replace('\r', ' ').Replace('\0', ' ')));
    }
}
