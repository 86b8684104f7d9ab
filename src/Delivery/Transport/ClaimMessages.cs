using Npgsql;
using PenguinMails.Compliance.Suppressions;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Queue;

namespace PenguinMails.Delivery.Transport;

/// <summary>A message taken for sending.</summary>
/// <param name="Fields">JSON object of merge fields.</param>
sealed record Claimed(MessageId Id, WorkspaceId Workspace, Guid Campaign, Guid Content, string Address, string Fields, int Attempt, SendWindow Window);

/// <summary>A place in a lane's queue, which is ordered by time and message.</summary>
sealed record QueuePlace(DateTimeOffset DueAt, Guid Message)
{
    /// <summary>Before every message.</summary>
    public static QueuePlace Start { get; } = new(DateTimeOffset.UnixEpoch, Guid.Empty);
}

/// <summary>Takes the next due messages of a lane: the campaign runs, its window is open, the recipient is not suppressed, the cap is not reached.</summary>
static class ClaimMessages
{
    // Reads index queue_mailbox from where the last look ended. No row lock: the lane's lease is the lock.
    const string SelectDue = """
        select message_id, due_at
        from delivery.queue
        where mailbox_id = $1 and due_at <= $2 and (due_at, message_id) > ($4, $5)
        order by due_at, message_id
        limit $3
        """;

    // One look-up by primary key for each id: the limit keeps the planner from reading all of the tenant instead.
    const string SelectMessages = """
        select m.id, m.workspace_id, m.campaign_id, m.content_id, m.address, m.fields, m.attempt, c.zone, c.days, c.from_minute, c.to_minute,
          m.state in ('queued', 'deferred'), c.state = 'running'
        from unnest($2::uuid[]) as w (id)
        cross join lateral (
          select m.id, m.workspace_id, m.campaign_id, m.content_id, m.address, m.fields, m.attempt, m.state
          from delivery.message m
          where m.tenant_id = $1 and m.id = w.id
          limit 1) m
        join delivery.campaign_control c on c.tenant_id = $1 and c.campaign_id = m.campaign_id
        """;

    // Before many rows of the lane's messages or queue are changed: see ControlCampaign.
    const string LockLane = "select 1 from delivery.lane where mailbox_id = $1 limit 1 for update";

    // Its campaign was paused while the message was under way; resuming brings it back.
    const string Hold = "update delivery.queue set due_at = 'infinity' where tenant_id = $1 and message_id = any($2)";

    const string Forget = "delete from delivery.queue where tenant_id = $1 and message_id = any($2)";

    const string LeaveInDoubt = """
        with lost as (
          update delivery.message
          set state = 'in_doubt', reason = 'no_reply_seen', state_at = $4
          where tenant_id = $1 and id = any(array(select unnest(under_way) from delivery.lane where mailbox_id = $2)) and state = 'sending' and attempt_token <> $3
          returning id, campaign_id),
        gone as (
          delete from delivery.queue where tenant_id = $1 and message_id in (select id from lost))
        insert into delivery.fact (tenant_id, id, at, kind, message_id, campaign_id, mailbox_id, detail)
        select $1, gen_random_uuid(), $4, 'in_doubt', id, campaign_id, $2, 'no_reply_seen'
        from lost
        """;

    const string CountAttempts = """
        select count(*), min(at)
        from delivery.attempt
        where tenant_id = $1 and mailbox_id = $2 and at > $3
        """;

    const string Wait = """
        update delivery.queue
        set due_at = $4
        where tenant_id = $1 and campaign_id = $2 and mailbox_id = $3 and due_at < $4
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

    /// <param name="IsWaiting">False: the ledger has an end for it already, the queue not yet.</param>
    sealed record Due(Claimed Message, bool IsWaiting, bool IsRunning);

    /// <summary>How much of the cap of a rolling 24 hours is used.</summary>
    /// <param name="Oldest">First attempt in the window; null when there is none.</param>
    public sealed record Usage(long Attempts, DateTimeOffset? Oldest);

    /// <summary>What a worker that died left in <c>sending</c> is in doubt from now on.</summary>
    public static async Task SettleLost(Lane lane, TenantDb db, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.Begin(lane.Tenant, ct);
        await tx.Execute(LockLane, ct, lane.Mailbox);
        await tx.Execute(LeaveInDoubt, ct, lane.Tenant, lane.Mailbox, lane.Token, now);
        await tx.Commit(ct);
    }

    public static async Task<Usage> Used(Lane lane, TenantDb db, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.Begin(lane.Tenant, ct);
        return await tx.One(CountAttempts, row => new Usage(row.GetInt64(0), row.Maybe<DateTimeOffset>(1)), ct, lane.Tenant, lane.Mailbox, now.AddHours(-24));
    }

    /// <param name="after">Where the last look ended.</param>
    /// <returns>Messages to send, and where this look ended; null when nothing more is due.</returns>
    public static async Task<(List<Claimed> Messages, QueuePlace? End)> Next(Lane lane, QueuePlace after, int limit, TenantDb db, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.Begin(lane.Tenant, ct);
        var places = await tx.List(SelectDue, row => new QueuePlace(row.GetFieldValue<DateTimeOffset>(1), row.GetGuid(0)), ct, lane.Mailbox, now, limit, after.DueAt, after.Message);
        if (places.Count == 0) return ([], null);
        var ids = places.ConvertAll(place => place.Message);
        var found = (await tx.List(SelectMessages, Read, ct, lane.Tenant, ids.ToArray())).ToDictionary(d => d.Message.Id.Value);
        var due = ids.Where(found.ContainsKey).Select(id => found[id]).ToList();
        await tx.Execute(LockLane, ct, lane.Mailbox);
        await SetAside(tx, Forget, due.Where(d => !d.IsWaiting), ct);
        await SetAside(tx, Hold, due.Where(d => d is { IsWaiting: true, IsRunning: false }), ct);
        var open = due.Where(d => d is { IsWaiting: true, IsRunning: true }).Select(d => d.Message).ToList();
        var closed = await WaitForWindows(tx, lane, open, now, ct);
        open.RemoveAll(m => closed.Contains(m.Campaign));
        var suppressed = await DropSuppressed(tx, open, now, ct);
        await tx.Commit(ct);
        open.RemoveAll(m => suppressed.Contains(m.Id));
        return (open, places[^1]);
    }

    static async Task SetAside(TenantTx tx, string sql, IEnumerable<Due> due, CancellationToken ct)
    {
        var ids = due.Select(d => d.Message.Id.Value).ToArray();
        if (ids.Length > 0) await tx.Execute(sql, ct, tx.Tenant, ids);
    }

    static async Task<HashSet<Guid>> WaitForWindows(TenantTx tx, Lane lane, List<Claimed> due, DateTimeOffset now, CancellationToken ct)
    {
        var closed = new HashSet<Guid>();
        foreach (var (campaign, window) in due.DistinctBy(m => m.Campaign).Select(m => (m.Campaign, m.Window)))
        {
            var opens = window.NextOpen(now);
            if (opens <= now) continue;
            await tx.Execute(Wait, ct, lane.Tenant, campaign, lane.Mailbox, opens);
            closed.Add(campaign);
        }

        return closed;
    }

    static async Task<HashSet<MessageId>> DropSuppressed(TenantTx tx, List<Claimed> open, DateTimeOffset now, CancellationToken ct)
    {
        var dropped = new Dictionary<MessageId, string>();
        foreach (var workspace in open.GroupBy(m => m.Workspace))
        {
            var suppressed = await CheckSuppressions.Within(tx, workspace.Key, [.. workspace.Select(m => m.Address).Distinct()], ct);
            foreach (var message in workspace)
                if (suppressed.TryGetValue(message.Address, out var reason)) dropped[message.Id] = "suppressed_" + reason.ToString().ToLowerInvariant();
        }

        if (dropped.Count > 0) await Dropped(tx, [.. dropped.Keys.Select(id => id.Value)], [.. dropped.Values], now, ct);
        return [.. dropped.Keys];
    }

    /// <summary>Messages that will not be sent, with the reason of each.</summary>
    public static Task Dropped(TenantTx tx, Guid[] messages, string[] reasons, DateTimeOffset now, CancellationToken ct) =>
        tx.Execute(Drop, ct, tx.Tenant, messages, reasons, now);

    static Due Read(NpgsqlDataReader row) => new(
        new(new(row.GetGuid(0)), new(row.GetGuid(1)), row.GetGuid(2), row.GetGuid(3), row.GetString(4), row.GetString(5),
            row.GetInt16(6), new SendWindow(row.GetString(7), row.GetInt16(8), row.GetInt16(9), row.GetInt16(10))),
        row.GetBoolean(11), row.GetBoolean(12));
}
