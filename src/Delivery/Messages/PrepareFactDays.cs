using PenguinMails.Core.Jobs;

namespace PenguinMails.Delivery.Messages;

/// <summary>Keeps partitions of the fact table ready for two weeks ahead, and drops the days that are older than facts are kept.</summary>
static class PrepareFactDays
{
    const string Call = "select delivery.prepare_fact_days($1::date)";

    const string Drop = "select delivery.drop_fact_days($1::date, $2::date)";

    public static async Task Run(JobRun run, CancellationToken ct)
    {
        await using var tx = await run.Db.BeginUnscoped(ct);
        var today = DateOnly.FromDateTime(run.Need<TimeProvider>().GetUtcNow().UtcDateTime);
        await tx.Execute(Call, ct, today);
        if (run.Need<DeliveryOptions>().FactDays is > 0 and var days) await tx.Execute(Drop, ct, today.AddDays(-days), today);
        await tx.Commit(ct);
    }
}
