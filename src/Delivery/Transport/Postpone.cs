using PenguinMails.Core.Db;
using PenguinMails.Delivery.Decisions;

namespace PenguinMails.Delivery.Transport;

/// <summary>Stores each "not now" with its code, and each "never" with its reason.</summary>
static class Postpone
{
    // Before many rows of the lane's messages or queue are changed: see ControlCampaign.
    public const string LockLane = "select 1 from delivery.lane where mailbox_id = $1 limit 1 for update";

    const string Leave = "delete from delivery.queue where tenant_id = $1 and message_id = any($2)";

    const string WaitCampaign = """
        update delivery.queue
        set due_at = $4, held = $5
        where tenant_id = $1 and campaign_id = $2 and mailbox_id = $3 and due_at < $4 and message_id <> all ($6)
        """;

    const string WaitMessages = """
        update delivery.queue q
        set due_at = w.due_at, held = w.held
        from unnest($2::uuid[], $3::timestamptz[], $4::text[]) as w (id, due_at, held)
        where q.tenant_id = $1 and q.message_id = any($2) and q.message_id = w.id
        """;

    const string Drop = """
        with gone as (
          delete from delivery.queue where tenant_id = $1 and message_id = any($2)),
        dropped as (
          update delivery.message m
          set state = 'dropped', reason = d.reason, state_at = $4
          from unnest($2::uuid[], $3::text[]) as d (id, reason)
          where m.tenant_id = $1 and m.id = any($2) and m.id = d.id and m.state in ('queued', 'deferred')
          returning m.id, m.campaign_id, m.mailbox_id, m.reason)
        insert into delivery.fact (tenant_id, id, at, kind, message_id, campaign_id, mailbox_id, detail)
        select $1, gen_random_uuid(), $4, 'dropped', id, campaign_id, mailbox_id, reason
        from dropped
        """;

    /// <summary>Nothing is asked about it before somebody acts.</summary>
    static readonly DateTime Never = DateTime.MaxValue; // Written as infinity.

    /// <summary>No longer in the queue: the ledger has an end for them.</summary>
    public static async Task Forget(TenantTx tx, IEnumerable<Claimed> messages, CancellationToken ct)
    {
        var ids = messages.Select(m => m.Id.Value).ToArray();
        if (ids.Length > 0) await tx.Execute(Leave, ct, tx.Tenant, ids);
    }

    /// <summary>What was decided against: dropped for good, or waiting under its code.</summary>
    public static async Task Write(TenantTx tx, Lane lane, IReadOnlyList<Decided> decided, DateTimeOffset now, CancellationToken ct)
    {
        var against = decided.Where(d => !d.Decision.IsGo).ToList();
        var final = against.Where(d => d.Decision.IsFinal).ToList();
        if (final.Count > 0) await Dropped(tx, [.. final.Select(d => d.Message.Id.Value)], [.. final.Select(d => d.Decision.Code)], now, ct);
        // One statement for all that a campaign has in this mailbox: a window closes for a million at once.
        var go = decided.Where(d => d.Decision.IsGo).Select(d => d.Message.Id.Value).ToArray();
        foreach (var campaign in against.Where(d => d.Decision is { IsFinal: false, Reach: DecisionReach.Campaign }).DistinctBy(d => d.Message.Campaign))
            await tx.Execute(WaitCampaign, ct, lane.Tenant, campaign.Message.Campaign, lane.Mailbox, Time(campaign.Decision), campaign.Decision.Code, go);
        var single = against.Where(d => d.Decision is { IsFinal: false, Reach: not DecisionReach.Campaign }).ToList();
        if (single.Count > 0)
            await tx.Execute(WaitMessages, ct, lane.Tenant, single.Select(d => d.Message.Id.Value).ToArray(), single.Select(d => Time(d.Decision)).ToArray(), single.Select(d => d.Decision.Code).ToArray());
    }

    /// <summary>Messages that will not be sent, with the reason of each.</summary>
    public static Task Dropped(TenantTx tx, Guid[] messages, string[] reasons, DateTimeOffset now, CancellationToken ct) =>
        tx.Execute(Drop, ct, tx.Tenant, messages, reasons, now);

    /// <summary>As it is kept: the end of time is infinity.</summary>
    public static DateTime Stored(DateTimeOffset at) => at == DateTimeOffset.MaxValue ? DateTime.SpecifyKind(Never, DateTimeKind.Utc) : at.UtcDateTime;

    static DateTime Time(Decision decision) => Stored(decision.Until ?? DateTimeOffset.MaxValue);
}
