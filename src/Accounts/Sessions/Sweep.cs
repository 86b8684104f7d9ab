using PenguinMails.Accounts.Limits;
using PenguinMails.Core.Jobs;

namespace PenguinMails.Accounts.Sessions;

/// <summary>Deletes what ended long ago: sessions after 30 days, log-in activity after a year, counters and links after a day.</summary>
static class Sweep
{
    public static async Task Run(JobRun run, CancellationToken ct)
    {
        var now = run.Need<TimeProvider>().GetUtcNow();
        await using var tx = await run.Db.BeginUnscoped(ct);
        var sessions = await SessionRows.Sweep(tx, now, ct);
        var activity = await LoginActivity.Sweep(tx, now, ct);
        var counters = await Throttle.Sweep(tx, now, ct);
        var links = await EmailTokens.Sweep(tx, now, ct);
        await tx.Commit(ct);
        await run.Result(new { sessions, activity, counters, links }, ct);
    }
}
