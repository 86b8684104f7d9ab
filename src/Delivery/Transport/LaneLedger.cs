using PenguinMails.Compliance.Suppressions;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Decisions;
using PenguinMails.Delivery.Messages;

namespace PenguinMails.Delivery.Transport;

/// <summary>The lane's writes into the ledger: passages through the gate before DATA, and what became of each attempt, together in one transaction.</summary>
/// <remarks>What passes the gate is <c>sending</c> in the ledger, on disk, before the server hears of it. If nothing is recorded afterwards, the message is in doubt.</remarks>
/// <param name="facts">Its limits are counted when a message passes; what its routes learned is written with the outcomes.</param>
sealed class LaneLedger(Lane lane, TenantDb db, TimeProvider clock, LaneFacts facts)
{
    const int SmtpTextLengthMax = 500;

    // The lease and the stops are looked at and the lane's row held in one step, so that nobody takes the lane while its messages pass.
    const string WriteAttempts = """
        with held as materialized (
          update delivery.lane
          set under_way = $6
          where mailbox_id = $5 and lease_token = $3 and lease_until > $4
            and not exists (select 1 from delivery.platform_halt)
            and not exists (select 1 from delivery.halt h where h.tenant_id = $1 and h.scope = 'account')
          returning 1)
        insert into delivery.attempt (tenant_id, mailbox_id, at, message_id, token)
        select $1, $5, $4, p.id, $3
        from held
        cross join lateral delivery.begin_messages($1, $3, $4, $2) as p (id)
        returning message_id
        """;

    // The ledger rows, their places in the queue, and the facts. A word that comes after the lane was lost still settles the doubt.
    const string WriteOutcomes = """
        insert into delivery.fact (tenant_id, id, at, kind, message_id, campaign_id, mailbox_id, detail)
        select $1, gen_random_uuid(), $3, w.state, w.id, w.campaign_id, w.mailbox_id, w.detail
        from delivery.end_messages($1, $13, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) w
        """;

    // What this attempt deferred, and whether its campaign goes on.
    const string SelectDeferred = """
        select m.id, (select c.state from delivery.campaign_control c where c.tenant_id = $1 and c.campaign_id = m.campaign_id) <> 'stopped'
        from unnest($2::uuid[]) as w (id)
        cross join lateral (
          select m.id, m.campaign_id
          from delivery.message m
          where m.tenant_id = $1 and m.id = w.id and m.attempt_token = $3 and m.state = 'deferred'
          limit 1) m
        """;

    // An upsert: what was in doubt is no longer in the queue.
    const string Requeue = """
        insert into delivery.queue (tenant_id, message_id, campaign_id, mailbox_id, due_at)
        select $1, m.id, m.campaign_id, m.mailbox_id, m.due_at
        from unnest($2::uuid[]) as w (id)
        cross join lateral (
          select m.id, m.campaign_id, m.mailbox_id, m.due_at
          from delivery.message m
          where m.tenant_id = $1 and m.id = w.id
          limit 1) m
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

    readonly Dictionary<Guid, DateTimeOffset> _underWay = []; // With the time they passed.

    /// <summary>Messages that passed the gate and were not taken back.</summary>
    public long Attempts { get; private set; }

    /// <summary>Returns when all of it is committed: what ended with state, queue and fact, and for a hard bounce the suppression; what passed with its attempt.</summary>
    /// <param name="wishes">To pass the gate: the last look at suppressions, the campaign and the lease.</param>
    /// <param name="ended">What became of messages that passed earlier.</param>
    /// <param name="unused">Passed earlier and never begun: they wait again as if they had not passed.</param>
    /// <returns>Who passed. The others are not to be sent and stay as they are in the ledger.</returns>
    public async Task<HashSet<Guid>> Write(IReadOnlyList<Claimed> wishes, IReadOnlyList<Outcome> ended, IReadOnlyList<Claimed> unused)
    {
        // Not cancellable: what the server said must be written, or the message would be in doubt for nothing.
        var ct = CancellationToken.None;
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(lane.Tenant, ct);
        if (wishes.Count == 0 && !ended.Any(o => o.Suppresses)) tx.Later(DoNotWaitForDisk);
        if (!facts.Limits.IsEmpty) await facts.Limits.LockAll(tx, wishes.Concat(unused), ct);
        if (ended.Count > 0) await End(tx, ended, now, ct);
        facts.Routes.Save(tx, now);
        if (unused.Count > 0) await Return(tx, unused, now, ct);
        HashSet<Guid> gone = [.. Ids(ended), .. Ids(unused)];
        var passed = wishes.Count > 0 ? await Pass(tx, wishes, _underWay.Keys.Where(id => !gone.Contains(id)), now, ct) : [];
        await tx.Commit(ct);
        foreach (var one in gone) _underWay.Remove(one);
        foreach (var one in passed) _underWay[one] = now;
        Attempts += passed.Count - unused.Count;
        return passed;
    }

    /// <summary>What a run that died had not written yet: its journal shows that the server took them.</summary>
    public static async Task Accepted(TenantTx tx, Lane lane, Guid token, Guid[] messages, DateTimeOffset now, CancellationToken ct)
    {
        var words = Array.ConvertAll(messages, _ => "");
        if (messages.Length > 0)
            await tx.Execute(WriteOutcomes, ct, lane.Tenant, token, now, messages, Array.ConvertAll(messages, _ => "sent"), words, new DateTimeOffset?[messages.Length], Array.ConvertAll(messages, _ => (short)250),
                words, words, words, words, lane.Mailbox);
    }

    async Task<HashSet<Guid>> Pass(TenantTx tx, IReadOnlyList<Claimed> wishes, IEnumerable<Guid> underWay, DateTimeOffset now, CancellationToken ct)
    {
        var clean = new List<Claimed>(wishes.Count);
        foreach (var workspace in wishes.GroupBy(m => m.Workspace))
        {
            var suppressed = await CheckSuppressions.Within(tx, workspace.Key, [.. workspace.Select(m => m.Address).Distinct()], ct);
            clean.AddRange(workspace.Where(m => !suppressed.ContainsKey(m.Address)));
        }

        if (!facts.Limits.IsEmpty) await DropFull(tx, clean, now, ct);
        if (clean.Count == 0) return [];
        HashSet<Guid> passed = [.. await tx.List(WriteAttempts, row => row.GetGuid(0), ct, lane.Tenant, Ids(clean), lane.Token, now, lane.Mailbox, (Guid[])[.. underWay, .. Ids(clean)])];
        if (!facts.Limits.IsEmpty) await facts.Limits.Return(tx, clean.Where(m => !passed.Contains(m.Id.Value)).Select(m => (m, now)), ct);
        return passed;
    }

    // Who finds a limit full here was let through by a look that others have overtaken: it waits under the limit's name.
    async Task DropFull(TenantTx tx, List<Claimed> clean, DateTimeOffset now, CancellationToken ct)
    {
        var full = await facts.Limits.Take(tx, clean, now, ct);
        if (full.Count == 0) return;
        await tx.Execute(Postpone.LockLane, ct, lane.Mailbox);
        await Postpone.Write(tx, lane, [.. clean.Where(m => full.ContainsKey(m.Id.Value)).Select(m => new Decided(m, Checklist.OfLimit(full[m.Id.Value])))], now, ct);
        clean.RemoveAll(m => full.ContainsKey(m.Id.Value));
    }

    async Task End(TenantTx tx, IReadOnlyList<Outcome> outcomes, DateTimeOffset now, CancellationToken ct)
    {
        tx.Later(WriteOutcomes, lane.Tenant, lane.Token, now, Ids(outcomes), outcomes.Select(o => o.State.Word()).ToArray(), outcomes.Select(o => o.Reason).ToArray(),
            outcomes.Select(o => o.NextAt?.ToUniversalTime()).ToArray(), outcomes.Select(o => (short)o.Smtp.Code).ToArray(),
            outcomes.Select(o => o.Smtp.EnhancedCode ?? "").ToArray(), outcomes.Select(o => Cut(o.Smtp.Text)).ToArray(),
            outcomes.Select(o => o.Bounce?.Class.Word() ?? "").ToArray(), outcomes.Select(o => o.Bounce?.Category.Word() ?? "").ToArray(), lane.Mailbox);
        var deferred = outcomes.Where(o => o.NextAt is not null).ToList();
        if (deferred.Count > 0) await WaitAgain(tx, deferred, now, ct);
        foreach (var hard in outcomes.Where(o => o.Suppresses))
            await Suppress.Within(tx, null, hard.Message.Workspace, SuppressionKind.Address, hard.Message.Address, SuppressionReason.Bounce, "smtp", hard.Message.Id.Value, hard.Smtp.EnhancedCode, now, ct);
    }

    async Task WaitAgain(TenantTx tx, List<Outcome> deferred, DateTimeOffset now, CancellationToken ct)
    {
        var written = await tx.List(SelectDeferred, row => (Id: row.GetGuid(0), GoesOn: row.GetBoolean(1)), ct, lane.Tenant, Ids(deferred), lane.Token);
        var stopped = written.Where(w => !w.GoesOn).Select(w => w.Id).ToArray();
        tx.Later(Requeue, lane.Tenant, written.Where(w => w.GoesOn).Select(w => w.Id).ToArray());
        tx.Later(WakeLane, lane.Mailbox, lane.Token, deferred.Min(o => o.NextAt));
        // Stopping a campaign empties its queue, also of what is under way: a deferral after that is the end.
        if (stopped.Length > 0) await Postpone.Dropped(tx, stopped, [.. stopped.Select(_ => "campaign_stopped")], now, ct);
    }

    async Task Return(TenantTx tx, IReadOnlyList<Claimed> unused, DateTimeOffset now, CancellationToken ct)
    {
        await TakeBack.Within(tx, lane, lane.Token, Ids(unused), now, ct);
        if (!facts.Limits.IsEmpty) await facts.Limits.Return(tx, unused.Where(m => _underWay.ContainsKey(m.Id.Value)).Select(m => (m, _underWay[m.Id.Value])), ct);
    }

    static Guid[] Ids(IEnumerable<Outcome> outcomes) => [.. outcomes.Select(o => o.Message.Id.Value)];

    static Guid[] Ids(IEnumerable<Claimed> messages) => [.. messages.Select(m => m.Id.Value)];

    static string Cut(string text) => text.Length <= SmtpTextLengthMax ? text : text[..SmtpTextLengthMax];
}
