using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;

namespace PenguinMails.Oversight.Kpis;

/// <summary>The job that forgets what values and verdicts were before they were counted again, once nobody can build a report as of then.</summary>
/// <remarks>Values and verdicts that hold, and reports that were built, stay. Bears running twice and being killed: a batch is a transaction.</remarks>
static class ForgetHistory
{
    public const string Kind = "oversight.forget_history";
    const int EverySeconds = 24 * 3600;

    const string DeleteValues = """
        delete from oversight.kpi_value_before as kept
        using (
          select kpi, start, replaced_at
          from oversight.kpi_value_before
          where tenant_id = $1 and replaced_at <= $2
          order by replaced_at
          limit 10000) as old
        where kept.tenant_id = $1 and kept.kpi = old.kpi and kept.start = old.start and kept.replaced_at = old.replaced_at
        """;

    const string DeleteVerdicts = """
        delete from oversight.kpi_verdict_before as kept
        using (
          select kpi, through, replaced_at
          from oversight.kpi_verdict_before
          where tenant_id = $1 and replaced_at <= $2
          order by replaced_at
          limit 10000) as old
        where kept.tenant_id = $1 and kept.kpi = old.kpi and kept.through = old.through and kept.replaced_at = old.replaced_at
        """;

    public static void AddTo(JobKinds jobs) => jobs.Every(Kind, EverySeconds, Run);

    static async Task Run(JobRun run, CancellationToken ct)
    {
        if (run.Need<OversightSettings>().HistoryFrom(run.Need<TimeProvider>().GetUtcNow()) is not { } from) return;
        await ApiTimes.Forget(run.Db, AccountFacts.Monday(DateOnly.FromDateTime(from.UtcDateTime)), ct);
        var tenants = await ListTenants.Handle(run.Db, ct);
        for (var i = 0; i < tenants.Count; i++)
        {
            await One(tenants[i], from, run.Db, ct);
            await run.Progress(i + 1, tenants.Count, null, ct);
        }
    }

    /// <param name="from">A row replaced by then says only what was known earlier.</param>
    /// <returns>Rows that are gone.</returns>
    internal static async Task<int> One(TenantId tenant, DateTimeOffset from, TenantDb db, CancellationToken ct)
    {
        var all = 0;
        foreach (var delete in new[] { DeleteValues, DeleteVerdicts })
        {
            int gone;
            do
            {
                await using var tx = await db.Begin(tenant, ct);
                gone = await tx.Execute(delete, ct, tenant, from);
                await tx.Commit(ct);
                all += gone;
            }
            while (gone > 0);
        }

        return all;
    }
}
