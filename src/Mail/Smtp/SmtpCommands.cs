using System.Globalization;
using System.Text;

namespace PenguinMails.Mail.Smtp;

/// <summary>The lines of a transaction as this server understands them.</summary>
sealed class SmtpCommands(SmtpWire wire, SmtpCapabilities capabilities)
{
    /// <summary>All that goes before the content, in one group (RFC 2920 3.1).</summary>
    /// <returns>Octets written.</returns>
    public int Group(bool resets, SmtpEnvelope envelope, ReadOnlyMemory<byte> message, bool withData, Span<byte> room)
    {
        var length = resets ? Put("RSET", room, 0) : 0;
        length += Put(Mail(envelope, message), room, length);
        length += Put(Rcpt(envelope), room, length);
        if (withData) length += Put("DATA", room, length);
        return length;
    }

    public string Mail(SmtpEnvelope envelope, ReadOnlyMemory<byte> message)
    {
        var size = capabilities.Sizes ? string.Create(CultureInfo.InvariantCulture, $" SIZE={message.Length}") : "";
        // Without 8BITMIME the octets go all the same: servers that alter them have died out, and our bodies are 7 bit.
        var body = capabilities.EightBitMime && !Ascii.IsValid(message.Span) ? " BODY=8BITMIME" : "";
        var utf8 = envelope.NeedsSmtpUtf8 ? " SMTPUTF8" : "";
        var dsn = capabilities.Dsn && envelope.Dsn is { } wish ? wish.MailParameters : "";
        return $"MAIL FROM:<{envelope.Sender?.Text}>{size}{body}{utf8}{dsn}{(envelope.RequiresTls ? " REQUIRETLS" : "")}";
    }

    public string Rcpt(SmtpEnvelope envelope) => $"RCPT TO:<{envelope.Recipient.Text}>{(capabilities.Dsn && envelope.Dsn is { } wish ? wish.RcptParameters : "")}";

    public int Put(string command, Span<byte> room, int at)
    {
        wire.Dialogue?.Client(command);
        var length = Encoding.UTF8.GetBytes(command, room[at..]);
        "\r\n"u8.CopyTo(room[(at + length)..]);
        return length + 2;
    }
}
