using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Transport;

/// <summary>A mailbox may send again: its lane is served at once, whatever it waited for.</summary>
static class WakeLane
{
    public const string Kind = "delivery.wake_lane";

    const string Wake = "update delivery.lane set ready_at = $2, wakes = wakes + 1, failures = 0, trouble = '' where mailbox_id = $1";

    public static async Task Run(MailboxResumed resumed, JobRun run, CancellationToken ct)
    {
        await using var tx = await run.Db.BeginUnscoped(ct);
        await tx.Execute(Wake, ct, resumed.Mailbox, run.Need<TimeProvider>().GetUtcNow());
        await tx.Commit(ct);
    }
}
