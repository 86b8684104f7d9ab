using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;

namespace PenguinMails.Oversight.Kpis;

/// <summary>The job that closes periods: takes each account's facts in, then the company's, and judges what is new.</summary>
/// <remarks>Weeks that closed lately are counted again, because bounces, answers and complaints come late; what does not change is not written.</remarks>
static class CloseKpis
{
    public const string Kind = "oversight.close_kpis";
    const int EverySeconds = 6 * 3600;
    const int WeeksCountedAgain = 5;

    public static void AddTo(JobKinds jobs) => jobs.Every(Kind, EverySeconds, Run);

    const string SelectFirst = "select kpi, min(start) from oversight.kpi_value where tenant_id = $1 and kpi in ('seats', 'volume') group by kpi limit 2";

    public static async Task Run(JobRun run, CancellationToken ct)
    {
        var (clock, settings) = (run.Need<TimeProvider>(), run.Need<OversightSettings>());
        var tenants = await ListTenants.Handle(run.Db, ct);
        for (var i = 0; i < tenants.Count; i++)
        {
            if (tenants[i] != settings.Company) await One(tenants[i], [], run.Db, clock, ct);
            await run.Progress(i + 1, tenants.Count, null, ct);
        }

        if (settings.Company is { } company && tenants.Contains(company)) await One(company, await CompanyFacts.Read(tenants, run.Db, clock, ct), run.Db, clock, ct);
    }

    /// <param name="more">Values beside the account's own facts.</param>
    internal static async Task One(TenantId tenant, IReadOnlyList<(string Kpi, KpiValue Value)> more, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var monday = AccountFacts.Monday(DateOnly.FromDateTime(now.UtcDateTime));
        Dictionary<string, DateOnly> first;
        await using (var asking = await db.Begin(tenant, ct)) first = (await asking.List(SelectFirst, row => (row.GetString(0), row.GetFieldValue<DateOnly>(1)), ct, tenant)).ToDictionary(row => row.Item1, row => row.Item2, StringComparer.Ordinal);
        var from = monday.AddDays(-7 * (first.ContainsKey("seats") ? WeeksCountedAgain : AccountFacts.WeeksMax));
        var facts = await AccountFacts.Read(tenant, from, first.TryGetValue("volume", out var firstSent) ? firstSent : null, db, clock, ct);
        await using var tx = await db.Begin(tenant, ct);
        await KpiBook.Write(tx, [.. facts.SelectMany(kpi => kpi.Value.Select(value => (kpi.Key, value))), .. more], null, now, ct);
        await JudgeKpis.Within(tx, now, ct);
        await tx.Commit(ct);
    }
}
