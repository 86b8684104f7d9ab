using System.Globalization;
using PenguinMails.Mail.Reports;

namespace PenguinMails.Fleet.Reports;

/// <summary>What a TLS report says of mail to one domain. Pure.</summary>
static class TlsFound
{
    const int NameLengthMax = 200;
    const int WordLengthMax = 60;

    /// <param name="report">Null when the mail holds none.</param>
    public static ReportVerdict Of(TlsReport? report, string domain, DateTimeOffset now)
    {
        if (report is null) return ReportVerdict.No("It holds no TLS report that can be read.");
        var (begins, ends) = (Moment(report.StartDatetime), Moment(report.EndDatetime));
        var head = new ReportVerdict(ReportVerdict.Counted, "")
        {
            Organisation = ReportLimits.Text(report.OrganizationName, NameLengthMax), Contact = ReportLimits.Text(report.ContactInfo, NameLengthMax), Key = ReportLimits.Text(report.ReportId, NameLengthMax),
            BeginsAt = begins, EndsAt = ends,
        };
        var ours = report.Policies.Where(policy => ReportLimits.IsAtOrBelow(ReportLimits.Name(policy.PolicyDomain), domain)).ToList();
        var fault = report.Policies.Count == 0 ? "It names no policy and no domain."
            : ours.Count == 0 ? $"It is about {ReportLimits.Text(report.Policies[0].PolicyDomain, 100)}, not about {domain}."
            : ReportVerdict.Misdated(begins, ends, now);
        if (fault is not null) return head with { State = ReportVerdict.Rejected, Reason = fault };
        List<TlsEntry> rows = [.. ours.SelectMany(Rows).OrderBy(row => row.Result.Length > 0).ThenByDescending(row => row.Failures)];
        return head with { Tls = rows, Messages = rows.Where(row => row.Result.Length == 0).Sum(row => row.Successes + row.Failures) };
    }

    static IEnumerable<TlsEntry> Rows(TlsReportPolicy policy)
    {
        var type = policy.PolicyType is "tlsa" or "sts" or "no-policy-found" ? policy.PolicyType : "other";
        var name = ReportLimits.Name(policy.PolicyDomain);
        yield return new(type, name, "", Sessions(policy.TotalSuccessfulSessionCount), Sessions(policy.TotalFailureSessionCount), "", "", "");
        foreach (var failure in policy.FailureDetails.Where(one => one.FailedSessionCount > 0))
            yield return new(type, name, Word(failure.ResultType), 0, Sessions(failure.FailedSessionCount), ReportLimits.Name(failure.ReceivingMxHostname), ReportLimits.Text(failure.SendingMtaIp, 45),
                ReportLimits.Text(failure.FailureReasonCode ?? failure.AdditionalInformation, NameLengthMax));
    }

    static string Word(string? result) => ReportLimits.Text(result, WordLengthMax) is { Length: > 0 } word ? word.ToLowerInvariant() : "unspecified";

    // A number beyond any day's mail is a fault of the report.
    static long Sessions(long count) => Math.Clamp(count, 0, int.MaxValue);

    static DateTimeOffset? Moment(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : null;
}
