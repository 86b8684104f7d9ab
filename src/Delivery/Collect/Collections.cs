using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Collect;

/// <summary>A mailbox that this process alone looks into, until the lease ends.</summary>
sealed record Collection(MailboxId Mailbox, TenantId Tenant, DateTimeOffset Since, int Failures, Guid Token);

/// <summary>The SQL of <c>delivery.collection</c>: whose turn it is, and who holds it.</summary>
static class Collections
{
    // Reads index collection_ready: who waited longest is next.
    const string ClaimReady = """
        update delivery.collection
        set lease_until = $2, lease_token = $3
        where mailbox_id in (
          select mailbox_id
          from delivery.collection
          where ready_at <= $1 and not is_paused and (lease_until is null or lease_until < $1)
          order by ready_at
          limit $4
          for update skip locked)
        returning mailbox_id, tenant_id, since, failures
        """;

    // A pause, a removal and another holder all look the same from here: nothing is renewed.
    const string RenewLease = "update delivery.collection set lease_until = $3 where mailbox_id = $1 and lease_token = $2 and not is_paused";

    const string SaveLook = "update delivery.collection set looked_at = $3, failures = 0, trouble = '' where mailbox_id = $1 and lease_token = $2";

    const string ReleaseLease = """
        update delivery.collection
        set lease_until = null, lease_token = null, ready_at = $3, failures = $4, trouble = $5
        where mailbox_id = $1 and lease_token = $2
        """;

    /// <summary>True while the lease holds, and holds it to the end of the transaction: the row is locked against a pause and another holder.</summary>
    internal const string Hold = "select tenant_id from delivery.collection where mailbox_id = $1 and lease_token = $2 and not is_paused for share";

    public static async Task<List<Collection>> Claim(TenantDb db, int limit, TimeSpan lease, DateTimeOffset now, CancellationToken ct)
    {
        var token = Guid.CreateVersion7(now);
        await using var tx = await db.BeginUnscoped(ct);
        var claimed = await tx.List(ClaimReady, row => Read(row, token), ct, now, now + lease, token, limit);
        await tx.Commit(ct);
        return claimed;
    }

    /// <returns>False when the mailbox was paused, removed, or is another's now.</returns>
    public static Task<bool> Renew(TenantDb db, Collection held, TimeSpan lease, DateTimeOffset now, CancellationToken ct) => Write(db, RenewLease, ct, held.Mailbox, held.Token, now + lease);

    public static Task<bool> Looked(TenantDb db, Collection held, DateTimeOffset now, CancellationToken ct) => Write(db, SaveLook, ct, held.Mailbox, held.Token, now);

    /// <param name="trouble">Code of what went wrong; empty for nothing.</param>
    public static Task<bool> Release(TenantDb db, Collection held, DateTimeOffset readyAt, int failures, string trouble, CancellationToken ct) =>
        Write(db, ReleaseLease, ct, held.Mailbox, held.Token, readyAt, failures, trouble);

    /// <summary>30 s, 1 min, 2 min and so on up to 30 min, times a jitter of 0.8 to 1.2.</summary>
    /// <param name="failures">In a row, from 1.</param>
    public static TimeSpan BackOff(int failures, Guid mailbox) =>
        TimeSpan.FromSeconds(Math.Min(1800, 30 * Math.Pow(2, Math.Min(failures, 10) - 1)) * (0.8 + (0.4 * new Random(HashCode.Combine(mailbox, failures)).NextDouble())));

    static async Task<bool> Write(TenantDb db, string sql, CancellationToken ct, params object?[] values)
    {
        await using var tx = await db.BeginUnscoped(ct);
        var changed = await tx.Execute(sql, ct, values);
        await tx.Commit(ct);
        return changed == 1;
    }

    static Collection Read(NpgsqlDataReader row, Guid token) => new(new(row.GetGuid(0)), new(row.GetGuid(1)), row.GetFieldValue<DateTimeOffset>(2), row.GetInt32(3), token);
}
