using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Sandbox.Mails;

/// <summary>A message as the page of the sandbox shows it.</summary>
/// <param name="Number">Also the name of its file: 1, 2, 3 and so on, across restarts.</param>
/// <param name="Text">What a person would read; at most 20,000 characters.</param>
public sealed record ReceivedMail(long Number, string Recipient, string Subject, string Text, DateTimeOffset ReceivedAt);

/// <summary>A message taken, with what is needed to act on it.</summary>
/// <param name="Sender">Null for the null sender.</param>
sealed record Taken(EmailAddress? Sender, EmailAddress Recipient, ReadOnlyMemory<byte> Raw, MimePart Part, Behaviour Behaviour, DateTimeOffset At)
{
    public string? MessageId => Part.Raw("Message-ID")?.Trim().Trim('<', '>') is { Length: > 0 } id ? id : null;

    public string Subject => Part.Header("Subject") ?? "";

    /// <summary>The header as it came, its last line end included.</summary>
    public ReadOnlyMemory<byte> Header => Raw.Span.IndexOf("\r\n\r\n"u8) is >= 0 and var end ? Raw[..(end + 2)] : Raw;

    public JournalEntry Entry(JournalKind kind, DateTimeOffset at) => new(at, kind, Recipient.Text, Sender?.Text ?? "", MessageId, Subject, Behaviour);
}
