using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Walks;

/// <summary>Writes what becomes of one step, each in a transaction of its own, and keeps its two clocks.</summary>
sealed class StepRow(TenantDb db, TenantId tenant, Guid walk, string step, TimeProvider clock)
{
    /// <summary>So long a step waits for machines and DNS before it asks for a person.</summary>
    static readonly TimeSpan PatienceMax = TimeSpan.FromHours(2);

    // The time since the last look goes to whoever was waited for.
    const string Start = """
        update fleet.walk_step
        set platform_ms = platform_ms + case when state in ('running', 'waiting') then greatest(0, extract(epoch from $4::timestamptz - since) * 1000)::bigint else 0 end,
          customer_ms = customer_ms + case when state = 'customer' then greatest(0, extract(epoch from $4::timestamptz - since) * 1000)::bigint else 0 end,
          state = 'running', since = $4, attempts = attempts + 1, problem_code = ''
        where tenant_id = $1 and walk_id = $2 and step = $3
        returning platform_ms, customer_ms, patient_from_ms
        """;

    // What was done since the look began is our own time.
    const string Finish = """
        update fleet.walk_step
        set platform_ms = platform_ms + case when state = 'running' then greatest(0, extract(epoch from $4::timestamptz - since) * 1000)::bigint else 0 end,
          state = $5, since = case when $5 in ('waiting', 'customer') then $4::timestamptz end, note = $6, problem_code = $7, done_at = case when $5 = 'done' then $4::timestamptz end
        where tenant_id = $1 and walk_id = $2 and step = $3
        """;

    const string SaveNote = "update fleet.walk_step set note = $4 where tenant_id = $1 and walk_id = $2 and step = $3";

    long _patientFrom;

    /// <summary>Takes one look at a step, from its beginning to what became of it.</summary>
    /// <param name="seen">Told what is being done.</param>
    /// <param name="take">Gets the step as it is now, and what tells people and the job at once.</param>
    public async Task<StepOutcome> Look(WalkStep found, bool isUndoing, Func<string, Task> seen, Func<WalkStep, Func<string, Task>, Task<StepOutcome>> take, CancellationToken ct)
    {
        var begun = await Begin(found, ct);
        var outcome = await take(begun, async what =>
        {
            await Note(what, ct);
            await seen(what);
        });
        return await End(outcome, begun, isUndoing, ct);
    }

    async Task<WalkStep> Begin(WalkStep found, CancellationToken ct)
    {
        await using var tx = await db.Begin(tenant, ct);
        var (platform, customer, patientFrom) = await tx.One(Start, row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), ct, tenant, walk, step, clock.GetUtcNow());
        await tx.Commit(ct);
        _patientFrom = patientFrom;
        return found with { IsResumed = found.State == "stopped", State = "running", PlatformMs = platform, CustomerMs = customer, Attempts = found.Attempts + 1 };
    }

    async Task Note(string what, CancellationToken ct)
    {
        await using var tx = await db.Begin(tenant, ct);
        await tx.Execute(SaveNote, ct, tenant, walk, step, what);
        await tx.Commit(ct);
    }

    /// <returns>The outcome as it was written.</returns>
    public async Task<StepOutcome> End(StepOutcome outcome, WalkStep taken, bool isUndoing, CancellationToken ct)
    {
        var waited = TimeSpan.FromMilliseconds(taken.PlatformMs - _patientFrom);
        var written = outcome.State == "waiting" && waited > PatienceMax
            ? StepOutcome.Stopped("walk.too_slow", $"Waited for {PatienceMax.TotalHours:0} hours. {outcome.Note} Go on when that has changed.")
            : outcome;
        // What cannot be taken back is said and left, so that the rest is.
        var state = isUndoing && (written.State is "done" or "stopped") ? "undone" : written.State;
        await using var tx = await db.Begin(tenant, ct);
        await tx.Execute(Finish, ct, tenant, walk, step, clock.GetUtcNow(), state, written.Note, written.ProblemCode);
        await tx.Commit(ct);
        return written;
    }
}
