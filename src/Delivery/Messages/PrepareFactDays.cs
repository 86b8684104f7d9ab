using PenguinMails.Core.Jobs;

namespace PenguinMails.Delivery.Messages;

/// <summary>Keeps partitions of the fact table ready for two weeks ahead.</summary>
static class PrepareFactDays
{
    const string Call = "select delivery.prepare_fact_days($1::date)";

    public static async Task Run(JobRun run, CancellationToken ct)
    {
        await using var tx = await run.Db.BeginUnscoped(ct);
        var today = DateOnly.FromDateTime(run.Need<TimeProvider>().GetUtcNow().UtcDateTime);
        await tx.Execute(Call, ct, today);
        await tx.Commit(ct);
    }
}
