using System.Diagnostics.CodeAnalysis;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Mail.Mime;

/// <summary>A message to send, typed so that no value can add a header or a recipient of its own.</summary>
public sealed record OutgoingMessage
{
    public required Mailbox From { get; init; }

    /// <summary>Set when another mailbox than <see cref="From"/> hands the message in (RFC 5322 3.6.2).</summary>
    public Mailbox? Sender { get; init; }

    public Mailbox? ReplyTo { get; init; }

    /// <summary>At least one.</summary>
    public required IReadOnlyList<Mailbox> To { get; init; }

    public IReadOnlyList<Mailbox> Cc { get; init; } = [];

    public required HeaderText Subject { get; init; }

    /// <summary>Written to the second with its own offset.</summary>
    public required DateTimeOffset Date { get; init; }

    public required MessageId MessageId { get; init; }

    public MessageId? InReplyTo { get; init; }

    /// <summary>Oldest first; the writer keeps the first and the last 19 of a longer list.</summary>
    public IReadOnlyList<MessageId> References { get; init; } = [];

    /// <summary>Plain text with any line ends; always sent as UTF-8, CRLF.</summary>
    public required BodyText Text { get; init; }

    /// <summary>Unless empty, the message is multipart/alternative with <see cref="Text"/> first (RFC 2046 5.1.4).</summary>
    public BodyText Html { get; init; }

    public ListUnsubscribe? ListUnsubscribe { get; init; }

    public IReadOnlyList<ExtraHeader> Headers { get; init; } = [];

    /// <summary>Files, and the pictures of <see cref="Html"/>: those with a content id.</summary>
    public IReadOnlyList<Attachment> Attachments { get; init; } = [];

    /// <summary>An invitation or answer as a further alternative (RFC 6047).</summary>
    public CalendarPart? Calendar { get; init; }

    /// <summary>True when an address in a header is not ASCII, so that the header needs RFC 6532 and the transport SMTPUTF8.</summary>
    public bool NeedsSmtpUtf8 =>
        From.Address.NeedsSmtpUtf8 || Sender?.Address.NeedsSmtpUtf8 == true || ReplyTo?.Address.NeedsSmtpUtf8 == true
        || To.Concat(Cc).Any(mailbox => mailbox.Address.NeedsSmtpUtf8);
}

/// <summary>Text of a body: a string, or characters of a buffer that stays as it is until the message is written.</summary>
public readonly record struct BodyText(ReadOnlyMemory<char> Characters)
{
    public bool IsEmpty => Characters.IsEmpty;

    /// <summary>Null is no text.</summary>
    public static implicit operator BodyText(string? text) => FromString(text);

    public static implicit operator BodyText(ReadOnlyMemory<char> characters) => new(characters);

    public static BodyText FromString(string? text) => new(text.AsMemory());

    public override string ToString() => Characters.ToString();
}

/// <summary>A file that goes with a message.</summary>
public sealed record Attachment
{
    Attachment(HeaderText name, string mediaType, ReadOnlyMemory<byte> content)
    {
        Name = name;
        MediaType = mediaType;
        Content = content;
    }

    public HeaderText Name { get; }

    /// <summary>Type and subtype as tokens, no parameters.</summary>
    public string MediaType { get; }

    public ReadOnlyMemory<byte> Content { get; }

    /// <summary>When given, the file is a picture that the HTML shows as <c>cid:…</c> (RFC 2392), sent inline in multipart/related (RFC 2387).</summary>
    public MessageId? ContentId { get; init; }

    /// <param name="mediaType">Such as <c>application/pdf</c>; tokens of RFC 2045 5.1, at most 127 characters.</param>
    public static bool TryCreate(
        HeaderText name, string mediaType, ReadOnlyMemory<byte> content,
        [NotNullWhen(true)] out Attachment? attachment, [NotNullWhen(false)] out TextFault? fault)
    {
        attachment = null;
        var slash = mediaType.IndexOf('/', StringComparison.Ordinal);
        var odd = mediaType.Replace('/', 'x').AsSpan().IndexOfAnyExcept(Rfc2231.Token);
        fault = mediaType.Length > 127 ? new TextFault(TextReason.TooLong, 127)
            : slash <= 0 || slash == mediaType.Length - 1 ? new TextFault(TextReason.NotAllowedHere, Math.Max(slash, 0))
            : odd >= 0 ? new TextFault(TextReason.NotAllowedHere, odd)
            : mediaType.LastIndexOf('/') != slash ? new TextFault(TextReason.NotAllowedHere, mediaType.LastIndexOf('/'))
            : null;
        if (fault is not null) return false;
        attachment = new Attachment(name, mediaType, content);
        return true;
    }
}

/// <summary>An iCalendar object to send (RFC 5545, RFC 6047).</summary>
public sealed record CalendarPart
{
    CalendarPart(string method, string text)
    {
        Method = method;
        Text = text;
    }

    /// <summary>REQUEST, REPLY, CANCEL and so on, in upper case.</summary>
    public string Method { get; }

    /// <summary>The object, from BEGIN:VCALENDAR to END:VCALENDAR; any line ends.</summary>
    public string Text { get; }

    /// <param name="method">Letters only (RFC 5546 1.4), at most 20.</param>
    public static bool TryCreate(string method, string text, [NotNullWhen(true)] out CalendarPart? part, [NotNullWhen(false)] out TextFault? fault)
    {
        part = null;
        var odd = method.AsSpan().IndexOfAnyExcept(System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"));
        fault = method.Length == 0 ? new TextFault(TextReason.Empty, 0) : method.Length > 20 ? new TextFault(TextReason.TooLong, 20) : odd >= 0 ? new TextFault(TextReason.NotAllowedHere, odd) : null;
        if (fault is not null) return false;
        part = new CalendarPart(method.ToUpperInvariant(), text);
        return true;
    }
}
