using System.Diagnostics.CodeAnalysis;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Mail.Mime;

/// <summary>One-click unsubscription (RFC 2369 3.2, RFC 8058): the pair of headers large providers ask of every bulk sender.</summary>
public sealed record ListUnsubscribe
{
    /// <summary>Characters of the escaped link.</summary>
    public const int LinkLengthMax = 900;

    ListUnsubscribe(string link, EmailAddress? mailTo)
    {
        Link = link;
        MailTo = mailTo;
    }

    /// <summary>Absolute and escaped: printable ASCII without angle brackets or commas.</summary>
    public string Link { get; }

    public EmailAddress? MailTo { get; }

    /// <summary>Takes an https link; http only to a loopback host, for trying the product on one machine (RFC 8058 3.1 demands https).</summary>
    public static bool TryCreate(
        Uri link, EmailAddress? mailTo, [NotNullWhen(true)] out ListUnsubscribe? value, [NotNullWhen(false)] out TextFault? fault)
    {
        value = null;
        fault = null;
        if (!link.IsAbsoluteUri || !(link.Scheme == Uri.UriSchemeHttps || (link.Scheme == Uri.UriSchemeHttp && link.IsLoopback)))
            fault = new TextFault(TextReason.NotAllowedHere, 0);
        var text = fault is null ? link.AbsoluteUri.Replace(",", "%2C", StringComparison.Ordinal) : "";
        if (text.Length > LinkLengthMax) fault = new TextFault(TextReason.TooLong, LinkLengthMax);
        var odd = text.AsSpan().IndexOfAnyExceptInRange('!', '~');
        if (odd < 0) odd = text.AsSpan().IndexOfAny('<', '>');
        if (odd >= 0) fault = new TextFault(TextReason.NotAllowedHere, odd);
        if (fault is not null) return false;
        value = new ListUnsubscribe(text, mailTo);
        return true;
    }

    /// <exception cref="FormatException">Refused by <see cref="TryCreate"/>.</exception>
    public static ListUnsubscribe Create(Uri link, EmailAddress? mailTo) => TryCreate(link, mailTo, out var value, out var fault)
        ? value
        : throw new FormatException($"Not an unsubscribe link: {fault.Reason} at {fault.Offset}.");
}
