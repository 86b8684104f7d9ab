using PenguinMails.Mail.Reports;

namespace PenguinMails.Fleet.Reports;

/// <summary>What an aggregate report says of one domain. Pure.</summary>
static class DmarcFound
{
    const int WordLengthMax = 30;
    const int SelectorLengthMax = 63;
    const int NameLengthMax = 200;

    // RFC 9990 3.1.1.7 and RFC 7489 appendix C.
    static readonly string[] KnownReasons = ["forwarded", "local_policy", "mailing_list", "other", "policy_test_mode", "sampled_out", "trusted_forwarder"];

    /// <param name="report">Null when the mail holds none.</param>
    public static ReportVerdict Of(DmarcReport? report, string domain, DateTimeOffset now)
    {
        if (report is null) return ReportVerdict.No("It holds no DMARC aggregate report that can be read.");
        var about = ReportLimits.Name(report.Domain);
        var begins = Moment(report.Begin);
        var ends = Moment(report.End);
        var head = new ReportVerdict(ReportVerdict.Counted, "")
        {
            Organisation = ReportLimits.Text(report.OrgName, NameLengthMax), Contact = ReportLimits.Text(report.Email, NameLengthMax), Key = ReportLimits.Text(report.ReportId, NameLengthMax),
            Policy = report.P is "none" or "quarantine" or "reject" ? report.P : "", BeginsAt = begins, EndsAt = ends,
        };
        var fault = about.Length == 0 ? "It does not say which domain it is about."
            : !ReportLimits.IsAtOrBelow(about, domain) ? $"It is about {ReportLimits.Text(about, 100)}, not about {domain}."
            : ReportVerdict.Misdated(begins, ends, now);
        if (fault is not null) return head with { State = ReportVerdict.Rejected, Reason = fault };
        var rows = Merged(report.Records, domain);
        return head with { Dmarc = rows, Messages = rows.Sum(row => row.Messages) };
    }

    /// <summary>Rows that say the same become one; most messages first. All of them: how many are kept is decided where they are stored.</summary>
    static List<DmarcEntry> Merged(IReadOnlyList<DmarcRow> records, string domain) =>
    [
        .. records.Where(record => record is { Count: > 0, SourceIp: not null }).Select(record => Entry(record, domain))
            .GroupBy(entry => (entry with { Messages = 0, Reasons = [] }, string.Join(' ', entry.Reasons)))
            .Select(same => same.First() with { Messages = same.Sum(entry => entry.Messages) })
            .OrderByDescending(entry => entry.Messages).ThenBy(entry => entry.Source, StringComparer.Ordinal),
    ];

    static DmarcEntry Entry(DmarcRow record, string domain)
    {
        var key = record.Auth.Dkim.OrderByDescending(one => Speaks(one, domain)).FirstOrDefault();
        var spf = record.Auth.Spf.OrderByDescending(one => one.Scope != "helo").FirstOrDefault();
        return new(ReportLimits.Text(record.SourceIp, 45), record.Count, ReportLimits.Text(record.Disposition, WordLengthMax), record.Dkim == "pass", record.Spf == "pass",
            ReportLimits.Name(record.HeaderFrom), ReportLimits.Name(record.EnvelopeFrom), ReportLimits.Name(key?.Domain), ReportLimits.Text(key?.Selector, SelectorLengthMax).ToLowerInvariant(), ReportLimits.Text(key?.Result, WordLengthMax),
            ReportLimits.Name(spf?.Domain), ReportLimits.Text(spf?.Result, WordLengthMax), Reasons(record));
    }

    static int Speaks(DmarcDkim key, string domain) => (ReportLimits.IsAligned(ReportLimits.Name(key.Domain), domain) ? 2 : 0) + (key.Result == "pass" ? 1 : 0);

    // Receivers write "arc=pass" into the comment of a local policy.
    static List<string> Reasons(DmarcRow record) =>
    [
        .. record.Reasons.Select(reason => reason.Type is "local_policy" or "other" && reason.Comment?.Contains("arc=pass", StringComparison.OrdinalIgnoreCase) == true ? "arc"
            : KnownReasons.Contains(reason.Type) ? reason.Type ?? "" : "other").Distinct().Order(StringComparer.Ordinal),
    ];

    internal static DateTimeOffset? Moment(long? seconds) => seconds is > 0 and < 253_402_300_800 ? DateTimeOffset.FromUnixTimeSeconds(seconds.Value) : null;
}
