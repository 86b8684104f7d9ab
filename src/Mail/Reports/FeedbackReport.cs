using System.Net;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Mail.Reports;

/// <summary>A complaint or other feedback of a mailbox provider (RFC 5965).</summary>
/// <param name="Type">Feedback-Type in lower case: abuse, fraud, virus, not-spam, auth-failure, other.</param>
/// <param name="Recipients">Original-Rcpt-To; often empty or redacted, so match by our own token in <paramref name="Returned"/> first.</param>
/// <param name="Returned">The message complained about, or its header.</param>
public sealed record FeedbackReport(
    string Type, string? UserAgent, EmailAddress? Sender, IReadOnlyList<EmailAddress> Recipients, IPAddress? Source, string? ReportedDomain, MimePart? Returned)
{
    /// <summary>Null when the message is no feedback report.</summary>
    public static FeedbackReport? Read(MimePart message)
    {
        var all = message.All().ToList();
        if (all.Find(part => part.MediaType == "message/feedback-report") is not { } report) return null;
        var fields = MimeReader.ReadHeaders(report.Content(), new MimeLimits(), out _);
        string? One(string name) => fields.FirstOrDefault(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Value;
        var recipients = fields.Where(field => field.Name.Equals("Original-Rcpt-To", StringComparison.OrdinalIgnoreCase))
            .Select(field => DeliveryReport.Address(field.Value)).OfType<EmailAddress>().ToList();
        var returned = all.Find(part => part.MediaType is "message/rfc822" or "text/rfc822-headers")?.FirstPart;
        return new FeedbackReport(
            One("Feedback-Type")?.ToLowerInvariant() ?? "other", One("User-Agent"), DeliveryReport.Address(One("Original-Mail-From")), recipients,
            IPAddress.TryParse(One("Source-IP"), out var source) ? source : null, One("Reported-Domain"), returned);
    }
}
