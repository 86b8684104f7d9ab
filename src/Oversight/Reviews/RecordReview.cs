using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.CheckIns;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Reviews;

/// <summary>Records that a review was held. The newest version of the plan is what it looked at: later slips are counted against that one.</summary>
/// <remarks>Refuses with <c>permission.missing</c> (needs <c>account:manage</c>), <c>plan.not_found</c> or <c>review.invalid</c>.</remarks>
public static class RecordReview
{
    /// <param name="Review">Its name in the newest version of the plan.</param>
    /// <param name="HeldOn">Not in the future. Default: today.</param>
    /// <param name="Period">What it looked at, as plans write periods. Default: the month of the day.</param>
    /// <param name="Notes">1 to 10,000 characters.</param>
    public sealed record Input(string Review, string Notes, DateOnly? HeldOn = null, string? Period = null);

    const int NotesMax = 10_000;

    const string Insert = """
        insert into oversight.review_held (tenant_id, id, plan, review, period, held_on, plan_version_id, notes, said_by, said_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """;

    public static async Task<Result<ReviewHeld>> Handle(Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        var (now, today) = (clock.GetUtcNow(), clock.Today());
        var faults = Faults(input, today).ToArray();
        if (faults.Length > 0) return Problem.Invalid("review.invalid", faults);
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await CurrentPlan.Read(tx, ct) is not { } plan) return RecordCheckIn.NoPlan;
        if (plan.Plan.Find("Review", input.Review) is null) return Problem.Invalid("review.invalid", new FieldProblem("review", "The plan has no review of this name."));
        var day = input.HeldOn ?? today;
        var held = new ReviewHeld(Guid.CreateVersion7(now), input.Review, input.Period?.Trim() ?? $"{day:yyyy-MM}", day, plan.Version.Id, plan.Version.Number, input.Notes.Trim(), actor.Label, now);
        await tx.Execute(Insert, ct, actor.Tenant, held.Id, plan.Version.Plan, held.Review, held.Period, held.HeldOn, held.PlanVersion, held.Notes, held.By, now);
        await tx.Append(actor, "review.held", held.Review, new { held_on = held.HeldOn, plan_number = held.PlanNumber }, now, ct);
        await tx.Commit(ct);
        return held;
    }

    static IEnumerable<FieldProblem> Faults(Input input, DateOnly today)
    {
        if (Wording.Check("review", input.Review, Wording.NameMax) is { } review) yield return review;
        if (Wording.Check("notes", input.Notes, NotesMax) is { } notes) yield return notes;
        if (Wording.Check("held_on", input.HeldOn, today) is { } day) yield return day;
        if (input.Period is { } period && (period.Length > 40 || !Period.TryParse(period, out _, out _))) yield return new("period", "Write it as plans do: 2026-11, 2026-Q4 or 2026-W48.");
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/oversight/reviews",
        async (Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, input, db, clock, ct)).ToHttp(made => TypedResults.Created("/api/v1/oversight/reviews", made)));
}
