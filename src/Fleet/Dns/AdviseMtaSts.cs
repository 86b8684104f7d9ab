using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Reports;

namespace PenguinMails.Fleet.Dns;

/// <summary>Whether a domain's policy of MTA-STS may be enforced, by the TLS reports of two weeks.</summary>
static class AdviseMtaSts
{
    const int DaysBack = 14;
    const int DaysMin = 7; // Few senders report, so not every day brings one. The number is this product's own.

    // Reads index tls_row_day.
    const string Select = """
        select coalesce(sum(successes), 0)::bigint, coalesce(sum(failures), 0)::bigint, count(distinct day)
        from fleet.tls_row
        where tenant_id = $1 and domain_id = $2 and day > $3 and result = ''
        """;

    public static async Task<string> Within(TenantTx tx, DomainId domain, DnsSetup setup, DateTimeOffset now, CancellationToken ct)
    {
        if (!setup.HasMtaSts) return "";
        var (good, bad, days) = await tx.One(Select, row => (row.GetInt64(0), row.GetInt64(1), (int)row.GetInt64(2)), ct, tx.Tenant, domain, DateOnly.FromDateTime(now.UtcDateTime).AddDays(-DaysBack));
        return Judge(setup.MtaStsMode, setup.HasTlsReports, good, bad, days);
    }

    /// <summary>Empty when there is nothing to do.</summary>
    /// <param name="days">Days with at least one report, of the last 14.</param>
    internal static string Judge(string mode, bool hasReports, long good, long bad, int days)
    {
        var seen = $"{RecommendStage.Count(bad)} of {RecommendStage.Count(good + bad)} connections that others reported in the last {DaysBack} days failed";
        if (mode == "none") return "Senders are told that there is no policy any more. Keep it so for two weeks, as long as they may remember an enforced one, then switch MTA-STS off.";
        if (mode == "enforce") return bad == 0 ? "" : $"{seen}, and senders that keep to the policy did not deliver these. See the TLS reports for the cause, or go back to testing meanwhile.";
        if (!hasReports) return "Switch TLS reports on: without them nobody tells what enforcing the policy would cost.";
        if (bad > 0) return $"Stay with testing: {seen}. See the TLS reports for the cause.";
        return days < DaysMin ? $"Stay with testing until reports of {DaysMin} days are there; of the last {DaysBack} days {days} brought one."
            : $"You can enforce it: of {RecommendStage.Count(good)} connections that others reported in the last {DaysBack} days none failed.";
    }
}
