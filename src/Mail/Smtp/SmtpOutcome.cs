namespace PenguinMails.Mail.Smtp;

/// <summary>How far a delivery had come when its outcome was settled.</summary>
public enum SmtpStage
{
    Connect,
    Greeting,
    Ehlo,
    Tls,
    Auth,
    Mail,
    Rcpt,
    Data,
    EndOfData,
}

/// <summary>What became of a message. Every value but <see cref="Accepted"/> and <see cref="InDoubt"/> proves that it was not delivered.</summary>
public enum SmtpKind
{
    /// <summary>The server took responsibility (RFC 5321 4.2.5).</summary>
    Accepted,

    /// <summary>A 4xx reply: try later.</summary>
    TransientRefusal,

    /// <summary>A 5xx reply: do not try again unchanged.</summary>
    PermanentRefusal,

    /// <summary>No connection, silence, hang-up, garbage or a failed handshake before the write that ends the message began.</summary>
    ConnectionLostBeforeData,

    /// <summary>The write with the final dot began and no clear reply came back: the server may or may not have the message.</summary>
    InDoubt,

    /// <summary>The caller's last gate said no; nothing of the transaction was written.</summary>
    Withheld,

    /// <summary>The server does not offer what the message or the policy needs (TLS, AUTH, SMTPUTF8, SIZE); nothing was sent.</summary>
    Unsupported,
}

/// <summary>The verdict on one message, or on opening a connection.</summary>
/// <param name="Code">The reply code, 0 when no reply decided.</param>
/// <param name="EnhancedCode">As in RFC 3463, such as <c>5.1.1</c>; null when the reply had none.</param>
/// <param name="Text">The reply without its codes, lines joined by a space, controls replaced, at most 2000 characters;
/// our own words when no reply decided.</param>
public sealed record SmtpOutcome(SmtpStage Stage, SmtpKind Kind, int Code, string? EnhancedCode, string Text)
{
    internal static SmtpOutcome Of(SmtpStage stage, SmtpReply reply) => reply.Fault switch
    {
        ReplyFault.None => new SmtpOutcome(stage, KindOf(stage, reply.Code), reply.Code, reply.Enhanced, reply.Text),
        ReplyFault.Closed => Lost(stage, "The server closed the connection."),
        ReplyFault.TimedOut => Lost(stage, "The server did not answer in time."),
        ReplyFault.Malformed => Lost(stage, "The server's answer is not an SMTP reply."),
        ReplyFault.TooLong => Lost(stage, "The server's answer is longer than a reply may be."),
    };

    /// <summary>A loss before the final write began.</summary>
    internal static SmtpOutcome Lost(SmtpStage stage, string text) =>
        new(stage, stage == SmtpStage.EndOfData ? SmtpKind.InDoubt : SmtpKind.ConnectionLostBeforeData, 0, null, text);

    internal static SmtpOutcome Unsupported(SmtpStage stage, string text) => new(stage, SmtpKind.Unsupported, 0, null, text);

    static SmtpKind KindOf(SmtpStage stage, int code) => (code / 100) switch
    {
        2 => SmtpKind.Accepted,
        4 => SmtpKind.TransientRefusal,
        5 => SmtpKind.PermanentRefusal,
        // 3xx where none belongs: after the final dot nobody can tell, before it nothing was delivered.
        _ => stage == SmtpStage.EndOfData ? SmtpKind.InDoubt : SmtpKind.ConnectionLostBeforeData,
    };
}
