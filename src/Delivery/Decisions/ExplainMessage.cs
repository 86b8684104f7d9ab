using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using PenguinMails.Compliance.Suppressions;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Limits;
using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Queue;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Decisions;

/// <summary>Why has this message not been sent, and when will it be?</summary>
/// <remarks>Asks the checklist that sends, with the facts of this moment. Refuses with <c>permission.missing</c> or <c>message.not_found</c>.</remarks>
public static class ExplainMessage
{
    /// <summary>Messages before it in the queue are counted up to here.</summary>
    public const int AheadMax = 10_000;

    /// <param name="State">Of the ledger.</param>
    /// <param name="Step">The question that said no; <c>send</c> when none did; <c>ended</c> when it is not waiting any more.</param>
    /// <param name="Code">Of the decision now.</param>
    /// <param name="Reason">The answer in a sentence.</param>
    /// <param name="Until">When it is asked again; null when somebody must act first.</param>
    /// <param name="StoredCode">What the last decision wrote down when it was made; empty while it only waits for its turn.</param>
    /// <param name="Ahead">Messages of its mailbox that are due before it, at most <see cref="AheadMax"/>.</param>
    /// <param name="ExpectedAt">When it leaves, if nothing changes: after what is before it, at the mailbox's cap and gap, inside the window. Null when nobody can know.</param>
    /// <param name="Steps">Every question in its order, up to the one that said no.</param>
    /// <param name="AskedAt">The moment of all this.</param>
    public sealed record Output(
        MessageId Id, string State, string Step, string Code, string Reason, DateTimeOffset? Until, string StoredCode, long Ahead, DateTimeOffset? ExpectedAt, IReadOnlyList<StepAnswer> Steps, DateTimeOffset AskedAt);

    /// <param name="Answer">passed, no or not_asked.</param>
    public sealed record StepAnswer(string Step, string Answer);

    sealed record Row(Guid Campaign, string CampaignState, string ContentFault, WorkspaceId Workspace, Guid Mailbox, string Address, string State, string Reason, DateTimeOffset DueAt, int Attempt,
        RecipientWindow When, RecipientFacts Recipient, DateOnly? AwayUntil, string Provider, string Stored);

    const string Select = """
        select m.campaign_id, c.state, c.blocked_reason, m.workspace_id, m.mailbox_id, m.address, m.state, m.reason, m.due_at, m.attempt,
          c.zone, c.days, c.from_minute, c.to_minute, coalesce(r.provider, ''), coalesce(q.held, ''), c.clock, c.shape, c.skips_holidays, a.until,
          m.zone, m.country, m.recipient_kind, m.basis, m.basis_on, m.basis_until, m.has_evidence, m.has_source, m.is_withdrawn
        from delivery.message m
        join delivery.campaign_control c on c.tenant_id = m.tenant_id and c.campaign_id = m.campaign_id
        left join delivery.queue q on q.tenant_id = m.tenant_id and q.message_id = m.id
        left join delivery.away a on a.tenant_id = m.tenant_id and a.address = m.address
        left join delivery.recipient_domain r on r.domain = split_part(m.address, '@', -1)
        where m.tenant_id = $1 and ($2::uuid is null or m.workspace_id = $2) and m.id = $3
        """;

    const string CountAhead = """
        select count(*)
        from (
          select 1
          from delivery.queue q
          where q.mailbox_id = $1 and (q.due_at, q.message_id) < (select o.due_at, o.message_id from delivery.queue o where o.tenant_id = $2 and o.message_id = $3)
          limit $4) a
        """;

    public static async Task<Result<Output>> Handle(Actor actor, MessageId id, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MessagesRead)) return Actor.Forbidden(Permissions.MessagesRead);
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Maybe(Select, Read, ct, actor.Tenant, actor.Workspace, id) is not { } row) return ListMessages.NotFound;
        if (row.State is not ("queued" or "deferred")) return Ended(id, row, now);
        if (await LaneFacts.Read(tx, row.Mailbox, isServing: false, now, ct) is not { } facts)
            return Said(id, row, new(DecisionStep.MailboxHealth, "mailbox_gone", "Its mailbox was removed.", null, DecisionReach.Mailbox), 0, null, now);
        var decision = Checklist.Decide(facts.Sender, await Facts(tx, id, row, facts, now, ct), now);
        if (await ConfinedSight.Of(actor, Permissions.MessagesRead, tx, ct) is { } sight) decision = Seen(decision, facts, sight);
        var ahead = await tx.One(CountAhead, r => r.GetInt64(0), ct, row.Mailbox, actor.Tenant, id, AheadMax);
        return Said(id, row, decision, ahead, decision.IsFinal || (decision is { IsGo: false, Until: null }) ? null : Expected(facts.Sender.Usage, facts.State.GapSeconds, row.When, decision.Until ?? now, ahead), now);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/messages/{id}/why",
        async (Actor actor, MessageId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, db, clock, ct)).ToHttp());

    // A guard's sentence holds its figures.
    static Decision Seen(Decision decision, LaneFacts facts, ConfinedSight sight) =>
        decision.Step == DecisionStep.Guard && !facts.Guards.Any(guard => decision.Reason.StartsWith(guard.Reason, StringComparison.Ordinal) && sight.Of(guard.Scope, guard.Key) == Holding.Whole)
            ? decision with { Reason = $"A guard {(decision.Code == "guard_paused" ? "paused" : "slowed")} what it is sent from. {ConfinedSight.Elsewhere}" }
            : decision;

    static async Task<MessageFacts> Facts(TenantTx tx, MessageId id, Row row, LaneFacts facts, DateTimeOffset now, CancellationToken ct)
    {
        var suppressed = await CheckSuppressions.Within(tx, row.Workspace, [row.Address], ct);
        var key = new MessageKey(row.Address, row.Provider);
        var full = await facts.Limits.Full(tx, [key], now, ct);
        return facts.Of(new(row.CampaignState, facts.HaltOf(row.Provider), suppressed.TryGetValue(row.Address, out var reason) ? reason.ToString().ToLowerInvariant() : null,
            row.ContentFault, facts.GuardOf(row.Campaign, row.Provider), facts.Routes.Closed(row.Provider, now), row.When, row.DueAt, row.Attempt, full.GetValueOrDefault(key), LaneFacts.IsInHalf(id, now),
            AwayUntil: row.AwayUntil), row.Recipient, row.Campaign == row.Mailbox, 0, now);
    }

    /// <summary>As many days later as it takes to send what is before it.</summary>
    internal static DateTimeOffset Expected(UsageFact usage, int gapSeconds, RecipientWindow when, DateTimeOffset from, long ahead)
    {
        var room = Math.Max(0, usage.DailyCap - usage.Attempts);
        var at = ahead < room || usage.DailyCap == 0
            ? from.AddSeconds(ahead * gapSeconds)
            : (usage.Oldest ?? from).AddHours(24).AddDays((ahead - room) / usage.DailyCap);
        return when.NextOpen(at < from ? from : at);
    }

    static Output Said(MessageId id, Row row, Decision decision, long ahead, DateTimeOffset? expected, DateTimeOffset now) => new(
        id, row.State, decision.StepWord, decision.Code, decision.Reason, decision.Until, row.Stored, ahead, expected, Steps(decision.Step), now);

    static Output Ended(MessageId id, Row row, DateTimeOffset now) => new(
        id, row.State, "ended", row.Reason.Length > 0 ? row.Reason : row.State,
        row.State switch
        {
            "sent" => "It was sent.",
            "sending" => "It is being sent at this moment.",
            "in_doubt" => "It was handed over and no answer was seen. The server's log or the Sent folder is asked where there is one; else a person decides. It is never sent again without proof that it was not taken.",
            "bounced" => "It was refused for good.",
            "failed" => "It was given up.",
            _ => "It is not sent, because it must not be.",
        }, null, "", 0, null, [], now);

    static StepAnswer[] Steps(DecisionStep no) =>
        [.. Enum.GetValues<DecisionStep>().Select(step => new StepAnswer(Decision.Word(step), step < no || no == DecisionStep.Send ? "passed" : step == no ? "no" : "not_asked"))];

    static Row Read(NpgsqlDataReader row)
    {
        var recipient = RecipientColumns.Read(row, 20);
        var when = SendPlan.Of(new(row.GetString(10), row.GetInt16(11), row.GetInt16(12), row.GetInt16(13)), row.GetString(16), row.GetString(17), row.GetBoolean(18)).For(recipient);
        return new(row.GetGuid(0), row.GetString(1), row.GetString(2), new(row.GetGuid(3)), row.GetGuid(4), row.GetString(5), row.GetString(6), row.GetString(7),
            row.GetFieldValue<DateTimeOffset>(8), row.GetInt16(9), when, recipient, row.Maybe<DateOnly>(19), row.GetString(14), row.GetString(15));
    }
}
