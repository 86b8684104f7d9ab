using PenguinMails.Core.Db;
using PenguinMails.Delivery.Queue;
using PenguinMails.Delivery.Transport;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Limits;

/// <summary>Gives back the places in limits of messages that a dead run let through and never began.</summary>
/// <remarks>Only where it is sure that a place was counted: in limits that were set before the message passed, under names that cannot have changed since. Every other place stays taken until the window has moved on.
/// A transaction of its own, because limits are locked before lanes; if it is lost, the places stay taken.</remarks>
static class ReturnPlaces
{
    // A provider that was learnt since is not the one that was counted.
    const string SelectPassed = """
        select m.id, m.workspace_id, m.campaign_id, m.address, m.attempted_at, coalesce(r.provider, '')
        from delivery.message m
        left join delivery.recipient_domain r on r.domain = split_part(m.address, '@', -1) and r.looked_up_at <= m.attempted_at
        where m.tenant_id = $1 and m.id = any($2)
        order by m.id
        limit 10000
        """;

    // The server of a mailbox may be another now.
    const string SelectLimits = "select scope, key, window_seconds, most, set_at from delivery.send_limit where tenant_id = $1 and scope <> 'server' limit 100";

    sealed record Passed(Claimed Message, DateTimeOffset At);

    public static async Task Handle(Lane lane, IReadOnlyCollection<Guid> messages, TenantDb db, CancellationToken ct)
    {
        if (messages.Count == 0) return;
        await using var tx = await db.Begin(lane.Tenant, ct);
        var limits = await tx.List(SelectLimits, row => (Limit: new SendLimit(row.GetString(0), row.GetString(1), row.GetInt32(2), row.GetInt32(3)), Since: row.Maybe<DateTime>(4)), ct, lane.Tenant);
        if (limits.Count == 0 || await ReadSendingState.Within(tx, [lane.Mailbox.Value], ct) is not [var state]) return;
        var place = new LimitPlace(state.Domain, "", state.Id.Value.ToString("N"));
        var passed = await tx.List(SelectPassed, row => new Passed(
            new(new(row.GetGuid(0)), new(row.GetGuid(1)), row.GetGuid(2), null, row.GetString(3), "{}", 0, SendWindow.Always, row.GetString(5)), row.GetFieldValue<DateTimeOffset>(4)), ct, lane.Tenant, messages.ToArray());
        await new LimitBook(place, limits.ConvertAll(one => one.Limit)).LockAll(tx, passed.Select(one => one.Message), ct);
        foreach (var (message, at) in passed)
            await new LimitBook(place, [.. limits.Where(one => one.Since < at.UtcDateTime).Select(one => one.Limit)]).Return(tx, [(message, at)], ct);
        await tx.Commit(ct);
    }
}
