using System.Text;

namespace PenguinMails.Mail.Mime;

/// <summary>Reads messages as they come: any line ends, any nesting within limits, no exception for any octets.</summary>
public sealed class MimeReader
{
    readonly MimeLimits limits;
    int parts;

    MimeReader(MimeLimits limits) => this.limits = limits;

    public static MimePart Read(ReadOnlyMemory<byte> message, MimeLimits limits) => new MimeReader(limits).Part(message, 0, false);

    /// <summary>Fields up to the first empty line, for blocks such as message/delivery-status.</summary>
    /// <param name="consumed">Octets up to and including the empty line.</param>
    public static IReadOnlyList<MimeHeader> ReadHeaders(ReadOnlySpan<byte> octets, MimeLimits limits, out int consumed)
    {
        var headers = new List<MimeHeader>();
        var field = new StringBuilder();
        consumed = 0;
        while (consumed < octets.Length)
        {
            var line = Line(octets[consumed..], out var length);
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
            if (field.Length < limits.HeaderOctetsMax) field.Append(Charsets.Header(line));
        }
        Add(headers, field, limits);
        return headers;
    }

    MimePart Part(ReadOnlyMemory<byte> octets, int depth, bool isDigestPart)
    {
        parts++;
        var headers = ReadHeaders(octets.Span, limits, out var consumed);
        var part = new MimePart(headers, octets[consumed..], isDigestPart, limits);
        var inner = part.MediaType switch
        {
            var type when type.StartsWith("multipart/", StringComparison.Ordinal) => Split(part),
            "message/rfc822" or "message/global" or "text/rfc822-headers" or "message/rfc822-headers" or "message/global-headers" => [part.Content()],
            _ => [],
        };
        if (inner.Count == 0) return part;
        if (depth >= limits.DepthMax)
        {
            part.IsCut = true;
            return part;
        }
        var read = new List<MimePart>();
        foreach (var piece in inner)
        {
            if (parts >= limits.PartsMax)
            {
                part.IsCut = true;
                break;
            }
            read.Add(Part(piece, depth + 1, part.MediaType == "multipart/digest"));
        }
        part.Parts = read;
        return part;
    }

    /// <summary>Pieces between delimiter lines (RFC 2046 5.1.1); a missing last delimiter ends the last piece at the end.</summary>
    List<ReadOnlyMemory<byte>> Split(MimePart part)
    {
        var pieces = new List<ReadOnlyMemory<byte>>();
        if (part.TypeParameters.GetValueOrDefault("boundary") is not { Length: > 0 } boundary) return pieces;
        var delimiter = Encoding.UTF8.GetBytes("--" + boundary);
        var body = part.Body;
        var (at, from) = (0, -1);
        while (at < body.Length)
        {
            var line = Line(body.Span[at..], out var length);
            if (line.StartsWith(delimiter))
            {
                var tail = line[delimiter.Length..].TrimEnd(" \t"u8);
                if (tail.IsEmpty || tail.SequenceEqual("--"u8))
                {
                    if (from >= 0) pieces.Add(body[from..Math.Max(from, EndBefore(body.Span, at))]);
                    from = at + length;
                    if (!tail.IsEmpty) return pieces;
                    if (pieces.Count > limits.PartsMax) return pieces;
                }
            }
            at += length;
        }
        if (from >= 0 && from < body.Length) pieces.Add(body[from..]);
        return pieces;
    }

    // The line end before a delimiter belongs to the delimiter.
    static int EndBefore(ReadOnlySpan<byte> body, int at)
    {
        if (at > 0 && body[at - 1] == '\n') at--;
        if (at > 0 && body[at - 1] == '\r') at--;
        return at;
    }

    internal static ReadOnlySpan<byte> Line(ReadOnlySpan<byte> octets, out int length)
    {
        var feed = octets.IndexOf((byte)'\n');
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
