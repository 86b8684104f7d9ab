using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace PenguinMails.Mail.Mime;

/// <summary>Writes what stands below the header: mixed(alternative(text, related(html, pictures), calendar), files), each level only where needed.</summary>
sealed class BodyWriter(IBufferWriter<byte> output, OutgoingMessage message, MessageForm form)
{
    const int LineMax = 998;
    const int BoundaryMax = 66; // With "=_", a level and a delimiter's hyphens it stays within 70 (RFC 2046 5.1.1).
    const int Base64Line = 57; // Octets that make a line of 76 (RFC 2045 6.8).

    readonly string boundary = Boundary(message.MessageId.Value);

    public void Write(ref HeaderWriter header)
    {
        if (message.Attachments.All(IsInline))
        {
            Alternatives(ref header);
            return;
        }
        Multipart(ref header, "multipart/mixed", "m");
        Alternatives(ref header);
        foreach (var file in message.Attachments)
        {
            if (IsInline(file)) continue;
            Delimiter("m", "");
            File(ref header, file);
        }
        Delimiter("m", "--");
    }

    // A picture without an HTML to show it is a file like others.
    bool IsInline(Attachment file) => file.ContentId is not null && !message.Html.IsEmpty;

    void Alternatives(ref HeaderWriter header)
    {
        if (message.Html.IsEmpty && message.Calendar is null)
        {
            Text(ref header, "text/plain; charset=utf-8", message.Text.Characters.Span);
            return;
        }
        Multipart(ref header, "multipart/alternative", "a");
        Text(ref header, "text/plain; charset=utf-8", message.Text.Characters.Span);
        if (!message.Html.IsEmpty)
        {
            Delimiter("a", "");
            Html(ref header, message.Html.Characters.Span);
        }
        if (message.Calendar is { } calendar)
        {
            Delimiter("a", "");
            // RFC 6047 2.4: the method stands in the type as in the object.
            Text(ref header, "text/calendar; charset=utf-8; method=" + calendar.Method, calendar.Text);
        }
        Delimiter("a", "--");
    }

    void Html(ref HeaderWriter header, ReadOnlySpan<char> html)
    {
        if (!message.Attachments.Any(IsInline))
        {
            Text(ref header, "text/html; charset=utf-8", html);
            return;
        }
        Multipart(ref header, "multipart/related", "r", "type=\"text/html\"");
        Text(ref header, "text/html; charset=utf-8", html);
        foreach (var file in message.Attachments)
        {
            if (!IsInline(file)) continue;
            Delimiter("r", "");
            File(ref header, file);
        }
        Delimiter("r", "--");
    }

    void Text(ref HeaderWriter header, string type, ReadOnlySpan<char> text)
    {
        // UTF-8 with CRLF for every CRLF, bare CR and bare LF; ill-formed UTF-16 becomes U+FFFD.
        var lines = LineEnds.AreCrLf(text) ? text : LineEnds.ToCrLf(text.ToString());
        var rented = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(lines.Length));
        var octets = rented.AsSpan(0, Encoding.UTF8.GetBytes(lines, rented));
        var isAscii = Ascii.IsValid(octets);
        var encoding = !(isAscii || form == MessageForm.Utf8) || !IsPlain(octets) ? "quoted-printable" : isAscii ? "7bit" : "8bit";
        header.Field("Content-Type", type);
        header.Field("Content-Transfer-Encoding", encoding);
        header.End();
        if (encoding == "quoted-printable") QuotedPrintable.Write(octets, output);
        else output.Write(octets);
        if (!octets.EndsWith("\r\n"u8)) output.Write("\r\n"u8);
        ArrayPool<byte>.Shared.Return(rented);
    }

    void File(ref HeaderWriter header, Attachment file)
    {
        header.Begin("Content-Type");
        header.Token(file.MediaType + (file.Name.Value.Length > 0 ? ";" : ""));
        // Readers that do not know RFC 2231 look for the name here, as an encoded word where it needs one.
        if (file.Name.Value.Length > 0) header.NameParameter(file.Name.Value);
        header.End();
        header.Field("Content-Transfer-Encoding", "base64");
        if (file.ContentId is { } id) header.Field("Content-ID", id.ToString());
        header.Begin("Content-Disposition");
        var pieces = file.Name.Value.Length == 0 ? [] : Rfc2231.Parameter("filename", file.Name.Value, form == MessageForm.Utf8).ToArray();
        header.Token((IsInline(file) ? "inline" : "attachment") + (pieces.Length > 0 ? ";" : ""));
        for (var i = 0; i < pieces.Length; i++) header.Token(pieces[i] + (i == pieces.Length - 1 ? "" : ";"));
        header.End();
        header.End();
        for (var rest = file.Content.Span; !rest.IsEmpty; rest = rest[Math.Min(Base64Line, rest.Length)..])
        {
            var line = output.GetSpan(80);
            Base64.EncodeToUtf8(rest[..Math.Min(Base64Line, rest.Length)], line, out _, out var written);
            "\r\n"u8.CopyTo(line[written..]);
            output.Advance(written + 2);
        }
    }

    void Multipart(ref HeaderWriter header, string mediaType, string level, string? parameter = null)
    {
        header.Begin("Content-Type");
        header.Token(mediaType + ";");
        if (parameter is not null) header.Token(parameter + ";");
        header.Token("boundary=\"" + boundary + level + "\"");
        header.End();
        header.End();
        Line("--", level, "");
    }

    // Each part ends with its own CRLF; this one belongs to the delimiter (RFC 2046 5.1.1).
    void Delimiter(string level, string close) => Line("\r\n--", level, close);

    void Line(string before, string level, string close)
    {
        Span<char> line = stackalloc char[80];
        line.TryWrite($"{before}{boundary}{level}{close}\r\n", out var length);
        output.Advance(Encoding.ASCII.GetBytes(line[..length], output.GetSpan(length)));
    }

    // "=_" cannot stand in quoted-printable or base64, and a text that has it where a delimiter would is quoted.
    static string Boundary(string messageId)
    {
        Span<char> text = stackalloc char[Math.Min(messageId.Length, BoundaryMax)];
        for (var i = 0; i < text.Length; i++) text[i] = char.IsAsciiLetterOrDigit(messageId[i]) ? messageId[i] : '.';
        return string.Concat("=_", text);
    }

    /// <summary>Text that can go as it is: no NUL, no line beyond 998, nothing that an mbox store or a delimiter would be taken for.</summary>
    static bool IsPlain(ReadOnlySpan<byte> text)
    {
        if (text.Contains((byte)0) || text.StartsWith("From "u8) || text.StartsWith("--=_"u8) || text.IndexOf("\nFrom "u8) >= 0 || text.IndexOf("\n--=_"u8) >= 0) return false;
        for (var rest = text; rest.Length > LineMax;)
        {
            // Far ahead first: most lines are short, so this looks at one line end in a thousand octets.
            var end = rest[..(LineMax + 1)].LastIndexOf("\r\n"u8);
            if (end < 0 && !rest[LineMax..].StartsWith("\r\n"u8)) return false;
            rest = rest[((end < 0 ? LineMax : end) + 2)..];
        }
        return true;
    }
}
