using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Transport;

/// <summary>A mailbox that this process alone may send from, until the lease ends.</summary>
/// <param name="Wakes">Counter at the moment of the claim; a higher one at release means that work arrived meanwhile.</param>
sealed record Lane(MailboxId Mailbox, TenantId Tenant, long Wakes, int Failures, Guid Token);

/// <summary>The SQL of lanes.</summary>
static class Lanes
{
    // Reads index lane_ready.
    const string ClaimReady = """
        update delivery.lane
        set lease_until = $2, lease_token = $3
        where mailbox_id in (
          select mailbox_id
          from delivery.lane
          where ready_at <= $1 and (lease_until is null or lease_until < $1)
          order by ready_at
          limit $4
          for update skip locked)
        returning mailbox_id, tenant_id, wakes, failures
        """;

    const string RenewLease = "update delivery.lane set lease_until = $3 where mailbox_id = $1 and lease_token = $2";

    // The counter decides whether the queue was read before or after the newest wish to send.
    const string ReleaseLease = """
        update delivery.lane
        set lease_until = null, lease_token = null, failures = $4, trouble = $5,
          ready_at = case when wakes = $6
            then greatest($3, coalesce((select min(q.due_at) from delivery.queue q where q.mailbox_id = $1), 'infinity'))
            else $3 end
        where mailbox_id = $1 and lease_token = $2
        """;

    public static async Task<List<Lane>> Claim(TenantDb db, int limit, TimeSpan lease, DateTimeOffset now, CancellationToken ct)
    {
        var token = Guid.CreateVersion7(now);
        await using var tx = await db.BeginUnscoped(ct);
        var lanes = await tx.List(ClaimReady, row => Read(row, token), ct, now, now + lease, token, limit);
        await tx.Commit(ct);
        return lanes;
    }

    /// <returns>False when another process holds the lane now.</returns>
    public static async Task<bool> Renew(TenantDb db, Lane lane, TimeSpan lease, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.BeginUnscoped(ct);
        var renewed = await tx.Execute(RenewLease, ct, lane.Mailbox, lane.Token, now + lease);
        await tx.Commit(ct);
        return renewed == 1;
    }

    /// <param name="notBefore">Earliest next service of the lane.</param>
    public static async Task Release(TenantDb db, Lane lane, DateTimeOffset notBefore, int failures, string trouble, CancellationToken ct)
    {
        await using var tx = await db.BeginUnscoped(ct);
        await tx.Execute(ReleaseLease, ct, lane.Mailbox, lane.Token, notBefore, failures, trouble, lane.Wakes);
        await tx.Commit(ct);
    }

    static Lane Read(NpgsqlDataReader row, Guid token) => new(new(row.GetGuid(0)), new(row.GetGuid(1)), row.GetInt64(2), row.GetInt32(3), token);
}
