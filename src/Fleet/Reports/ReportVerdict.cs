namespace PenguinMails.Fleet.Reports;

/// <summary>One kind of message of one source, as a receiver counted it.</summary>
/// <param name="Source">The address it came from, in normal form.</param>
/// <param name="Disposition">none, quarantine, reject or what else the report says.</param>
/// <param name="DkimResult">Of the signature that speaks best for the domain; empty when there was none.</param>
/// <param name="SpfDomain">What SPF was asked for, aligned or not.</param>
/// <param name="Reasons">Why the receiver did otherwise than the policy says: forwarded, mailing_list and so on; <c>arc</c> where it says it trusted the chain of ARC.</param>
/// <param name="IsInSpf">Whether the domain's SPF named the address when the report came; null when that could not be told.</param>
/// <param name="Host">The address's reverse name where that name leads back to it; empty otherwise.</param>
sealed record DmarcEntry(
    string Source, long Messages, string Disposition, bool IsDkimAligned, bool IsSpfAligned, string HeaderFrom, string EnvelopeFrom, string DkimDomain, string DkimSelector, string DkimResult,
    string SpfDomain, string SpfResult, IReadOnlyList<string> Reasons, bool? IsInSpf = null, string Host = "");

/// <summary>Totals of one policy where <paramref name="Result"/> is empty; else failures of that kind.</summary>
sealed record TlsEntry(string PolicyType, string PolicyDomain, string Result, long Successes, long Failures, string MxHost, string SendingIp, string Detail);

/// <summary>What a report's content says, and whether it may count.</summary>
sealed record ReportVerdict(string State, string Reason)
{
    public const string Counted = "counted", SetAside = "set_aside", Rejected = "rejected";

    public string Organisation { get; init; } = "";
    public string Contact { get; init; } = "";
    public string Key { get; init; } = "";
    public string Policy { get; init; } = "";
    public DateTimeOffset? BeginsAt { get; init; }
    public DateTimeOffset? EndsAt { get; init; }
    public long Messages { get; init; }
    public IReadOnlyList<DmarcEntry> Dmarc { get; init; } = [];
    public IReadOnlyList<TlsEntry> Tls { get; init; } = [];

    public static ReportVerdict No(string reason) => new(Rejected, reason);

    /// <summary>Why the time it covers cannot be; null when it can.</summary>
    public static string? Misdated(DateTimeOffset? begins, DateTimeOffset? ends, DateTimeOffset now) =>
        begins is not { } from || ends is not { } to ? "It does not say which time it covers."
        : to < from ? "The time it covers ends before it begins."
        : to > now.AddDays(2) ? "It covers a time that has not come yet."
        : from < now.AddDays(-ReportLimits.DaysKept) ? $"It covers a time more than {ReportLimits.DaysKept} days ago."
        : to - from > TimeSpan.FromDays(ReportLimits.SpanDaysMax) ? $"It covers more than {ReportLimits.SpanDaysMax} days."
        : null;

    /// <summary>What is not provably from whom it says keeps its head and gives no figures.</summary>
    public ReportVerdict By(Reporter reporter)
    {
        if (State != Counted) return this;
        var doubt = reporter.Domain.Length == 0 ? reporter.Reason : reporter.Contradicts(Organisation);
        return doubt is null ? this : this with { State = SetAside, Reason = doubt, Dmarc = [], Tls = [] };
    }
}
