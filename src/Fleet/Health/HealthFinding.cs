using Npgsql;

namespace PenguinMails.Fleet.Health;

/// <summary>How urgent a finding is, mildest first. unknown: the check could not be made, which says neither good nor bad. good: right. watch: will
/// become a fault or may be one. act: mail is refused, or soon will be, until somebody does something.</summary>
public enum HealthSeverity { Unknown, Good, Watch, Act }

/// <summary>One thing that was looked at.</summary>
/// <param name="Code">Public: <c>blocklist.NAME</c>, <c>certificate.smtp</c>, <c>certificate.imap</c>, <c>source.reverse</c>, <c>registration.expiry</c>, <c>dns.records</c>, <c>dmarc.yours</c>,
/// <c>dmarc.signed</c>, <c>dmarc.strangers</c> or <c>tls.reports</c>.</param>
/// <param name="Subject">The address, host with port or domain it is about. One finding for each code and subject.</param>
/// <param name="What">What was found, in a sentence.</param>
/// <param name="Cause">Where it comes from and why it matters; empty when good.</param>
/// <param name="Fix">What to do; empty when good.</param>
/// <param name="Evidence">What the other side answered. Holds no secret.</param>
/// <param name="SeenAt">When it was found last: older than the check when that could not be made again.</param>
/// <param name="FirstSeenAt">Since when it has this severity.</param>
public sealed record HealthFinding(
    string Code, string Subject, HealthSeverity Severity, string What, string Cause, string Fix, string Evidence, DateTimeOffset SeenAt, DateTimeOffset FirstSeenAt)
{
    internal static HealthFinding Good(string code, string subject, string what, string evidence, DateTimeOffset now) => new(code, subject, HealthSeverity.Good, what, "", "", evidence, now, now);

    /// <summary>What stands now, after a check: a fault that could not be looked at again stays as it was seen last, and nothing keeps what is no longer looked at.</summary>
    internal static List<HealthFinding> Merge(IReadOnlyList<HealthFinding> before, IEnumerable<HealthFinding> found) =>
    [
        .. from now in found
           let old = before.FirstOrDefault(known => known.Code == now.Code && known.Subject == now.Subject)
           select old is null ? now
               : now.Severity == HealthSeverity.Unknown && old.Severity > HealthSeverity.Good ? old
               : now.Severity == old.Severity ? now with { FirstSeenAt = old.FirstSeenAt }
               : now,
    ];

    /// <summary>The most urgent of them; unknown when there is none.</summary>
    internal static HealthSeverity Worst(IEnumerable<HealthFinding> findings) => findings.Select(finding => finding.Severity).DefaultIfEmpty().Max();

    internal static HealthFinding Read(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), ReadSeverity(row.GetString(2)), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6),
        row.GetFieldValue<DateTimeOffset>(7), row.GetFieldValue<DateTimeOffset>(8));

    internal static string Word(HealthSeverity severity) => severity switch
    {
        HealthSeverity.Unknown => "unknown",
        HealthSeverity.Good => "good",
        HealthSeverity.Watch => "watch",
        HealthSeverity.Act => "act",
    };

    internal static HealthSeverity ReadSeverity(string word) => word switch
    {
        "unknown" => HealthSeverity.Unknown,
        "good" => HealthSeverity.Good,
        "watch" => HealthSeverity.Watch,
        "act" => HealthSeverity.Act,
        _ => throw new InvalidOperationException($"Unknown severity {word}."),
    };
}
