using System.Globalization;
using System.Security.Cryptography;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;
using PenguinMails.Sandbox.Mails;
using Mailbox = PenguinMails.Mail.Addresses.Mailbox;
using MessageId = PenguinMails.Mail.Mime.MessageId;

namespace PenguinMails.Sandbox.Comebacks;

/// <summary>Answers to a message: a person's, and an absence notice.</summary>
static class Answers
{
    const int SubjectLengthMax = 500;
    const int QuoteLinesMax = 20;

    /// <summary>A person's reply to the Reply-To or From address, the message quoted below. Null when there is no such address.</summary>
    public static Comeback? Human(Taken mail, DateTimeOffset now)
    {
        if ((Address(mail.Part.Raw("Reply-To")) ?? Address(mail.Part.Raw("From"))) is not { } to) return null;
        var subject = mail.Subject.StartsWith("re:", StringComparison.OrdinalIgnoreCase) ? mail.Subject : "Re: " + mail.Subject;
        var text = $"""
            Hi,

            thanks for writing, this could be interesting for us.
            Could you tell me a little more next week?

            Best regards
            {Name(mail.Recipient)}

            {On(mail, to)}
            {Quote(mail.Part.ReadableText())}

            """;
        return new Comeback(mail.Recipient, to, MessageWriter.Write(Message(mail, to, subject, text, now)));
    }

    /// <summary>An absence notice to the return path, from the null sender (RFC 3834 3.3 and 4).</summary>
    public static Comeback? Absence(Taken mail, DateTimeOffset now)
    {
        if (mail.Sender is not { } to) return null;
        var text = $"""
            Thank you for your message. I am out of the office until {now.AddDays(7).ToString("dddd, d MMMM", CultureInfo.InvariantCulture)}
            and will answer when I am back. Your message is not forwarded.

            {Name(mail.Recipient)}

            """;
        var message = Message(mail, to, "Automatic reply: " + mail.Subject, text, now) with
        {
            Headers = [ExtraHeader.Create("Auto-Submitted", "auto-replied"), ExtraHeader.Create("X-Auto-Response-Suppress", "All")],
        };
        return new Comeback(null, to, MessageWriter.Write(message));
    }

    static OutgoingMessage Message(Taken mail, EmailAddress to, string subject, string text, DateTimeOffset now)
    {
        var parent = MessageId.TryParse(mail.Part.Raw("Message-ID"), out var id, out _) ? id : null;
        return new OutgoingMessage
        {
            From = new Mailbox(mail.Recipient, HeaderText.Create(Name(mail.Recipient))),
            To = [new Mailbox(to)],
            Subject = HeaderText.Create(Line(subject)),
            Date = now,
            MessageId = MessageId.Create(mail.Recipient.Domain, RandomNumberGenerator.Fill),
            InReplyTo = parent,
            // RFC 5322 3.6.4: the parent's References, then its Message-ID.
            References = [.. Ids(mail.Part.Raw("References")), .. parent is null ? Array.Empty<MessageId>() : [parent]],
            Text = text,
        };
    }

    static IEnumerable<MessageId> Ids(string? header)
    {
        foreach (var word in (header ?? "").Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
            if (MessageId.TryParse(word, out var id, out _)) yield return id;
    }

    static string On(Taken mail, EmailAddress from) =>
        $"On {mail.At.ToString("ddd, MMM d, yyyy 'at' h:mm tt", CultureInfo.InvariantCulture)} <{from.Text}> wrote:";

    static string Quote(string text) => string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Take(QuoteLinesMax).Select(line => "> " + line));

    // anna.meyer+reply becomes Anna Meyer.
    static string Name(EmailAddress address)
    {
        var words = address.Local.Trim('"').Split('+')[0].Split(['.', '-', '_'], StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 0 ? "A person" : Line(string.Join(' ', words.Select(word => char.ToUpperInvariant(word[0]) + word[1..])));
    }

    static string Line(string text)
    {
        var line = new string([.. text.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c)]).Trim();
        var cut = line.Length > SubjectLengthMax ? line[..SubjectLengthMax] : line;
        return HeaderText.TryCreate(cut, out _, out _) ? cut : "(unreadable)";
    }

    internal static EmailAddress? Address(string? header)
    {
        var text = header ?? "";
        var open = text.LastIndexOf('<');
        if (open >= 0) text = text[(open + 1)..].Split('>')[0];
        return EmailAddress.TryParse(text, out var address, out _) ? address : null;
    }
}
