using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Oversight.Decisions;
using PenguinMails.Oversight.Plans;
using PenguinMails.Oversight.Reviews;

namespace PenguinMails.Oversight.Steps;

/// <summary>The job that judges decisions whose review date has come and opens a step for each deviation, once.</summary>
/// <remarks>Runs as often as figures are closed and reads what that job stored, so that a deviation is a step within twelve hours.</remarks>
static class OpenSteps
{
    public const string Kind = "oversight.open_steps";
    const int EverySeconds = 6 * 3600;
    const int OpenedMax = 500; // Of one account in one run; the next run goes on.

    // The same deviation opens no second step, and one that goes on under another name none beside an open one.
    const string Insert = """
        insert into oversight.process_step (tenant_id, id, kind, subject, cause, sentence, owner_name, owner_id, due_on, state, note, opened_by, opened_at)
        select $1, $2, $3, $4, $5, $6, $7, $8, $9, 'open', '', 'system', $10
        where not exists (select 1 from oversight.process_step where tenant_id = $1 and subject = $4 and kind = $3 and state = 'open')
        on conflict on constraint process_step_once do nothing
        """;

    public static void AddTo(JobKinds jobs) => jobs.Every(Kind, EverySeconds, Run);

    public static async Task Run(JobRun run, CancellationToken ct)
    {
        var (clock, settings) = (run.Need<TimeProvider>(), run.Need<OversightSettings>());
        var tenants = await ListTenants.Handle(run.Db, ct);
        for (var i = 0; i < tenants.Count; i++)
        {
            await One(tenants[i], run.Db, settings, clock, ct);
            await run.Progress(i + 1, tenants.Count, null, ct);
        }
    }

    /// <returns>Steps opened.</returns>
    internal static async Task<int> One(TenantId tenant, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct)
    {
        var (now, today, opened) = (clock.GetUtcNow(), clock.Today(), 0);
        var members = await StepRules.Members(tenant, db, ct);
        await using var tx = await db.Begin(tenant, ct);
        var plan = await CurrentPlan.Read(tx, ct);
        if (plan is not null) await JudgeDecisions.Within(tx, plan, now, ct);
        var reviews = plan is null ? [] : await ListReviews.Within(tx, plan, today, ct);
        var due = StepRules.DueOn(reviews, today);
        foreach (var one in await Deviations.Find(tx, plan, reviews, settings, today, ct))
        {
            if (opened >= OpenedMax) break;
            opened += await tx.Execute(Insert, ct, tenant, TypedId.New<StepId>(now), one.Kind, one.Subject, one.Cause, Cut(one.Sentence), one.Owner ?? "", StepRules.OwnerOf(one.Owner, members), due, now);
        }

        await tx.Commit(ct);
        return opened;
    }

    static string Cut(string sentence) => sentence.Length > Wording.SentenceMax ? sentence[..(Wording.SentenceMax - 1)] + "…" : sentence;
}
