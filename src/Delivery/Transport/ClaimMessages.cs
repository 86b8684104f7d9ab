using Npgsql;
using PenguinMails.Compliance.Suppressions;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Decisions;
using PenguinMails.Delivery.Limits;
using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Queue;

namespace PenguinMails.Delivery.Transport;

/// <summary>A message taken for sending.</summary>
/// <param name="Content">Null for a message of a conversation.</param>
/// <param name="Fields">JSON object of merge fields.</param>
/// <param name="Country">ISO 3166-1 alpha-2 of the recipient; empty while it is not known.</param>
/// <param name="Provider">Key of who receives for the recipient's domain; empty while it was not looked up.</param>
sealed record Claimed(MessageId Id, WorkspaceId Workspace, Guid Campaign, Guid? Content, string Address, string Fields, int Attempt, SendWindow Window, string Provider = "", string Country = "");

/// <summary>A place in a lane's queue, which is ordered by time and message.</summary>
sealed record QueuePlace(DateTimeOffset DueAt, Guid Message)
{
    /// <summary>Before every message.</summary>
    public static QueuePlace Start { get; } = new(DateTimeOffset.UnixEpoch, Guid.Empty);
}

/// <summary>Takes the next due messages of a lane as far as the checklist lets them through, and stores why the others wait.</summary>
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
          m.state in ('queued', 'deferred'), c.state, c.blocked_reason, c.clock, c.shape, c.skips_holidays,
          m.zone, m.country, m.recipient_kind, m.basis, m.basis_on, m.basis_until, m.has_evidence, m.has_source, m.is_withdrawn,
          (select a.until from delivery.away a where a.tenant_id = $1 and a.address = m.address limit 1),
          coalesce((select r.provider from delivery.recipient_domain r where r.domain = split_part(m.address, '@', -1) limit 1), '')
        from unnest($2::uuid[]) as w (id)
        cross join lateral (
          select m.id, m.workspace_id, m.campaign_id, m.content_id, m.address, m.fields, m.attempt, m.state, m.zone, m.country, m.recipient_kind, m.basis, m.basis_on, m.basis_until, m.has_evidence, m.has_source, m.is_withdrawn
          from delivery.message m
          where m.tenant_id = $1 and m.id = w.id
          limit 1) m
        join delivery.campaign_control c on c.tenant_id = $1 and c.campaign_id = m.campaign_id
        """;

    const string SelectLost = """
        select id, attempt_token
        from delivery.message
        where tenant_id = $1 and id = any(array(select unnest(under_way) from delivery.lane where mailbox_id = $2)) and state = 'sending' and attempt_token <> $3
          and coalesce(replied_at, auto_replied_at, complained_at) is null
        order by id
        limit 10000
        """;

    // Who answered or complained got it, although the server's word was not seen.
    const string LeaveInDoubt = """
        with lost as (
          update delivery.message
          set (state, reason, sent_at) = (
              select case when seen then 'sent' else 'in_doubt' end, case when seen then 'answered' else 'no_reply_seen' end, case when seen then attempted_at end
              from (select coalesce(replied_at, auto_replied_at, complained_at) is not null as seen) s),
            state_at = $4
          where tenant_id = $1 and id = any(array(select unnest(under_way) from delivery.lane where mailbox_id = $2)) and state = 'sending' and attempt_token <> $3
          returning id, campaign_id, state, reason),
        gone as (
          delete from delivery.queue where tenant_id = $1 and message_id in (select id from lost))
        insert into delivery.fact (tenant_id, id, at, kind, message_id, campaign_id, mailbox_id, detail)
        select $1, gen_random_uuid(), $4, state, id, campaign_id, $2, reason
        from lost
        """;

    /// <param name="IsWaiting">False: the ledger has an end for it already, the queue not yet.</param>
    sealed record Due(Claimed Message, bool IsWaiting, string CampaignState, string ContentFault, RecipientWindow When, RecipientFacts Recipient, DateOnly? AwayUntil);

    /// <summary>What a worker that died left in <c>sending</c> is in doubt from now on, or sent where its recipient has answered; unless the journal of its run tells what became of it.</summary>
    /// <param name="journals">Where this machine keeps each <see cref="LaneJournal"/>; null: nowhere.</param>
    public static async Task SettleLost(Lane lane, TenantDb db, string? journals, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.Begin(lane.Tenant, ct);
        await tx.Execute(Postpone.LockLane, ct, lane.Mailbox);
        var lost = (await tx.List(SelectLost, row => (Id: row.GetGuid(0), Token: row.GetGuid(1)), ct, lane.Tenant, lane.Mailbox, lane.Token)).ToLookup(one => one.Token, one => one.Id);
        var unbegun = new List<Guid>();
        foreach (var run in lost)
        {
            if (LaneJournal.Of(journals, lane.Mailbox, run.Key) is not { } marks) continue;
            var known = run.ToLookup(id => marks.GetValueOrDefault(id, LaneMark.Refused));
            await LaneLedger.Accepted(tx, lane, run.Key, [.. known[LaneMark.Accepted]], now, ct);
            await TakeBack.Within(tx, lane, run.Key, [.. known[LaneMark.Refused]], now, ct);
            unbegun.AddRange(run.Where(id => !marks.ContainsKey(id)));
        }

        await tx.Execute(LeaveInDoubt, ct, lane.Tenant, lane.Mailbox, lane.Token, now);
        await tx.Commit(ct);
        await ReturnPlaces.Handle(lane, unbegun, db, ct);
        foreach (var run in lost) LaneJournal.Remove(journals, lane.Mailbox, run.Key);
    }

    /// <param name="after">Where the last look ended.</param>
    /// <param name="ahead">Messages let through since the facts were read.</param>
    /// <returns>Messages to send, and where this look ended; null when nothing more is due.</returns>
    public static async Task<(List<Claimed> Messages, QueuePlace? End)> Next(Lane lane, LaneFacts facts, QueuePlace after, int limit, long ahead, TenantDb db, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.Begin(lane.Tenant, ct);
        var places = await tx.List(SelectDue, row => new QueuePlace(row.GetFieldValue<DateTimeOffset>(1), row.GetGuid(0)), ct, lane.Mailbox, now, limit, after.DueAt, after.Message);
        if (places.Count == 0) return ([], null);
        var ids = places.ConvertAll(place => place.Message);
        var found = (await tx.List(SelectMessages, Read, ct, lane.Tenant, ids.ToArray())).ToDictionary(d => d.Message.Id.Value);
        var due = ids.Where(found.ContainsKey).Select(id => found[id]).ToList();
        await tx.Execute(Postpone.LockLane, ct, lane.Mailbox);
        await Postpone.Forget(tx, due.Where(d => !d.IsWaiting).Select(d => d.Message), ct);
        var decided = await Decide(tx, facts, due.FindAll(d => d.IsWaiting), ahead, now, ct);
        await Postpone.Write(tx, lane, decided, now, ct);
        await tx.Commit(ct);
        return ([.. decided.Where(d => d.Decision.IsGo).Select(d => d.Message)], places[^1]);
    }

    static async Task<List<Decided>> Decide(TenantTx tx, LaneFacts facts, List<Due> due, long ahead, DateTimeOffset now, CancellationToken ct)
    {
        var suppressed = new Dictionary<(WorkspaceId, string), SuppressionReason>();
        foreach (var workspace in due.GroupBy(d => d.Message.Workspace))
            foreach (var (address, reason) in await CheckSuppressions.Within(tx, workspace.Key, [.. workspace.Select(d => d.Message.Address).Distinct()], ct))
                suppressed[(workspace.Key, address)] = reason;
        var full = await facts.Limits.Full(tx, [.. due.Select(d => new MessageKey(d.Message.Address, d.Message.Provider)).Distinct()], now, ct);
        var decided = new List<Decided>(due.Count);
        foreach (var d in due)
        {
            var message = facts.Of(new MessageFacts(
                d.CampaignState, facts.HaltOf(d.Message.Provider),
                suppressed.TryGetValue((d.Message.Workspace, d.Message.Address), out var reason) ? reason.ToString().ToLowerInvariant() : null,
                d.ContentFault, facts.GuardOf(d.Message.Campaign, d.Message.Provider), facts.Routes.Closed(d.Message.Provider, now), d.When, now, d.Message.Attempt,
                full.GetValueOrDefault(new(d.Message.Address, d.Message.Provider)), LaneFacts.IsInHalf(d.Message.Id, now), AwayUntil: d.AwayUntil), d.Recipient, d.Message.Content is null, ahead, now);
            decided.Add(new(d.Message, Checklist.Decide(facts.Sender, message, now)));
            if (decided[^1].Decision.IsGo) ahead++; // It takes its part of the hour.
        }

        return decided;
    }

    static Due Read(NpgsqlDataReader row)
    {
        var recipient = RecipientColumns.Read(row, 17);
        var when = SendPlan.Of(new SendWindow(row.GetString(7), row.GetInt16(8), row.GetInt16(9), row.GetInt16(10)), row.GetString(14), row.GetString(15), row.GetBoolean(16)).For(recipient);
        return new(
            new(new(row.GetGuid(0)), new(row.GetGuid(1)), row.GetGuid(2), row.Maybe<Guid>(3), row.GetString(4), row.GetString(5), row.GetInt16(6), when.Window, row.GetString(27), row.Text(18) ?? ""),
            row.GetBoolean(11), row.GetString(12), row.GetString(13), when, recipient, row.Maybe<DateOnly>(26));
    }
}

/// <summary>A message and what the checklist said of it.</summary>
sealed record Decided(Claimed Message, Decision Decision);
