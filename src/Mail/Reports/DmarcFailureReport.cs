using PenguinMails.Mail.Mime;

namespace PenguinMails.Mail.Reports;

/// <summary>A failure report of DMARC, DKIM or SPF (RFC 6591, RFC 9991): one message that did not pass.</summary>
public sealed record DmarcFailureReport(
    string? AuthFailure, string? SourceIp, string? ArrivalDate, string? ReportedDomain, string? OriginalMailFrom, string? OriginalRcptTo, string? IdentityAlignment, string? DeliveryResult,
    string? DkimDomain, string? DkimSelector, string? DkimIdentity, string? SpfDns, string? AuthenticationResults, string? HeaderFrom, string? Subject, string? MessageId)
{
    /// <summary>Null when the message is no feedback report of type auth-failure.</summary>
    public static DmarcFailureReport? Read(MimePart message)
    {
        if (FeedbackReport.Read(message) is not { Fields.Count: > 0 } feedback) return null;
        string? One(string name) => feedback.Fields.FirstOrDefault(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Value is { Length: > 0 } value ? value : null;
        if (feedback.Type != "auth-failure" && One("Auth-Failure") is null) return null;
        return new DmarcFailureReport(
            One("Auth-Failure")?.ToLowerInvariant(), feedback.Source?.ToString() ?? One("Source-IP"), One("Arrival-Date") ?? One("Received-Date"), One("Reported-Domain"), One("Original-Mail-From")?.Trim('<', '>'), One("Original-Rcpt-To")?.Trim('<', '>'),
            One("Identity-Alignment"), One("Delivery-Result")?.ToLowerInvariant(), One("DKIM-Domain"), One("DKIM-Selector"), One("DKIM-Identity"), One("SPF-DNS"), One("Authentication-Results"),
            feedback.Returned?.Header("From"), feedback.Returned?.Header("Subject"), feedback.Returned?.Raw("Message-ID")?.Trim('<', '>', ' '));
    }
}
