using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Queue;
using PenguinMails.Delivery.Transport;

namespace PenguinMails.Delivery.Conversations;

/// <summary>A mailbox whose account and itself agreed to take part.</summary>
/// <param name="PerDay">Messages of conversations on one of its days, 1 to 20.</param>
/// <param name="PlannedOn">Its last day whose conversations are planned; null before the first.</param>
sealed record Member(Guid Mailbox, TenantId Tenant, string Language, int PerDay, string Zone, DateOnly? PlannedOn)
{
    /// <summary>Monday to Friday, 9:00 to 17:30 on its clock.</summary>
    public SendWindow Window => WindowOf(Zone);

    public static SendWindow WindowOf(string zone) => new(zone, 0b001_1111, 9 * 60, (17 * 60) + 30);

    internal static Member Read(NpgsqlDataReader row) => new(row.GetGuid(0), new(row.GetGuid(1)), row.GetString(2), row.GetInt16(3), row.GetString(4), row.Maybe<DateOnly>(5));
}

/// <summary>Who takes part, and how it ends.</summary>
static class PoolMembers
{
    const string SelectAll = "select mailbox_id, tenant_id, language, per_day, zone, planned_on from delivery.pool_member order by mailbox_id limit 100000";

    const string Lock = "select mailbox_id, tenant_id, language, per_day, zone, planned_on from delivery.pool_member where mailbox_id = any($1) order by mailbox_id limit 2 for share";

    const string SelectIs = "select exists (select from delivery.pool_member where mailbox_id = $1)";

    const string SelectOfTenant = "select mailbox_id from delivery.pool_member where tenant_id = $1 order by mailbox_id limit 100000";

    const string Delete = "delete from delivery.pool_member where tenant_id = $1 and mailbox_id = any($2)";

    const string EndConversations = """
        update delivery.conversation
        set is_over = true, next_at = null, changed_at = $2
        where not is_over and (from_mailbox = any($1) or to_mailbox = any($1))
        """;

    // What others are about to send to it.
    const string SelectTowards = """
        select message_id, from_tenant, from_mailbox
        from delivery.conversation_turn
        where to_mailbox = any($1) and found_at is null and asked_at > $2
        limit 10000
        """;

    static readonly TimeSpan Waits = TimeSpan.FromDays(7);

    public static async Task<List<Member>> All(TenantDb db, CancellationToken ct)
    {
        await using var tx = await db.BeginUnscoped(ct);
        return await tx.List(SelectAll, Member.Read, ct);
    }

    /// <summary>Those of the two that take part, held so to the end of the transaction.</summary>
    public static Task<List<Member>> Hold(TenantTx tx, Guid one, Guid other, CancellationToken ct) => tx.List(Lock, Member.Read, ct, (object)new[] { one, other });

    public static Task<bool> Is(TenantTx tx, Guid mailbox, CancellationToken ct) => tx.One(SelectIs, row => row.GetBoolean(0), ct, mailbox);

    public static Task<List<Guid>> OfTenant(TenantTx tx, CancellationToken ct) => tx.List(SelectOfTenant, row => row.GetGuid(0), ct, tx.Tenant);

    /// <summary>They take part no more: what they have not sent is dropped, at the last gate too. In the caller's transaction.</summary>
    public static async Task Remove(TenantTx tx, IReadOnlyCollection<Guid> mailboxes, DateTimeOffset now, CancellationToken ct)
    {
        await tx.Execute(Delete, ct, tx.Tenant, mailboxes.ToArray()); // First, as whoever writes the next message holds them first.
        await Silence(tx, mailboxes, now, ct);
    }

    /// <summary>Ends their conversations and drops what they have not sent; they stay members.</summary>
    public static async Task Silence(TenantTx tx, IReadOnlyCollection<Guid> mailboxes, DateTimeOffset now, CancellationToken ct)
    {
        await tx.Execute(EndConversations, ct, mailboxes.ToArray(), now);
        foreach (var mailbox in mailboxes.Order()) await ControlCampaign.Stop(tx, mailbox, now, ct);
    }

    /// <summary>Drops what others have not sent to them yet, each in its own account. To be called when they are members no more.</summary>
    public static async Task DropTowards(TenantDb db, IReadOnlyCollection<Guid> mailboxes, DateTimeOffset now, CancellationToken ct)
    {
        List<(Guid Message, Guid Tenant, Guid Mailbox)> towards;
        await using (var tx = await db.BeginUnscoped(ct))
            towards = await tx.List(SelectTowards, row => (row.GetGuid(0), row.GetGuid(1), row.GetGuid(2)), ct, mailboxes.ToArray(), now - Waits);
        foreach (var lane in towards.GroupBy(turn => (turn.Tenant, turn.Mailbox)))
        {
            await using var tx = await db.Begin(new(lane.Key.Tenant), ct);
            await tx.Execute(Postpone.LockLane, ct, lane.Key.Mailbox);
            await Postpone.Dropped(tx, [.. lane.Select(turn => turn.Message)], [.. lane.Select(_ => "conversation_over")], now, ct);
            await tx.Commit(ct);
        }
    }
}
