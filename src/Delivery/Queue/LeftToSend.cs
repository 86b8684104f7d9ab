using PenguinMails.Core.Db;

namespace PenguinMails.Delivery.Queue;

/// <summary>Whether a campaign has anything left to send. In the caller's transaction; who calls checks the permission.</summary>
public static class LeftToSend
{
    // A message is in the queue until its outcome is written. Reads index queue_campaign up to the first that is not over: what a report ended under way stays there until its lane looks.
    const string Select = """
        select 1
        from delivery.queue q
        where q.tenant_id = $1 and q.campaign_id = $2
          and exists (select from delivery.message m where m.tenant_id = $1 and m.id = q.message_id and m.state in ('queued', 'sending', 'deferred'))
        limit 1
        """;

    /// <returns>True while a message is queued, under way or deferred.</returns>
    public static async Task<bool> IsAny(TenantTx tx, Guid campaign, CancellationToken ct) => (await tx.List(Select, row => row.GetInt32(0), ct, tx.Tenant, campaign)).Count > 0;
}
