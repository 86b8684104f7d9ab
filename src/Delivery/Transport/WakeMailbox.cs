using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Transport;

/// <summary>A mailbox may send again, or its owner connected it again: its lane is served and its incoming mail looked into at once, whatever they waited for.</summary>
static class WakeMailbox
{
    public const string Kind = "delivery.wake_lane";

    const string WakeLane = "update delivery.lane set ready_at = $2, wakes = wakes + 1, failures = 0, trouble = '' where mailbox_id = $1";

    const string WakeCollection = "update delivery.collection set ready_at = least(ready_at, $2), failures = 0, trouble = '' where mailbox_id = $1 and not is_paused and trouble <> ''";

    public static async Task Run(MailboxResumed resumed, JobRun run, CancellationToken ct)
    {
        var now = run.Need<TimeProvider>().GetUtcNow();
        await using var tx = await run.Db.BeginUnscoped(ct);
        await tx.Execute(WakeLane, ct, resumed.Mailbox, now);
        await tx.Execute(WakeCollection, ct, resumed.Mailbox, now);
        await tx.Commit(ct);
    }
}
