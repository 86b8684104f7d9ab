using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Mail.Mime;

/// <summary>Writes a message as it goes on the wire, before dot-stuffing: CRLF only, header lines folded at 78, every line within 998.</summary>
public static class MessageWriter
{
    const int ReferencesMax = 20;
    const int BodyLineMax = 998;

    /// <returns>The whole message; equal input gives equal octets, boundary included.</returns>
    public static byte[] Write(OutgoingMessage message)
    {
        var output = new ArrayBufferWriter<byte>(message.Text.Length + (message.Html?.Length ?? 0) + 2048);
        Write(message, output);
        return output.WrittenSpan.ToArray();
    }

    /// <exception cref="ArgumentException">No recipient: a caller's bug.</exception>
    public static void Write(OutgoingMessage message, IBufferWriter<byte> output)
    {
        if (message.To.Count == 0) throw new ArgumentException("A message needs a recipient.", nameof(message));
        var header = new HeaderWriter(output);
        Addresses(ref header, "From", [message.From]);
        if (message.Sender is { } sender) Addresses(ref header, "Sender", [sender]);
        if (message.ReplyTo is { } replyTo) Addresses(ref header, "Reply-To", [replyTo]);
        Addresses(ref header, "To", message.To);
        if (message.Cc.Count > 0) Addresses(ref header, "Cc", message.Cc);
        header.Begin("Subject");
        if (message.Subject.Value.Length == 0) header.Raw(" ");
        header.Unstructured(message.Subject.Value);
        header.End();
        Field(ref header, "Date", message.Date.ToString("ddd, dd MMM yyyy HH:mm:ss ", CultureInfo.InvariantCulture) + Offset(message.Date.Offset));
        Threads(ref header, message);
        Unsubscribe(ref header, message.ListUnsubscribe);
        foreach (var extra in message.Headers)
        {
            header.Begin(extra.Name);
            if (extra.Value.Value.Length == 0) header.Raw(" ");
            header.Unstructured(extra.Value.Value);
            header.End();
        }
        Field(ref header, "MIME-Version", "1.0");
        Body(ref header, message, output);
    }

    static void Addresses(ref HeaderWriter header, string name, IReadOnlyList<Mailbox> mailboxes)
    {
        header.Begin(name);
        for (var i = 0; i < mailboxes.Count; i++)
        {
            var comma = i == mailboxes.Count - 1 ? "" : ",";
            var mailbox = mailboxes[i];
            if (mailbox.Name is { Value.Length: > 0 } display)
            {
                header.Phrase(display.Value);
                header.Token("<" + mailbox.Address.Text + ">" + comma);
            }
            else
            {
                header.Token(mailbox.Address.Text + comma);
            }
        }
        header.End();
    }

    static void Threads(ref HeaderWriter header, OutgoingMessage message)
    {
        Field(ref header, "Message-ID", message.MessageId.ToString());
        if (message.InReplyTo is { } parent) Field(ref header, "In-Reply-To", parent.ToString());
        if (message.References.Count == 0) return;
        header.Begin("References");
        for (var i = 0; i < message.References.Count; i++)
            if (i == 0 || i > message.References.Count - ReferencesMax)
                header.Token(message.References[i].ToString());
        header.End();
    }

    static void Unsubscribe(ref HeaderWriter header, ListUnsubscribe? unsubscribe)
    {
        if (unsubscribe is null) return;
        header.Begin("List-Unsubscribe");
        header.Token("<" + unsubscribe.Link + ">" + (unsubscribe.MailTo is null ? "" : ","));
        if (unsubscribe.MailTo is { } mailTo)
            header.Token($"<mailto:{Uri.EscapeDataString(mailTo.Local)}@{mailTo.Domain.Ascii}?subject=unsubscribe>");
        header.End();
        Field(ref header, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
    }

    static void Body(ref HeaderWriter header, OutgoingMessage message, IBufferWriter<byte> output)
    {
        var text = Normalized(message.Text);
        var html = message.Html is null ? null : Normalized(message.Html);
        var boundary = message.Attachments.Count > 0 || html is not null ? Boundary(message, text, html) : "";
        if (message.Attachments.Count == 0)
        {
            Content(ref header, text, html, boundary, output);
            return;
        }
        Multipart(ref header, "multipart/mixed", boundary, output);
        Content(ref header, text, html, boundary + "a", output);
        foreach (var attachment in message.Attachments)
        {
            Delimiter(output, boundary, "");
            File(ref header, attachment, output);
        }
        Delimiter(output, boundary, "--");
    }

    static void Content(ref HeaderWriter header, byte[] text, byte[]? html, string boundary, IBufferWriter<byte> output)
    {
        if (html is null)
        {
            Part(ref header, "text/plain", text, output);
            return;
        }
        Multipart(ref header, "multipart/alternative", boundary, output);
        Part(ref header, "text/plain", text, output);
        Delimiter(output, boundary, "");
        Part(ref header, "text/html", html, output);
        Delimiter(output, boundary, "--");
    }

    static void Part(ref HeaderWriter header, string mediaType, byte[] text, IBufferWriter<byte> output)
    {
        var isPlain = IsSevenBit(text);
        Field(ref header, "Content-Type", mediaType + "; charset=utf-8");
        Field(ref header, "Content-Transfer-Encoding", isPlain ? "7bit" : "quoted-printable");
        header.End();
        if (isPlain) output.Write(text);
        else QuotedPrintable.Write(text, output);
        if (!text.AsSpan().EndsWith("\r\n"u8)) output.Write("\r\n"u8);
    }

    static void File(ref HeaderWriter header, Attachment attachment, IBufferWriter<byte> output)
    {
        Field(ref header, "Content-Type", attachment.MediaType);
        Field(ref header, "Content-Transfer-Encoding", "base64");
        header.Begin("Content-Disposition");
        header.Token("attachment;");
        var pieces = Rfc2231.Parameter("filename", attachment.Name.Value).ToArray();
        for (var i = 0; i < pieces.Length; i++) header.Token(pieces[i] + (i == pieces.Length - 1 ? "" : ";"));
        header.End();
        header.End();
        for (var rest = attachment.Content.Span; !rest.IsEmpty; rest = rest[Math.Min(57, rest.Length)..])
        {
            // 57 octets make a line of 76 (RFC 2045 6.8).
            Base64.EncodeToUtf8(rest[..Math.Min(57, rest.Length)], output.GetSpan(78), out _, out var written);
            output.Advance(written);
            output.Write("\r\n"u8);
        }
    }

    static void Multipart(ref HeaderWriter header, string mediaType, string boundary, IBufferWriter<byte> output)
    {
        header.Begin("Content-Type");
        header.Token(mediaType + ";");
        header.Token("boundary=\"" + boundary + "\"");
        header.End();
        header.End();
        output.Write(Encoding.ASCII.GetBytes("--" + boundary + "\r\n"));
    }

    static void Delimiter(IBufferWriter<byte> output, string boundary, string close)
    {
        // Each part ends with its own CRLF; this one belongs to the delimiter (RFC 2046 5.1.1).
        output.Write(Encoding.ASCII.GetBytes("\r\n--" + boundary + close + "\r\n"));
    }

    static void Field(ref HeaderWriter header, string name, string value)
    {
        header.Begin(name);
        header.Token(value);
        header.End();
    }

    static string Offset(TimeSpan offset) =>
        (offset < TimeSpan.Zero ? "-" : "+") + offset.ToString("hhmm", CultureInfo.InvariantCulture);

    // A digest of the content cannot occur in it by chance, and "=_" cannot stand in quoted-printable at all.
    static string Boundary(OutgoingMessage message, byte[] text, byte[]? html)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        digest.AppendData(Encoding.ASCII.GetBytes(message.MessageId.Value));
        digest.AppendData(text);
        digest.AppendData(html ?? []);
        foreach (var attachment in message.Attachments) digest.AppendData(attachment.Content.Span);
        return "=_" + Convert.ToHexStringLower(digest.GetHashAndReset().AsSpan(0, 16));
    }

    /// <summary>UTF-8 with CRLF for every CRLF, bare CR and bare LF; ill-formed UTF-16 becomes U+FFFD.</summary>
    static byte[] Normalized(string text) => Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n"));

    static bool IsSevenBit(ReadOnlySpan<byte> text)
    {
        if (!Ascii.IsValid(text) || text.Contains((byte)0) || text.StartsWith("From "u8) || text.IndexOf("\nFrom "u8) >= 0) return false;
        for (var rest = text; !rest.IsEmpty;)
        {
            var end = rest.IndexOf("\r\n"u8);
            if ((end < 0 ? rest.Length : end) > BodyLineMax) return false;
            if (end < 0) break;
            rest = rest[(end + 2)..];
        }
        return true;
    }
}
