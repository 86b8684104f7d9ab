using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Secrets.Entries;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Secrets.Rotations;

/// <summary>Begins to rotate a secret now; the rest is a durable job.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>secret.not_found</c>, <c>secret.reason_missing</c>, <c>rotation.plan_missing</c>, <c>rotation.by_hand</c> or <c>rotation.running</c>.</remarks>
public static class StartRotation
{
    public sealed record Input(string Reason);

    public sealed record Output(RotationId Id);

    const string Insert = """
        insert into secrets.rotation_run (tenant_id, id, secret_id, kind, state, old_version, started_by, reason, started_at)
        values ($1, $2, $3, $4, 'planned', $5, $6, $7, $8)
        on conflict (tenant_id, secret_id) where state not in ('done', 'rolled_back') do nothing
        """;

    static readonly Problem PlanMissing = new(ProblemKind.Conflict, "rotation.plan_missing", "Say of which kind this secret is first: its plan decides how it is changed.");

    static readonly Problem Running = new(ProblemKind.Conflict, "rotation.running", "This secret is being rotated already.");

    public static async Task<Result<Output>> Handle(Actor actor, SecretId id, Input input, Rotators rotators, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.SecretsManage)) return Actor.Forbidden(Permissions.SecretsManage);
        if (!new SecretAccess(actor, input.Reason, "").HasReason) return SecretProblems.ReasonMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await ListSecrets.Within(tx, id, ct) is not { } entry) return SecretProblems.NotFound;
        var started = await Within(tx, entry, actor, input.Reason, rotators, clock.GetUtcNow(), ct);
        if (started.IsOk) await tx.Commit(ct);
        return started;
    }

    internal static async Task<Result<Output>> Within(TenantTx tx, SecretEntry entry, Actor actor, string reason, Rotators rotators, DateTimeOffset now, CancellationToken ct)
    {
        if (entry.Kind is not { } kind) return PlanMissing;
        if (rotators.Find(kind) is null)
            return new Problem(ProblemKind.Conflict, "rotation.by_hand", $"The program cannot change a secret of the kind {kind} at its peer. Change it there, then write the new version here; the period begins anew.");
        var id = TypedId.New<RotationId>(now);
        if (await tx.Execute(Insert, ct, tx.Tenant, id, entry.Id, kind, entry.CurrentVersion, actor.Label, reason.Trim(), now) == 0) return Running;
        await tx.Enqueue(AdvanceRotation.For(id), now, ct);
        await tx.Append(actor, "rotation.started", id.ToString(), new { path = entry.Path, reason = reason.Trim() }, now, ct);
        return new Output(id);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/secrets/{id}/rotate",
        async (Actor actor, SecretId id, Input input, Rotators rotators, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, id, input, rotators, db, clock, ct)).ToHttp(started => TypedResults.Accepted((string?)null, started)));
}

/// <summary>The job that wakes when a secret is due. What no rotator can change stays overdue on the calendar until somebody changes it by hand.</summary>
static class StartDue
{
    public const string Kind = "secrets.rotation_due";

    public sealed record Order(Guid Secret, DateTimeOffset At);

    public static async Task Run(Order order, JobRun run, CancellationToken ct)
    {
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        // Changed or planned anew meanwhile: that has an order of its own.
        if (await ListSecrets.Within(tx, new SecretId(order.Secret), ct) is not { DueAt: { } due } entry || (due - order.At).Duration() > TimeSpan.FromSeconds(1)) return;
        var started = await StartRotation.Within(tx, entry, Actor.System(run.Tenant), "due by its plan", run.Need<Rotators>(), run.Need<TimeProvider>().GetUtcNow(), ct);
        if (started.IsOk) await tx.Commit(ct);
    }
}

/// <summary>Lets a stuck rotation go on from where it got stuck, or rolls it back.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>rotation.not_found</c> or <c>rotation.not_stuck</c>.</remarks>
public static class ResumeRotation
{
    /// <param name="RollsBack">True gives up the new value instead; not possible once the old one was retired.</param>
    public sealed record Input(bool RollsBack = false);

    static readonly Problem Unknown = new(ProblemKind.NotFound, "rotation.not_found", "There is no such rotation in this account.");

    static readonly Problem NotStuck = new(ProblemKind.Conflict, "rotation.not_stuck", "This rotation does not wait for a person, or cannot go that way: once the old value was retired there is no way back.");

    public static async Task<Result<Done>> Handle(Actor actor, RotationId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.SecretsManage)) return Actor.Forbidden(Permissions.SecretsManage);
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await RunRows.Find(tx, id, ct) is not { } run) return Unknown;
        if (run is not { State: RotationState.Stuck, StuckAt: { } at } || input.RollsBack && at == RotationState.Retired) return NotStuck;
        var next = input.RollsBack ? RotationState.Withdrawing : at;
        var keepsFailure = next == RotationState.Withdrawing;
        var changed = run with { State = next, StuckAt = null, FailureCode = keepsFailure ? run.FailureCode : null, FailureDetail = keepsFailure ? run.FailureDetail : null };
        if (!await RunRows.Save(tx, RotationState.Stuck, changed, now, ct)) return NotStuck;
        await tx.Enqueue(AdvanceRotation.For(id), now, ct);
        await tx.Append(actor, "rotation.resumed", id.ToString(), new { to = RunRows.Word(next) }, now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/secret-rotations/{id}/resume",
        async (Actor actor, RotationId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, input, db, clock, ct)).ToHttp());
}
