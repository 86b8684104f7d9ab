using PenguinMails.Core;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Secrets.Rotations;

/// <summary>What is done in each state, and which state follows. Answers a problem only where it may pass by itself; everything else is a next state.</summary>
sealed class RotationSteps(ISecretStore store, Rotators rotators, TenantId tenant, RotationId id)
{
    static readonly Problem RotatorMissing = new(ProblemKind.Unavailable, "rotation.by_hand", "No part of this program can change secrets of this kind at their peer. Change it by hand and write the new version.");

    static readonly Problem ChangedMeanwhile = new(ProblemKind.Conflict, "rotation.changed_meanwhile", "Somebody wrote another version while the rotation was running.");

    SecretAccess Access => SecretAccess.Job(tenant, $"rotation {id}", AdvanceRotation.Kind);

    public Task<Result<Run>> Next(Run run, DateTimeOffset now, CancellationToken ct) => run.State switch
    {
        RotationState.Planned => Make(run, ct),
        RotationState.Made => AtPeer(run, rotator => rotator.Install, RotationState.Installed, ct),
        RotationState.Installed => AtPeer(run, rotator => rotator.Verify, RotationState.Verified, ct),
        RotationState.Verified => Promote(run, now, ct),
        RotationState.Promoted => Retire(run, ct),
        RotationState.Retired => CleanUp(run, ct),
        RotationState.Withdrawing => Withdraw(run, ct),
        RotationState.Done or RotationState.RolledBack or RotationState.Stuck => throw new InvalidOperationException($"{run.State} has no next step."),
    };

    // The candidate is written once: a run that died after writing finds it again.
    async Task<Result<Run>> Make(Run run, CancellationToken ct)
    {
        if (rotators.Find(run.Kind) is not { } rotator) return Back(run, RotatorMissing);
        var current = await store.Get(Access, run.Place, null, ct);
        if (current.Problem is { } problem) return Passing(problem) ? problem : Back(run, problem);
        if (current.Value.Version != run.OldVersion) return Back(run, ChangedMeanwhile);
        var waiting = await store.Get(Access, run.Candidate, null, ct);
        if (waiting.IsOk) return run with { State = RotationState.Made };
        if (Passing(waiting.Problem)) return waiting.Problem ?? RotatorMissing;
        var made = await rotator.Make(run.Place, current.Value.Fields, ct);
        if (made.Problem is { } refused) return Passing(refused) ? refused : Back(run, refused);
        var put = await store.Put(Access, run.Candidate, made.Value, 0, ct);
        // Another worker was faster: the next look finds its candidate.
        return put.Match<Result<Run>>(_ => run with { State = RotationState.Made },
            failed => Passing(failed) || failed.Code == "secret.cas_mismatch" ? SecretProblems.Unavailable(failed.Detail) : Back(run, failed));
    }

    async Task<Result<Run>> AtPeer(Run run, Func<Rotator, Func<RotationCall, CancellationToken, Task<Result<Done>>>> step, RotationState next, CancellationToken ct)
    {
        var opened = await Open(run, ct);
        if (opened.Problem is { } problem) return Passing(problem) ? problem : Back(run, problem);
        var done = await step(opened.Value.Rotator)(opened.Value.Call, ct);
        return done.Match<Result<Run>>(_ => run with { State = next }, refused => Passing(refused) ? refused : Back(run, refused));
    }

    // A run that died after the writing finds its own value current and goes on.
    async Task<Result<Run>> Promote(Run run, DateTimeOffset now, CancellationToken ct)
    {
        var opened = await Open(run, ct);
        if (opened.Problem is { } problem) return Passing(problem) ? problem : Back(run, problem);
        var put = await store.Put(Access, run.Place, opened.Value.Call.New, run.OldVersion, ct);
        if (put.IsOk) return Promoted(run, put.Value, now);
        if (put.Problem?.Code != "secret.cas_mismatch") return put.Problem is { } failed && !Passing(failed) ? Back(run, failed) : put.Problem ?? RotatorMissing;
        var current = await store.Get(Access, run.Place, null, ct);
        if (current.Problem is { } lost) return Passing(lost) ? lost : Back(run, lost);
        return current.Value.Fields.IsSame(opened.Value.Call.New) ? Promoted(run, current.Value.Version, now) : Back(run, ChangedMeanwhile);
    }

    static Run Promoted(Run run, int version, DateTimeOffset now) => run with { State = RotationState.Promoted, NewVersion = version, OverlapUntil = now.AddHours(run.OverlapHours) };

    // The new one is proven once more before the old one goes: afterwards there is no way back.
    async Task<Result<Run>> Retire(Run run, CancellationToken ct)
    {
        var opened = await Open(run, ct);
        if (opened.Problem is { } problem) return Passing(problem) ? problem : Back(run, problem);
        var (rotator, call) = opened.Value;
        var verified = await rotator.Verify(call, ct);
        if (verified.Problem is { } refused) return Passing(refused) ? refused : Back(run, refused);
        var retired = await rotator.Retire(call, ct);
        // A refusal to forget the old one harms nobody at once: it is tried again, and then a person looks.
        return retired.Match<Result<Run>>(_ => run with { State = RotationState.Retired }, failed => failed);
    }

    async Task<Result<Run>> CleanUp(Run run, CancellationToken ct)
    {
        var destroyed = await store.Destroy(Access, run.Place, run.OldVersion, ct);
        if (destroyed.Problem is { } kept && kept.Code != "secret.not_found") return kept;
        return (await store.Remove(Access, run.Candidate, ct)).Match<Result<Run>>(_ => run with { State = RotationState.Done }, problem => problem);
    }

    // The store goes back first, so that nobody picks up a value the peer is about to forget.
    async Task<Result<Run>> Withdraw(Run run, CancellationToken ct)
    {
        var candidate = await store.Get(Access, run.Candidate, null, ct);
        if (candidate.Problem is { Code: "secret.not_found" }) return run with { State = RotationState.RolledBack };
        if (candidate.Problem is { } problem) return problem;
        var old = await store.Get(Access, run.Place, run.OldVersion, ct);
        if (old.Problem is { } lost) return lost;
        if (run.NewVersion is { } promoted)
        {
            var current = await store.Get(Access, run.Place, null, ct);
            if (current.Problem is { } unread) return unread;
            if (!current.Value.Fields.IsSame(old.Value.Fields) && current.Value.Version == promoted)
            {
                var back = await store.Put(Access, run.Place, old.Value.Fields, promoted, ct);
                if (back.Problem is { } unwritten) return unwritten;
                run = run with { NewVersion = back.Value };
            }
            else
            {
                run = run with { NewVersion = current.Value.Version };
            }
        }

        if (rotators.Find(run.Kind) is { } rotator && (await rotator.Withdraw(new RotationCall(tenant, run.Place, old.Value.Fields, candidate.Value.Fields), ct)).Problem is { } refused) return refused;
        return (await store.Remove(Access, run.Candidate, ct)).Match<Result<Run>>(_ => run with { State = RotationState.RolledBack }, failed => failed);
    }

    async Task<Result<(Rotator Rotator, RotationCall Call)>> Open(Run run, CancellationToken ct)
    {
        if (rotators.Find(run.Kind) is not { } rotator) return RotatorMissing;
        var old = await store.Get(Access, run.Place, run.OldVersion, ct);
        if (old.Problem is { } problem) return problem;
        var candidate = await store.Get(Access, run.Candidate, null, ct);
        return candidate.Match<Result<(Rotator, RotationCall)>>(found => (rotator, new RotationCall(tenant, run.Place, old.Value.Fields, found.Fields)), missing => missing);
    }

    static Run Back(Run run, Problem problem) => run with { State = RotationState.Withdrawing, FailureCode = problem.Code, FailureDetail = problem.Detail };

    static bool Passing(Problem? problem) => problem is not null && problem.Code != RotatorMissing.Code && SecretProblems.IsPassing(problem);
}
