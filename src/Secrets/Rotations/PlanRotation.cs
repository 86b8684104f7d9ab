using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Secrets.Entries;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Secrets.Rotations;

/// <summary>Says of which kind a secret is, how often it changes, and how long old and new are both valid.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>secret.not_found</c>, <c>rotation.kind_unknown</c> or <c>rotation.plan_invalid</c>.</remarks>
public static class PlanRotation
{
    public const int OverlapHoursDefault = 24;

    /// <param name="Kind">One of <see cref="RotationKinds"/>.</param>
    /// <param name="PeriodDays">1 to 3,650; null: on demand only.</param>
    /// <param name="OverlapHours">0 to 720; default 24.</param>
    public sealed record Input(string Kind, int? PeriodDays, int OverlapHours = OverlapHoursDefault);

    internal static readonly Problem KindUnknown = Problem.Invalid("rotation.kind_unknown", new FieldProblem("kind", $"One of {string.Join(", ", RotationKinds.All)}."));

    public static async Task<Result<SecretEntry>> Handle(Actor actor, SecretId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.SecretsManage)) return Actor.Forbidden(Permissions.SecretsManage);
        if (!RotationKinds.All.Contains(input.Kind)) return KindUnknown;
        if (input.PeriodDays is < 1 or > 3650) return Problem.Invalid("rotation.plan_invalid", new FieldProblem("period_days", "1 to 3,650 days, or none for a change on demand."));
        if (input.OverlapHours is < 0 or > 720) return Problem.Invalid("rotation.plan_invalid", new FieldProblem("overlap_hours", "0 to 720 hours."));
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await ListSecrets.Within(tx, id, ct) is null) return SecretProblems.NotFound;
        await PlanRows.Set(tx, id.Value, input.Kind, input.PeriodDays, input.OverlapHours, now, ct);
        var entry = await ListSecrets.Within(tx, id, ct) ?? throw new InvalidOperationException("The secret vanished in its own transaction.");
        await tx.Append(actor, "rotation.planned", id.ToString(), new { input.Kind, input.PeriodDays, input.OverlapHours }, now, ct);
        await tx.Commit(ct);
        return entry;
    }

    /// <summary>A version was written by hand: the period begins anew. With a kind, its usual plan is set.</summary>
    internal static async Task Written(TenantTx tx, SecretId id, string? kind, DateTimeOffset now, CancellationToken ct)
    {
        if (kind is not null) await PlanRows.Set(tx, id.Value, kind, RotationKinds.PeriodDays(kind), OverlapHoursDefault, now, ct);
        else await PlanRows.Renew(tx, id.Value, now, ct);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPut("/secrets/{id}/rotation",
        async (Actor actor, SecretId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, input, db, clock, ct)).ToHttp());
}
