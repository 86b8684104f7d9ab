using PenguinMails.Compliance.Jurisdictions;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Guards;
using PenguinMails.Delivery.Limits;
using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Queue;
using PenguinMails.Delivery.Routes;
using PenguinMails.Delivery.Transport;
using PenguinMails.Delivery.Warmup;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Decisions;

/// <summary>All that is known of one mailbox when it is decided what it sends: read once for a stretch of seconds, so that a stop takes hold within it.</summary>
/// <param name="Guards">Of the whole account, those that slow or pause.</param>
/// <param name="Limits">Of the whole account.</param>
/// <param name="Hours">How the mailbox spreads its day.</param>
/// <param name="Policy">What the account asks for where no country is known.</param>
sealed record LaneFacts(SenderFacts Sender, SendingState State, IReadOnlyList<HaltFact> Halts, IReadOnlyList<GuardFact> Guards, RouteBook Routes, LimitBook Limits, HourShares Hours, ConsentPolicy Policy)
{
    const string SelectHalts = """
        select 'platform', '', reason, at
        from delivery.platform_halt
        union all
        select scope, target, reason, at
        from delivery.halt
        where tenant_id = $1
        limit 1000
        """;

    const string SelectGuards = "select subject, key, sentence, level = 'pause' from delivery.guard where tenant_id = $1 and level in ('slow', 'pause') limit 10000";

    const string SelectLane = "select trouble, ready_at from delivery.lane where mailbox_id = $1";

    // By stretches of five minutes, so that the hours of any window can be counted from it.
    const string CountAttempts = """
        select to_timestamp(floor(extract(epoch from at) / $4) * $4), count(*), min(at)
        from delivery.attempt
        where tenant_id = $1 and mailbox_id = $2 and at > $3
        group by 1
        order by 1
        limit 300
        """;

    const string SelectLast = "select at, message_id from delivery.attempt where tenant_id = $1 and mailbox_id = $2 order by at desc, message_id desc limit 1";

    sealed record Last(DateTimeOffset At, Guid Message);

    sealed record Row(string Trouble, DateTimeOffset ReadyAt);

    /// <param name="isServing">True for the lane's holder: a time that it waited for is over by that.</param>
    /// <returns>Null: the mailbox is gone.</returns>
    public static async Task<LaneFacts?> Read(TenantTx tx, Guid mailbox, bool isServing, DateTimeOffset now, CancellationToken ct)
    {
        var states = await ReadSendingState.Within(tx, [mailbox], ct);
        if (states.Count == 0) return null;
        var state = states[0];
        var halts = await tx.List(SelectHalts, row => new HaltFact(row.GetString(0), row.GetString(1), row.GetString(2), row.GetFieldValue<DateTimeOffset>(3)), ct, tx.Tenant);
        var routes = await RouteBook.Read(tx, state, ct);
        var limits = await LimitBook.Read(tx, state, ct);
        var guards = await GuardFacts(tx, ct);
        var warmUp = await WarmUpFacts.Read(tx, state, now, ct);
        var own = guards.Where(guard => guard.IsOf(state)).ToList();
        var lane = isServing ? null : await tx.Maybe(SelectLane, row => new Row(row.GetString(0), row.GetFieldValue<DateTimeOffset>(1)), ct, mailbox);
        var (usage, sent) = await Usage(tx, state, own.Count > 0, now, ct);
        var ofMailbox = await limits.OfMailbox(tx, now, ct);
        var sender = new SenderFacts(
            halts.FirstOrDefault(halt => halt.Scope == "platform") ?? halts.FirstOrDefault(halt => halt.Scope == "account"),
            await limits.PlanUsed(tx, now, ct),
            state.DomainFault, state.IsPaused, state.IsConsentLost ? "consent_lost" : lane?.Trouble ?? "", lane?.ReadyAt,
            own.Find(guard => guard.IsPaused), usage, warmUp, ofMailbox.Full, ofMailbox.Room);
        return new(sender, state, halts, guards, routes, limits, new(Math.Min(usage.DailyCap, warmUp?.Budget ?? int.MaxValue), sent), await SetConsentPolicy.Within(tx, ct));
    }

    static async Task<(UsageFact Usage, IReadOnlyList<SentStretch> Sent)> Usage(TenantTx tx, SendingState state, bool isSlowed, DateTimeOffset now, CancellationToken ct)
    {
        var sent = await tx.List(CountAttempts, row => (Stretch: new SentStretch(row.GetFieldValue<DateTimeOffset>(0), row.GetInt64(1)), First: row.GetFieldValue<DateTimeOffset>(2)), ct,
            tx.Tenant, state.Id, now.AddHours(-24), HourShares.StretchSeconds);
        var last = state.GapSeconds > 0 ? await tx.Maybe(SelectLast, row => new Last(row.GetFieldValue<DateTimeOffset>(0), row.GetGuid(1)), ct, tx.Tenant, state.Id) : null;
        return (new(isSlowed ? (int)Math.Ceiling(state.DailyCap * Guard.SlowedShare) : state.DailyCap, sent.Sum(one => one.Stretch.Count), sent.Count > 0 ? sent[0].First : null,
            last is null ? null : last.At + Lanes.Gap(state.GapSeconds, last.Message)), sent.ConvertAll(one => one.Stretch));
    }

    /// <summary>What speaks against writing to the recipient now, and what the hour has to give.</summary>
    /// <param name="isConversation">A message of the conversation pool: its reader's account agreed, so no country is asked.</param>
    /// <param name="ahead">Messages let through since these facts were read.</param>
    public MessageFacts Of(MessageFacts message, RecipientFacts recipient, bool isConversation, long ahead, DateTimeOffset now) => message with
    {
        Consent = isConversation ? null : ConsentRule.Judge(recipient.Consent, Policy, DateOnly.FromDateTime(now.UtcDateTime)),
        Hour = Hours.Full(message.When, ahead, now),
    };

    /// <summary>What slows or pauses the message's campaign, or mail to its receiving provider; a pause first.</summary>
    public GuardFact? GuardOf(Guid campaign, string provider) => Guards
        .Where(guard => (guard.Scope == "campaign" && guard.Key == campaign.ToString("N")) || (guard.Scope == "provider" && guard.Key == provider))
        .OrderByDescending(guard => guard.IsPaused).FirstOrDefault();

    /// <summary>While something is slowed, every other message goes, another half each day.</summary>
    public static bool IsInHalf(MessageId message, DateTimeOffset now) => ((message.Value.GetHashCode() ^ now.UtcDateTime.DayOfYear) & 1) == 0;

    static Task<List<GuardFact>> GuardFacts(TenantTx tx, CancellationToken ct) =>
        tx.List(SelectGuards, row => new GuardFact(row.GetString(0), row.GetString(1), row.GetString(2), row.GetBoolean(3)), ct, tx.Tenant);

    public HaltFact? HaltOf(string provider) => Halts.FirstOrDefault(halt => halt.Scope == "provider" && halt.Target == provider);
}
