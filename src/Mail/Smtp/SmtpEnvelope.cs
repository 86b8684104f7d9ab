using System.Text;

namespace PenguinMails.Mail.Smtp;

/// <summary>Who a message goes from and to, apart from its headers (RFC 5321 2.3.1): one recipient, so that one verdict fits.</summary>
/// <param name="Sender">The return path; null for the null sender of reports.</param>
public sealed record SmtpEnvelope(Addresses.EmailAddress? Sender, Addresses.EmailAddress Recipient)
{
    /// <summary>Which reports are wished for; not said to servers that do not offer DSN.</summary>
    public SmtpDsn? Dsn { get; init; }

    /// <summary>The message may only travel over verified TLS, here and on every later hop (RFC 8689); else the outcome is <see cref="SmtpKind.Unsupported"/>.</summary>
    public bool RequiresTls { get; init; }

    /// <summary>True when the message itself has UTF-8 in address headers (<see cref="Mime.OutgoingMessage.NeedsSmtpUtf8"/>).</summary>
    public bool HasUtf8Headers { get; init; }

    internal bool NeedsSmtpUtf8 => HasUtf8Headers || Recipient.NeedsSmtpUtf8 || Sender?.NeedsSmtpUtf8 == true;
}

/// <summary>When a report is to come (RFC 3461 4.1).</summary>
[Flags]
public enum DsnNotify
{
    /// <summary>Never, not even for a failure.</summary>
    Never = 0,
    Success = 1,
    Failure = 2,
    Delay = 4,
}

/// <summary>A wish for reports (RFC 3461).</summary>
/// <param name="Notify">NOTIFY; failure and delay unless said otherwise.</param>
/// <param name="ReturnsWhole">RET=FULL instead of RET=HDRS.</param>
/// <param name="EnvelopeId">ENVID: comes back as Original-Envelope-Id. Printable ASCII, at most 100 characters before encoding; null leaves it out.</param>
/// <param name="OriginalRecipient">ORCPT as an address; null leaves it out.</param>
public sealed record SmtpDsn(
    DsnNotify Notify = DsnNotify.Failure | DsnNotify.Delay, bool ReturnsWhole = false, string? EnvelopeId = null, Addresses.EmailAddress? OriginalRecipient = null)
{
    const int EnvelopeIdLengthMax = 100;

    internal string MailParameters => (ReturnsWhole ? " RET=FULL" : " RET=HDRS") + (EnvelopeId is { Length: > 0 and <= EnvelopeIdLengthMax } id ? " ENVID=" + XText(id) : "");

    internal string RcptParameters => " NOTIFY=" + (Notify == DsnNotify.Never ? "NEVER" : Notify.ToString().ToUpperInvariant().Replace(" ", "", StringComparison.Ordinal))
        + (OriginalRecipient is { NeedsSmtpUtf8: false } original ? " ORCPT=rfc822;" + XText(original.Text) : "");

    /// <summary>RFC 3461 4: everything outside ! to ~, and + and =, as +XX.</summary>
    internal static string XText(string text)
    {
        var written = new StringBuilder(text.Length);
        foreach (var octet in Encoding.UTF8.GetBytes(text))
            if (octet is >= (byte)'!' and <= (byte)'~' and not ((byte)'+' or (byte)'=')) written.Append((char)octet);
            else written.Append('+').Append(Convert.ToHexString([octet]));
        return written.ToString();
    }
}
