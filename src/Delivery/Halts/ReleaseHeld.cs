using PenguinMails.Core.Db;

namespace PenguinMails.Delivery.Halts;

/// <summary>What waited under certain codes is asked about again at once. In the caller's transaction.</summary>
static class ReleaseHeld
{
    // A lane's own transactions begin so too: nobody then waits for a row of somebody who waits for one of his.
    const string LockLanes = "select 1 from delivery.lane where tenant_id = $1 order by mailbox_id limit 100000 for update";

    const string Release = """
        update delivery.queue q
        set due_at = greatest(m.due_at, $3), held = ''
        from delivery.message m
        where q.tenant_id = $1 and q.held = any($2) and m.tenant_id = q.tenant_id and m.id = q.message_id
        """;

    const string Wake = """
        update delivery.lane
        set ready_at = least(ready_at, $2), wakes = wakes + 1
        where tenant_id = $1 and failures = 0
        """;

    public static async Task Within(TenantTx tx, string[] codes, DateTimeOffset now, CancellationToken ct)
    {
        await tx.Execute(LockLanes, ct, tx.Tenant);
        await tx.Execute(Release, ct, tx.Tenant, codes, now);
        await tx.Execute(Wake, ct, tx.Tenant, now);
    }
}
