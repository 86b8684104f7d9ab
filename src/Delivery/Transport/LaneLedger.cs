using PenguinMails.Compliance.Suppressions;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Messages;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Delivery.Transport;

/// <summary>The lane's writes into the ledger: the gate before DATA, and what became of each attempt. Calls of the same moment share one transaction.</summary>
/// <remarks>What passes the gate is <c>sending</c> in the ledger, on disk, before the server hears of it. If nothing is recorded afterwards, the message is in doubt.</remarks>
sealed class LaneLedger
{
    const int SmtpTextLengthMax = 500;

    // The lease is looked at and the lane's row held in one step, so that nobody takes the lane while its messages pass.
    // The campaign's state as a scalar, so that the rows are found by primary key whatever the planner believes of the rest.
    const string WriteAttempts = """
        with held as materialized (
          update delivery.lane
          set under_way = $6
          where mailbox_id = $5 and lease_token = $3 and lease_until > $4
          returning 1),
        passed as (
          update delivery.message m
          set state = 'sending', reason = '', attempt = m.attempt + 1, attempt_token = $3, attempted_at = $4, state_at = $4
          where exists (select 1 from held) and m.tenant_id = $1 and m.id = any($2) and m.state in ('queued', 'deferred')
            and (select c.state from delivery.campaign_control c where c.tenant_id = $1 and c.campaign_id = m.campaign_id) = 'running'
          returning m.id)
        insert into delivery.attempt (tenant_id, mailbox_id, at, message_id, token)
        select $1, $5, $4, id, $3
        from passed
        returning message_id
        """;

    // One statement: the ledger row, its place in the queue, and the fact. A word that comes after the lane was lost still settles the doubt.
    const string WriteOutcomes = """
        with o as materialized (
          select id, state, reason, next_at, code, status, said, bounce_class, bounce_category
          from unnest($4::uuid[], $5::text[], $6::text[], $7::timestamptz[], $8::smallint[], $9::text[], $10::text[], $11::text[], $12::text[])
            as t (id, state, reason, next_at, code, status, said, bounce_class, bounce_category)),
        written as (
          update delivery.message m
          set state = o.state, reason = o.reason, state_at = $3, sent_at = case when o.state = 'sent' then $3 else m.sent_at end,
            due_at = coalesce(o.next_at, m.due_at), smtp_code = nullif(o.code, 0), smtp_status = nullif(o.status, ''), smtp_text = o.said,
            bounce_class = nullif(o.bounce_class, ''), bounce_category = nullif(o.bounce_category, '')
          from o
          where m.tenant_id = $1 and m.id = any($4) and m.id = o.id and m.state in ('sending', 'in_doubt') and m.attempt_token = $2
          returning m.id, m.campaign_id, m.mailbox_id, m.state, m.reason, m.bounce_category)
        insert into delivery.fact (tenant_id, id, at, kind, message_id, campaign_id, mailbox_id, detail)
        select $1, gen_random_uuid(), $3, w.state, w.id, w.campaign_id, w.mailbox_id, coalesce(nullif(w.reason, ''), w.bounce_category, '')
        from written w
        """;

    const string Close = "delete from delivery.queue where tenant_id = $1 and message_id = any($2)";

    // What this attempt deferred, and whether its campaign goes on.
    const string SelectDeferred = """
        select m.id, (select c.state from delivery.campaign_control c where c.tenant_id = $1 and c.campaign_id = m.campaign_id) <> 'stopped'
        from delivery.message m
        where m.tenant_id = $1 and m.id = any($2) and m.attempt_token = $3 and m.state = 'deferred'
        """;

    // An upsert: what was in doubt is no longer in the queue.
    const string Requeue = """
        insert into delivery.queue (tenant_id, message_id, campaign_id, mailbox_id, due_at)
        select $1, m.id, m.campaign_id, m.mailbox_id, m.due_at
        from delivery.message m
        where m.tenant_id = $1 and m.id = any($2)
        on conflict (tenant_id, message_id) do update set due_at = excluded.due_at
        """;

    // Only for a word that came after the lane was lost: who holds it reads the queue again at the end anyway.
    const string WakeLane = """
        update delivery.lane
        set ready_at = least(ready_at, $3), wakes = wakes + 1
        where mailbox_id = $1 and lease_token is distinct from $2
        """;

    // Safe without waiting for the disk: an outcome lost with the machine leaves the message in doubt, never unsent.
    const string DoNotWaitForDisk = "set local synchronous_commit = off";

    readonly Lane _lane;
    readonly TenantDb _db;
    readonly DeliveryOptions _options;
    readonly TimeProvider _clock;
    readonly Coalescer<Entry, bool> _coalescer;
    readonly HashSet<Guid> _underWay = [];

    public LaneLedger(Lane lane, TenantDb db, DeliveryOptions options, TimeProvider clock)
    {
        (_lane, _db, _options, _clock) = (lane, db, options, clock);
        _coalescer = new(Flush);
    }

    /// <param name="Outcome">Null: a wish to pass the gate.</param>
    sealed record Entry(Claimed Message, Outcome? Outcome);

    /// <summary>Messages that passed the gate.</summary>
    public long Attempts { get; private set; }

    /// <summary>The last word before DATA: still unsuppressed, campaign still running, lane still ours.</summary>
    /// <returns>False: do not send; the message stays as it is in the ledger.</returns>
    public Task<bool> Enter(Claimed message) => _coalescer.Add(new(message, null));

    /// <summary>Returns when the outcome is committed: state, queue, fact and, for a hard bounce, the suppression.</summary>
    public Task Record(Claimed message, SmtpOutcome smtp) => _coalescer.Add(new(message, Outcome.Of(message, smtp, _options, _clock.GetUtcNow())));

    async Task<IReadOnlyList<bool>> Flush(IReadOnlyList<Entry> entries)
    {
        // Not cancellable: what the server said must be written, or the message would be in doubt for nothing.
        var ct = CancellationToken.None;
        var now = _clock.GetUtcNow();
        var wishes = entries.Where(e => e.Outcome is null).Select(e => e.Message).ToList();
        var outcomes = entries.Select(e => e.Outcome).OfType<Outcome>().ToList();
        await using var tx = await _db.Begin(_lane.Tenant, ct);
        if (wishes.Count == 0 && !outcomes.Exists(o => o.Suppresses)) tx.Later(DoNotWaitForDisk);
        if (outcomes.Count > 0) await Write(tx, outcomes, now, ct);
        var passed = wishes.Count > 0 ? await Pass(tx, wishes, outcomes, now, ct) : [];
        await tx.Commit(ct);
        _underWay.ExceptWith(outcomes.Select(o => o.Message.Id.Value));
        _underWay.UnionWith(passed);
        Attempts += passed.Count;
        return [.. entries.Select(e => e.Outcome is not null || passed.Contains(e.Message.Id.Value))];
    }

    async Task<HashSet<Guid>> Pass(TenantTx tx, List<Claimed> wishes, List<Outcome> ended, DateTimeOffset now, CancellationToken ct)
    {
        var clean = new List<Guid>(wishes.Count);
        foreach (var workspace in wishes.GroupBy(m => m.Workspace))
        {
            var suppressed = await CheckSuppressions.Within(tx, workspace.Key, [.. workspace.Select(m => m.Address).Distinct()], ct);
            clean.AddRange(workspace.Where(m => !suppressed.ContainsKey(m.Address)).Select(m => m.Id.Value));
        }

        var underWay = _underWay.Except(ended.Select(o => o.Message.Id.Value)).Union(clean).ToArray();
        return clean.Count == 0 ? [] : [.. await tx.List(WriteAttempts, row => row.GetGuid(0), ct, _lane.Tenant, clean.ToArray(), _lane.Token, now, _lane.Mailbox, underWay)];
    }

    async Task Write(TenantTx tx, List<Outcome> outcomes, DateTimeOffset now, CancellationToken ct)
    {
        tx.Later(WriteOutcomes, _lane.Tenant, _lane.Token, now, Ids(outcomes), outcomes.Select(o => o.State.Word()).ToArray(), outcomes.Select(o => o.Reason).ToArray(),
            outcomes.Select(o => o.NextAt?.ToUniversalTime()).ToArray(), outcomes.Select(o => (short)o.Smtp.Code).ToArray(),
            outcomes.Select(o => o.Smtp.EnhancedCode ?? "").ToArray(), outcomes.Select(o => Cut(o.Smtp.Text)).ToArray(),
            outcomes.Select(o => o.Bounce?.Class.Word() ?? "").ToArray(), outcomes.Select(o => o.Bounce?.Category.Word() ?? "").ToArray());
        tx.Later(Close, _lane.Tenant, Ids(outcomes.Where(o => o.NextAt is null)));
        var deferred = outcomes.Where(o => o.NextAt is not null).ToList();
        if (deferred.Count > 0) await WaitAgain(tx, deferred, now, ct);
        foreach (var hard in outcomes.Where(o => o.Suppresses))
            await Suppress.Within(tx, null, SuppressionKind.Address, hard.Message.Address, SuppressionReason.Bounce, "smtp", hard.Message.Id.Value, hard.Smtp.EnhancedCode, now, ct);
    }

    async Task WaitAgain(TenantTx tx, List<Outcome> deferred, DateTimeOffset now, CancellationToken ct)
    {
        var written = await tx.List(SelectDeferred, row => (Id: row.GetGuid(0), GoesOn: row.GetBoolean(1)), ct, _lane.Tenant, Ids(deferred), _lane.Token);
        var stopped = written.Where(w => !w.GoesOn).Select(w => w.Id).ToArray();
        tx.Later(Requeue, _lane.Tenant, written.Where(w => w.GoesOn).Select(w => w.Id).ToArray());
        tx.Later(WakeLane, _lane.Mailbox, _lane.Token, deferred.Min(o => o.NextAt));
        // Stopping a campaign empties its queue, also of what is under way: a deferral after that is the end.
        if (stopped.Length > 0) await ClaimMessages.Dropped(tx, stopped, [.. stopped.Select(_ => "campaign_stopped")], now, ct);
    }

    static Guid[] Ids(IEnumerable<Outcome> outcomes) => [.. outcomes.Select(o => o.Message.Id.Value)];

    static string Cut(string text) => text.Length <= SmtpTextLengthMax ? text : text[..SmtpTextLengthMax];
}
