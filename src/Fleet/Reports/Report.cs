using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Reports;

public readonly record struct ReportId(Guid Value) : ITypedId<ReportId>
{
    public static string Prefix => "rpt";
    public static ReportId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out ReportId id) => TypedId.TryParse(text, out id);
}

/// <summary>A report of a receiver about a domain's mail. Drawn in docs/states/report.md.</summary>
/// <param name="Kind">dmarc (RFC 9990) or tls (RFC 8460).</param>
/// <param name="State">received: not read yet. counted: in the figures. set_aside: readable, but who sent it is not proved, so that it is in no figure. rejected: cannot be used.</param>
/// <param name="Reason">Why it was set aside or rejected; empty otherwise.</param>
/// <param name="Reporter">The domain that the mail provably came from, by DKIM or SPF; empty when none.</param>
/// <param name="Organisation">Whom the report says it is from. A claim.</param>
/// <param name="Messages">Messages, or sessions of TLS, that it tells of.</param>
public sealed record Report(
    ReportId Id, string Kind, string State, string Reason, string Reporter, string Organisation, DateTimeOffset? BeginsAt, DateTimeOffset? EndsAt, string Policy, long Messages, long MessagesLeftOut, DateTimeOffset ReceivedAt)
{
    internal static Report Read(NpgsqlDataReader row) => new(
        new(row.GetGuid(0)), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.Maybe<DateTimeOffset>(6), row.Maybe<DateTimeOffset>(7), row.GetString(8),
        row.GetInt64(9), row.GetInt64(10), row.GetFieldValue<DateTimeOffset>(11));
}

/// <summary>What may come from outside, and how long it stays.</summary>
static class ReportLimits
{
    /// <summary>Octets of a report's mail. The largest seen of big receivers are below 1 MB packed.</summary>
    public const int MessageOctetsMax = 5 * 1024 * 1024;

    /// <summary>Reports of a domain in one day of UTC.</summary>
    public const int ReportsPerDayMax = 500;

    /// <summary>Reports of a domain that wait to be read.</summary>
    public const int UnreadMax = 50;

    /// <summary>Rows kept of one report, those with most messages first.</summary>
    public const int RowsMax = 1000;

    /// <summary>Rows kept of a domain's reports that came on one day of UTC.</summary>
    public const int RowsPerDayMax = 20_000;

    /// <summary>Days that counted reports stay.</summary>
    public const int DaysKept = 120;

    /// <summary>Days that set-aside and rejected reports stay.</summary>
    public const int DaysAside = 30;

    /// <summary>The time one report may cover.</summary>
    public const int SpanDaysMax = 31;

    const int DomainLengthMax = 253; // RFC 1035 2.3.4 less the final dot.

    public static string Text(string? text, int lengthMax)
    {
        var plain = new string([.. (text ?? "").Where(c => !char.IsControl(c))]).Trim();
        return plain.Length <= lengthMax ? plain : plain[..(char.IsHighSurrogate(plain[lengthMax - 1]) ? lengthMax - 1 : lengthMax)];
    }

    public static string Name(string? domain) => Text(domain, DomainLengthMax).TrimEnd('.').ToLowerInvariant();

    /// <summary>Same name, or one below the other, without asking where the registry's part begins; a top-level domain alone never counts.</summary>
    public static bool IsAligned(string one, string other) => one.Length > 0 && other.Length > 0
        && (one == other || (one.Contains('.', StringComparison.Ordinal) && other.EndsWith("." + one, StringComparison.Ordinal)) || (other.Contains('.', StringComparison.Ordinal) && one.EndsWith("." + other, StringComparison.Ordinal)));

    /// <summary>The domain itself or a name below it.</summary>
    public static bool IsAtOrBelow(string name, string domain) => name == domain || name.EndsWith("." + domain, StringComparison.Ordinal);
}
