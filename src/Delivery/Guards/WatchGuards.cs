using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Jobs;

namespace PenguinMails.Delivery.Guards;

/// <summary>The job that counts what came back and judges the rates, for every account that sends.</summary>
static class WatchGuards
{
    const int Seconds = 60;
    const int DaysKept = 62;

    public static void AddTo(JobKinds jobs) => jobs.Every("delivery.watch_guards", Seconds, Run);

    const string SelectTenants = "select distinct tenant_id from delivery.lane limit 1000000";

    const string Sweep = "delete from delivery.tally where tenant_id = $1 and hour < $2";

    const string SweepLimits = "delete from delivery.limit_use where tenant_id = $1 and bucket < $2::timestamptz - make_interval(secs => 2 * window_seconds)";

    public static async Task Run(JobRun run, CancellationToken ct)
    {
        List<TenantId> tenants;
        await using (var tx = await run.Db.BeginUnscoped(ct)) tenants = await tx.List(SelectTenants, row => new TenantId(row.GetGuid(0)), ct);
        var sums = new Dictionary<(string Name, string Label), double>();
        foreach (var tenant in tenants)
        {
            await One(run.Db, tenant, run.Need<TimeProvider>().GetUtcNow(), ct);
            await using var tx = await run.Db.Begin(tenant, ct);
            foreach (var (key, value) in await tx.List(Metrics.SelectOwn, Sum, ct, tenant)) sums[key] = sums.GetValueOrDefault(key) + value;
        }

        await using var all = await run.Db.BeginUnscoped(ct);
        foreach (var (key, value) in await all.List(Metrics.SelectWaiting, Sum, ct, run.Need<TimeProvider>().GetUtcNow())) sums[key] = value;
        await all.Execute(Metrics.Zero, ct);
        foreach (var ((name, label), value) in sums) await all.Execute(Metrics.Set, ct, name, label, value);
        await all.Commit(ct);
    }

    static ((string Name, string Label) Key, double Value) Sum(NpgsqlDataReader row) => ((row.GetString(0), row.GetString(1)), row.GetDouble(2));

    /// <summary>One account. A batch that dies is counted again from where the last one ended.</summary>
    internal static async Task One(Core.Db.TenantDb db, TenantId tenant, DateTimeOffset now, CancellationToken ct)
    {
        var total = 0;
        for (var count = 1; count > 0; total += count)
        {
            await using var tx = await db.Begin(tenant, ct);
            count = await CountFacts.Batch(tx, ct);
            await tx.Commit(ct);
        }

        if (total == 0) return; // Rates that fall because time passes are judged with the next message.
        await using var judging = await db.Begin(tenant, ct);
        await JudgeGuards.Run(judging, now, ct);
        await judging.Execute(Sweep, ct, tenant, now.AddDays(-DaysKept));
        await judging.Execute(SweepLimits, ct, tenant, now);
        await judging.Commit(ct);
    }
}
