using System.Net;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Mail.Reports;

/// <summary>A complaint or other feedback of a mailbox provider (RFC 5965, RFC 6591, RFC 6650, and the complaint mails that came before them).</summary>
/// <param name="Type">Feedback-Type in lower case: abuse, fraud, virus, not-spam, auth-failure, opt-out, other.</param>
/// <param name="Recipients">Original-Rcpt-To, else whom the returned message names; often empty or redacted, so match by our own token in <paramref name="Returned"/> first.</param>
/// <param name="Returned">The message complained about, or its header.</param>
public sealed record FeedbackReport(
    string Type, string? UserAgent, EmailAddress? Sender, IReadOnlyList<EmailAddress> Recipients, IPAddress? Source, string? ReportedDomain, MimePart? Returned)
{
    /// <summary>The fields of the report as received, for kinds such as auth-failure (RFC 6591 3.1) that have more of them.</summary>
    public IReadOnlyList<MimeHeader> Fields { get; init; } = [];

    /// <summary>True when the report has no machine-readable part and was known by its words.</summary>
    public bool IsFromText { get; init; }

    /// <summary>Null when the message is no feedback report.</summary>
    public static FeedbackReport? Read(MimePart message) => Read(message, ReportText.Of(message));

    internal static FeedbackReport? Read(MimePart message, ReportText text)
    {
        var outer = ReportText.Outer(message).ToList();
        if (outer.Find(part => part.MediaType == "message/feedback-report") is { } report)
            return FromFields(MimeReader.ReadHeaders(report.Content(), new MimeLimits(), out _), text.Returned);
        // Some wrap the fields in plain text.
        var start = text.Lines.ToList().FindIndex(line => line.StartsWith("Feedback-Type:", StringComparison.OrdinalIgnoreCase));
        if (start >= 0)
        {
            var fields = MimeReader.ReadHeaders(System.Text.Encoding.UTF8.GetBytes(string.Join("\r\n", text.Lines.Skip(start))), new MimeLimits(), out _);
            return FromFields(fields, text.Returned) with { IsFromText = true };
        }
        return ComplaintMail.Read(message, text);
    }

    static FeedbackReport FromFields(IReadOnlyList<MimeHeader> fields, MimePart? returned)
    {
        string? One(params string[] names) => names.Select(name => fields.FirstOrDefault(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Value).FirstOrDefault(value => !string.IsNullOrWhiteSpace(value));
        var recipients = fields.Where(field => field.Name.Equals("Original-Rcpt-To", StringComparison.OrdinalIgnoreCase) || field.Name.Equals("Removal-Recipient", StringComparison.OrdinalIgnoreCase))
            .SelectMany(field => field.Value.Split(',')).Select(value => DeliveryReport.Address(value)).OfType<EmailAddress>().Distinct().ToList();
        if (recipients.Count == 0) recipients = ComplaintMail.Recipients(returned);
        return new FeedbackReport(
            One("Feedback-Type")?.Trim().ToLowerInvariant() ?? "other", One("User-Agent"), DeliveryReport.Address(One("Original-Mail-From") ?? returned?.Raw("Return-Path") ?? returned?.Raw("From")), recipients,
            ComplaintMail.Ip(One("Source-IP", "Source")), One("Reported-Domain"), returned)
        { Fields = fields };
    }
}
