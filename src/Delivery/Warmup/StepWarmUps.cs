using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Delivery.Conversations;
using PenguinMails.Delivery.Halts;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Warmup;

/// <summary>The job that begins each warm-up's new day: judges what came back of the last one and sets the budget.</summary>
static class StepWarmUps
{
    const int Seconds = 300;

    public static void AddTo(JobKinds jobs) => jobs.Every("delivery.step_warm_ups", Seconds, Run);

    const string SelectTenants = "select distinct tenant_id from delivery.lane limit 1000000";

    const string SelectSignals = """
        select coalesce(sum(sent), 0), coalesce(sum(deferred), 0), coalesce(sum(bounced), 0), coalesce(sum(blocked), 0), coalesce(sum(complained), 0), coalesce(sum(replied), 0)
        from delivery.tally
        where tenant_id = $1 and hour >= $2 and mailbox_id = any($3)
        """;

    const string SelectMailboxes = "select mailbox_id from delivery.lane where tenant_id = $1 limit 100000";

    public static async Task Run(JobRun run, CancellationToken ct)
    {
        List<TenantId> tenants;
        await using (var tx = await run.Db.BeginUnscoped(ct)) tenants = await tx.List(SelectTenants, row => new TenantId(row.GetGuid(0)), ct);
        foreach (var tenant in tenants) await One(run.Db, tenant, run.Need<TimeProvider>().GetUtcNow(), ct);
    }

    /// <summary>Every warm-up of one account whose day is over.</summary>
    internal static async Task One(TenantDb db, TenantId tenant, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.Begin(tenant, ct);
        var due = (await tx.List(KeptWarmUp.SelectAll, KeptWarmUp.Read, ct, tenant)).Where(kept => kept.State.On < kept.DayOf(now)).ToList();
        if (due.Count == 0) return;
        var states = await ReadSendingState.Within(tx, await tx.List(SelectMailboxes, row => row.GetGuid(0), ct, tenant), ct);
        foreach (var kept in due) await (kept with { State = await Next(tx, kept, states, now, ct), SteppedAt = now }).Write(tx, ct);
        await ReleaseHeld.Within(tx, ["warm_up_budget", "limit_domain", "limit_server"], now, ct);
        await tx.Commit(ct);
    }

    static async Task<WarmUpState> Next(TenantTx tx, KeptWarmUp kept, List<SendingState> states, DateTimeOffset now, CancellationToken ct)
    {
        var mailboxes = states.Where(state => kept.Subject switch
        {
            "mailbox" => state.Id.Value.ToString("N") == kept.Key,
            "domain" => state.Domain == kept.Key,
            _ => state.Server == kept.Key,
        }).Select(state => state.Id.Value).ToArray();
        // Where mail was found is known of the conversation pool only.
        var (seen, inJunk) = await Placements.Lot(tx, kept.Subject, kept.Key, mailboxes, now, ct);
        var signals = await tx.One(SelectSignals, row => new WarmUpSignals((int)row.GetInt64(0), (int)row.GetInt64(1), (int)row.GetInt64(2), (int)row.GetInt64(3), (int)row.GetInt64(4), seen, inJunk, (int)row.GetInt64(5)),
            ct, tx.Tenant, kept.Begins(kept.State.On), mailboxes);
        var today = kept.DayOf(now);
        var next = WarmUp.Next(kept.State, kept.Profile, signals, today, kept.Seed, kept.IsHoliday(today));
        return next.Phase == WarmUpPhase.Paused ? next : next with { Sentence = next.Sentence + Placements.Said(signals) };
    }
}
