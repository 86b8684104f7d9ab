namespace PenguinMails.Mail.Smtp;

/// <summary>The message that will be sent after this one on the same connection, known while this one is sent.</summary>
/// <param name="Envelope">As it will be given to <see cref="SmtpConnection"/>.</param>
/// <param name="Message">The very memory that will be given to it.</param>
public sealed record SmtpNext(SmtpEnvelope Envelope, ReadOnlyMemory<byte> Message);
