using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Secrets.Rotations;

/// <summary>The durable job that takes a rotation from state to state: make, install (both valid), verify, promote, wait, verify again, retire. Each step bears being done twice.</summary>
static class AdvanceRotation
{
    public const string Kind = "secrets.rotate";
    const int AttemptsMax = 12;

    public sealed record Order(RotationId Run);

    /// <summary>Thrown to let the job come again later; says which step did not work.</summary>
    sealed class StepFailed(Problem problem) : Exception(problem.Code);

    public static JobOrder<Order> For(RotationId id) => new(Kind, new Order(id)) { AttemptsMax = AttemptsMax };

    /// <summary>Runs steps until one has to wait or the run is over.</summary>
    public static async Task Run(Order order, JobRun job, CancellationToken ct)
    {
        var steps = new RotationSteps(job.Need<ISecretStore>(), job.Need<Rotators>(), job.Tenant, order.Run);
        var clock = job.Need<TimeProvider>();
        while (await Find(job, order.Run, ct) is { State: not (RotationState.Done or RotationState.RolledBack or RotationState.Stuck) } run)
        {
            if (run.State == RotationState.Promoted && run.OverlapUntil is { } until && until > clock.GetUtcNow())
            {
                await Wait(job, order, until, clock, ct);
                return;
            }

            var next = await steps.Next(run, clock.GetUtcNow(), ct);
            if (next.Problem is { } passing && !job.IsLastAttempt) throw new StepFailed(passing);
            await Save(job, run, next.Match(value => value, problem => GivenUp(run, problem)), clock, ct);
        }
    }

    /// <summary>After the workers of every attempt died: the run waits for a person.</summary>
    public static async Task Bury(Order order, JobRun job, CancellationToken ct)
    {
        var clock = job.Need<TimeProvider>();
        if (await Find(job, order.Run, ct) is { State: not (RotationState.Done or RotationState.RolledBack or RotationState.Stuck) } run)
            await Save(job, run, Stuck(run, "rotation.worker_died", "The workers of every attempt died."), clock, ct);
    }

    // What cannot be reached at the last attempt: before the promotion it is rolled back, after it a person decides.
    static Run GivenUp(Run run, Problem problem) => run.State is RotationState.Planned or RotationState.Made or RotationState.Installed or RotationState.Verified
        ? run with { State = RotationState.Withdrawing, FailureCode = problem.Code, FailureDetail = problem.Detail }
        : Stuck(run, problem.Code, problem.Detail);

    static Run Stuck(Run run, string code, string detail) => run with { State = RotationState.Stuck, StuckAt = run.State, FailureCode = run.FailureCode ?? code, FailureDetail = run.FailureDetail ?? detail };

    static async Task<Run?> Find(JobRun job, RotationId id, CancellationToken ct)
    {
        await using var tx = await job.Db.Begin(job.Tenant, ct);
        return await RunRows.Find(tx, id, ct);
    }

    static async Task Wait(JobRun job, Order order, DateTimeOffset until, TimeProvider clock, CancellationToken ct)
    {
        await using var tx = await job.Db.Begin(job.Tenant, ct);
        // The time in the key lets the next order stand while this one still runs, and makes a repeat the same order.
        await tx.Enqueue(For(order.Run) with { DueAt = until, UniqueKey = $"{order.Run}/overlap" }, clock.GetUtcNow(), ct);
        await tx.Commit(ct);
    }

    static async Task Save(JobRun job, Run before, Run after, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var tx = await job.Db.Begin(job.Tenant, ct);
        if (!await RunRows.Save(tx, before.State, after, now, ct)) return;
        await Tell(tx, after, now, ct);
        var detail = new { path = after.Path, from = RunRows.Word(before.State), to = RunRows.Word(after.State), old_version = after.OldVersion, new_version = after.NewVersion, failure = after.FailureCode };
        await tx.Append(Actor.System(job.Tenant), "rotation." + RunRows.Word(after.State), after.Id.ToString(), detail, now, ct);
        await tx.Commit(ct);
    }

    static async Task Tell(TenantTx tx, Run run, DateTimeOffset now, CancellationToken ct)
    {
        if (run.State == RotationState.Promoted) await tx.Publish(new SecretPromoted(run.Id, run.Path, run.OldVersion, run.NewVersion ?? 0), now, ct);
        if (run.State is RotationState.RolledBack or RotationState.Stuck)
            await tx.Publish(new RotationFailed(run.Id, run.Path, run.FailureCode ?? "", run.NewVersion ?? run.OldVersion), now, ct);
        if (run.State == RotationState.RolledBack) await PlanRows.TryAgain(tx, run.Secret, now, ct);
        if (run.State != RotationState.Done) return;
        await PlanRows.Renew(tx, run.Secret, now, ct);
        await tx.Publish(new SecretRotated(run.Id, run.Path, run.OldVersion, run.NewVersion ?? 0), now, ct);
    }
}
