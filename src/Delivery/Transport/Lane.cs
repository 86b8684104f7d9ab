using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Pacing;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Transport;

/// <summary>A mailbox that this process alone may send from, until the lease ends.</summary>
/// <param name="Wakes">Counter at the moment of the claim; a higher one at release means that work arrived meanwhile.</param>
sealed record Lane(MailboxId Mailbox, TenantId Tenant, long Wakes, int Failures, Guid Token);

/// <summary>The SQL of lanes.</summary>
static class Lanes
{
    // Reads index lane_ready. In turns between accounts: an account's second lane comes after the first of every other, one that is served now counts,
    // and among equals the account comes that was served longest ago. So one with a million messages gets no more than its share.
    const string ClaimReady = """
        with ready as (
          select mailbox_id, tenant_id, ready_at
          from delivery.lane
          where ready_at <= $1 and (lease_until is null or lease_until < $1)
          order by ready_at
          limit 5000),
        turns as (
          select r.mailbox_id, row_number() over (partition by r.tenant_id order by r.ready_at, r.mailbox_id) + a.held as turn, a.served_at
          from ready r
          join (
            select tenant_id, count(*) filter (where lease_until >= $1) as held, max(served_at) as served_at
            from delivery.lane
            where tenant_id = any(array(select tenant_id from ready))
            group by tenant_id) a on a.tenant_id = r.tenant_id)
        update delivery.lane
        set lease_until = $2, lease_token = $3, served_at = $1
        where mailbox_id in (
          select l.mailbox_id
          from turns t
          join delivery.lane l on l.mailbox_id = t.mailbox_id
          where l.lease_until is null or l.lease_until < $1
          order by t.turn, t.served_at nulls first
          limit $4
          for update of l skip locked)
        returning mailbox_id, tenant_id, wakes, failures
        """;

    const string RenewLease = "update delivery.lane set lease_until = $3 where mailbox_id = $1 and lease_token = $2";

    // The counter decides whether the queue was read before or after the newest wish to send. A lane that was woken is asked at once,
    // whatever it waited for: the checklist knows its gap and its caps.
    const string ReleaseLease = """
        update delivery.lane
        set lease_until = null, lease_token = null, failures = $4, trouble = $5, held = $7,
          ready_at = case
            when wakes <> $6 and $4 = 0 then least($3::timestamptz, $8::timestamptz)
            when wakes <> $6 then $3
            else greatest($3, coalesce((select min(q.due_at) from delivery.queue q where q.mailbox_id = $1), 'infinity')) end
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
    /// <param name="held">Code of the decision that it waits for; empty when it only waits for the next message.</param>
    public static async Task Release(TenantDb db, Lane lane, DateTimeOffset notBefore, int failures, string trouble, string held, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.BeginUnscoped(ct);
        await tx.Execute(ReleaseLease, ct, lane.Mailbox, lane.Token, notBefore, failures, trouble, lane.Wakes, held, now);
        await tx.Commit(ct);
    }

    /// <summary>Never shorter than the gap; up to 30 % longer, so that the rhythm is not a machine's. The same for the same message.</summary>
    public static TimeSpan Gap(int seconds, Guid message) => TimeSpan.FromSeconds(seconds * (1 + (0.3 * Jitter.Of(message.GetHashCode(), 0))));

    static Lane Read(NpgsqlDataReader row, Guid token) => new(new(row.GetGuid(0)), new(row.GetGuid(1)), row.GetInt64(2), row.GetInt32(3), token);
}
