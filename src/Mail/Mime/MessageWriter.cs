using System.Buffers;
using System.Globalization;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Mail.Mime;

/// <summary>What the way to the recipient can carry.</summary>
public enum MessageForm
{
    /// <summary>ASCII only: encoded words in the header, quoted-printable or base64 below it. Every server takes it.</summary>
    SevenBit,

    /// <summary>UTF-8 in the header (RFC 6532) and in texts: only for a server that offers SMTPUTF8 and 8BITMIME.</summary>
    Utf8,
}

/// <summary>Writes a message as it goes on the wire, before dot-stuffing: CRLF only, header lines folded at 78, every line within 998.</summary>
public static class MessageWriter
{
    const int ReferencesMax = 20;
    const int SpareMax = 64 * 1024; // Octets that a thread keeps room for.

    [ThreadStatic]
    static ArrayBufferWriter<byte>? spare;

    /// <returns>The whole message; equal input gives equal octets, boundary included.</returns>
    public static byte[] Write(OutgoingMessage message, MessageForm form = MessageForm.SevenBit)
    {
        var output = spare ?? new(message.Text.Characters.Length + message.Html.Characters.Length + 2048);
        spare = null; // Whatever is thrown meanwhile, nobody gets a half of this message.
        Write(message, output, form);
        var written = output.WrittenSpan.ToArray();
        output.ResetWrittenCount();
        spare = output.Capacity <= SpareMax ? output : null;
        return written;
    }

    /// <exception cref="ArgumentException">No recipient: a caller's bug.</exception>
    public static void Write(OutgoingMessage message, IBufferWriter<byte> output, MessageForm form = MessageForm.SevenBit)
    {
        if (message.To.Count == 0) throw new ArgumentException("A message needs a recipient.", nameof(message));
        var header = new HeaderWriter(output, form == MessageForm.Utf8);
        Addresses(ref header, "From", message.From);
        if (message.Sender is { } sender) Addresses(ref header, "Sender", sender);
        if (message.ReplyTo is { } replyTo) Addresses(ref header, "Reply-To", replyTo);
        Addresses(ref header, "To", message.To);
        if (message.Cc.Count > 0) Addresses(ref header, "Cc", message.Cc);
        Text(ref header, "Subject", message.Subject);
        Date(ref header, message.Date);
        Threads(ref header, message);
        Unsubscribe(ref header, message.ListUnsubscribe);
        foreach (var extra in message.Headers) Text(ref header, extra.Name, extra.Value);
        header.Field("MIME-Version", "1.0");
        new BodyWriter(output, message, form).Write(ref header);
    }

    static void Text(ref HeaderWriter header, string name, HeaderText value)
    {
        header.Begin(name);
        if (value.Value.Length == 0) header.Raw(" ");
        header.Unstructured(value.Value);
        header.End();
    }

    static void Addresses(ref HeaderWriter header, string name, params ReadOnlySpan<Mailbox> mailboxes)
    {
        header.Begin(name);
        for (var i = 0; i < mailboxes.Length; i++) Address(ref header, mailboxes[i], i == mailboxes.Length - 1);
        header.End();
    }

    static void Addresses(ref HeaderWriter header, string name, IReadOnlyList<Mailbox> mailboxes)
    {
        header.Begin(name);
        for (var i = 0; i < mailboxes.Count; i++) Address(ref header, mailboxes[i], i == mailboxes.Count - 1);
        header.End();
    }

    static void Address(ref HeaderWriter header, Mailbox mailbox, bool isLast)
    {
        if (mailbox.Name is { Value.Length: > 0 } display)
        {
            header.Phrase(display.Value);
            header.Token("<" + mailbox.Address.Text + (isLast ? ">" : ">,"));
        }
        else
        {
            header.Token(isLast ? mailbox.Address.Text : mailbox.Address.Text + ",");
        }
    }

    static void Date(ref HeaderWriter header, DateTimeOffset date)
    {
        var offset = date.Offset;
        header.Field("Date", string.Create(CultureInfo.InvariantCulture, $"{date:ddd, dd MMM yyyy HH:mm:ss} {(offset < TimeSpan.Zero ? '-' : '+')}{offset:hhmm}"));
    }

    static void Threads(ref HeaderWriter header, OutgoingMessage message)
    {
        header.Field("Message-ID", message.MessageId.ToString());
        if (message.InReplyTo is { } parent) header.Field("In-Reply-To", parent.ToString());
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
        header.Field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
    }
}
