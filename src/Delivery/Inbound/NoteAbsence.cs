using PenguinMails.Core.Db;
using PenguinMails.Delivery.Queue;

namespace PenguinMails.Delivery.Inbound;

/// <summary>Who says to be away gets nothing more until after that day; who answers is back. In the caller's transaction, as its last step.</summary>
static class NoteAbsence
{
    const int DaysAheadMax = 400; // What lies beyond is no holiday but a wrong year, or somebody who left.

    const int DaysKept = 7;

    // The latest notice counts, also when it names an earlier day.
    const string Note = """
        insert into delivery.away (tenant_id, address, until, told_at)
        values ($1, $2, $3, $4)
        on conflict (tenant_id, address) do update set until = excluded.until, told_at = excluded.told_at
        """;

    // Who came back long ago is nobody's business any more.
    const string Prune = "delete from delivery.away where tenant_id = $1 and until < $2";

    const string Forget = "delete from delivery.away where tenant_id = $1 and address = $2";

    // A lane's own transactions begin so too: nobody then waits for a row of somebody who waits for one of his.
    const string LockLanes = """
        select mailbox_id
        from delivery.lane
        where mailbox_id in (select m.mailbox_id from delivery.message m where m.tenant_id = $1 and m.address = $2 and m.state in ('queued', 'deferred'))
        order by mailbox_id
        limit 10000
        for update
        """;

    const string Release = """
        update delivery.queue q
        set due_at = greatest(m.due_at, $3), held = ''
        from delivery.message m
        where q.tenant_id = $1 and m.tenant_id = $1 and m.address = $2 and m.id = q.message_id and q.held = 'recipient_away'
        """;

    /// <param name="until">Last day of absence.</param>
    public static async Task Within(TenantTx tx, string address, DateOnly until, DateTimeOffset now, CancellationToken ct)
    {
        if (until > DateOnly.FromDateTime(now.UtcDateTime).AddDays(DaysAheadMax)) return;
        await tx.Execute(Prune, ct, tx.Tenant, DateOnly.FromDateTime(now.UtcDateTime).AddDays(-DaysKept));
        await tx.Execute(Note, ct, tx.Tenant, address, until, now);
        await Reask(tx, address, now, ct);
    }

    public static async Task IsBack(TenantTx tx, string address, DateTimeOffset now, CancellationToken ct)
    {
        if (await tx.Execute(Forget, ct, tx.Tenant, address) > 0) await Reask(tx, address, now, ct);
    }

    static async Task Reask(TenantTx tx, string address, DateTimeOffset now, CancellationToken ct)
    {
        var mailboxes = await tx.List(LockLanes, row => row.GetGuid(0), ct, tx.Tenant, address);
        if (mailboxes.Count == 0 || await tx.Execute(Release, ct, tx.Tenant, address, now) == 0) return;
        await tx.Execute(EnqueueMessages.WakeLanes, ct, tx.Tenant, mailboxes.ToArray(), now);
    }
}
