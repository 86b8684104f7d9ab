using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;

namespace PenguinMails.Fleet.Reports;

/// <summary>Who reported in a window.</summary>
/// <param name="Reporter">A proved domain.</param>
public sealed record ReporterShare(string Reporter, string Organisation, int Reports, long Messages);

/// <summary>Which reports the figures of a window rest on.</summary>
/// <param name="Days">Days the figures go back.</param>
/// <param name="AsOf">Until when the newest counted report reaches; null when there is none.</param>
/// <param name="DaysReported">Days with at least one report.</param>
/// <param name="DaysStrict">Of these, days whose reports show quarantine or reject published.</param>
/// <param name="Policy">Published policy as the newest report saw it; empty when none tells.</param>
/// <param name="SetAside">Reports whose sender is not proved: they count in no figure.</param>
/// <param name="LeftOut">Messages in rows beyond those kept, which count in no figure.</param>
public sealed record ReportSample(
    int Days, DateOnly Since, DateTimeOffset? AsOf, int Counted, int DaysReported, int DaysStrict, string Policy, int SetAside, int Rejected, int Unread, long LeftOut, IReadOnlyList<ReporterShare> Reporters)
{
    public const int DaysUsual = 30;

    const string Select = """
        select max(ends_at) filter (where state = 'counted'), count(*) filter (where state = 'counted'), count(distinct (begins_at at time zone 'UTC')::date) filter (where state = 'counted'),
          count(distinct (begins_at at time zone 'UTC')::date) filter (where state = 'counted' and policy in ('quarantine', 'reject')), count(*) filter (where state = 'set_aside'),
          count(*) filter (where state = 'rejected'), count(*) filter (where state = 'received'), coalesce(sum(messages_left_out) filter (where state = 'counted'), 0)::bigint
        from fleet.report
        where tenant_id = $1 and domain_id = $2 and kind = $3 and coalesce(begins_at, received_at) >= $4
        """;

    const string SelectPolicy = "select policy from fleet.report where tenant_id = $1 and domain_id = $2 and kind = 'dmarc' and state = 'counted' and policy <> '' order by ends_at desc, id desc limit 1";

    const string SelectReporters = """
        select reporter, max(org), count(*), sum(messages)::bigint
        from fleet.report
        where tenant_id = $1 and domain_id = $2 and kind = $3 and state = 'counted' and begins_at >= $4
        group by reporter
        order by sum(messages) desc, reporter
        limit 50
        """;

    /// <param name="days">Clamped to 1 and 120; 30 when null.</param>
    internal static async Task<ReportSample> Find(TenantTx tx, DomainId domain, string kind, int? days, DateTimeOffset now, CancellationToken ct)
    {
        var back = Math.Clamp(days ?? DaysUsual, 1, ReportLimits.DaysKept);
        var since = DateOnly.FromDateTime(now.UtcDateTime).AddDays(-back);
        var from = new DateTimeOffset(since.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        var policy = await tx.Maybe(SelectPolicy, row => row.GetString(0), ct, tx.Tenant, domain) ?? "";
        var reporters = await tx.List(SelectReporters, row => new ReporterShare(row.GetString(0), row.GetString(1), (int)row.GetInt64(2), row.GetInt64(3)), ct, tx.Tenant, domain, kind, from);
        return await tx.One(Select, row => new ReportSample(back, since, row.Maybe<DateTimeOffset>(0), (int)row.GetInt64(1), (int)row.GetInt64(2), (int)row.GetInt64(3), policy, (int)row.GetInt64(4), (int)row.GetInt64(5),
            (int)row.GetInt64(6), row.GetInt64(7), reporters), ct, tx.Tenant, domain, kind, from);
    }
}
