using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Reviews;

/// <summary>A review of the plan with its rhythm.</summary>
/// <param name="LastHeld">Day; as recorded, else as the plan says.</param>
/// <param name="NextDue">By its cadence, else the day the plan names; null when neither is there.</param>
/// <param name="DaysLeft">Negative when it is overdue.</param>
/// <param name="Held">Newest first.</param>
public sealed record ReviewLine(string Name, string Title, string? Cadence, DateOnly? LastHeld, DateOnly? NextDue, int? DaysLeft, IReadOnlyList<string> Agenda, string? Owner, IReadOnlyList<ReviewHeld> Held)
{
    public bool IsOverdue => DaysLeft < 0;
}

/// <summary>Reviews of the plan, the most urgent first. Refuses with <c>permission.missing</c> (needs <c>oversight:read</c>).</summary>
public static class ListReviews
{
    public static async Task<Result<PlanPage<ReviewLine>>> Handle(Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await CurrentPlan.Read(tx, ct) is { } plan ? new PlanPage<ReviewLine>(plan.Version, await Within(tx, plan, clock.Today(), ct)) : new PlanPage<ReviewLine>(null, []);
    }

    internal static async Task<IReadOnlyList<ReviewLine>> Within(TenantTx tx, CurrentPlan plan, DateOnly today, CancellationToken ct)
    {
        var held = (await tx.List(ReviewHeld.Select, ReviewHeld.Read, ct, tx.Tenant, plan.Version.Plan)).ToLookup(one => one.Review, StringComparer.Ordinal);
        var since = await plan.Since(tx, ct);
        return [.. plan.Plan.Of("Review").Select(review => LineOf(plan, review, [.. held[review.Name]], since, today)).OrderBy(line => line.DaysLeft is null).ThenBy(line => line.DaysLeft)];
    }

    /// <param name="since">Day the plan came: a rhythm that was never begun counts from it.</param>
    internal static ReviewLine LineOf(CurrentPlan plan, PlanObject review, IReadOnlyList<ReviewHeld> held, DateOnly since, DateOnly today)
    {
        var last = held.Count > 0 ? held[0].HeldOn : review.Period("heldOn")?.End;
        var rhythm = review.Text("cadence");
        var next = last is { } day ? Cadence.After(rhythm, day) ?? Later(review.Period("due")?.End, day) : review.Period("due")?.End ?? Cadence.After(rhythm, since);
        return new ReviewLine(review.Name, review.Title, rhythm, last, next, next is { } due ? due.DayNumber - today.DayNumber : null, [.. review.Names("agenda")], plan.OwnerOf(review), held);
    }

    // A day the plan names is done with once the review was held.
    static DateOnly? Later(DateOnly? due, DateOnly held) => due > held ? due : null;

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/oversight/reviews",
        async (Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, db, clock, ct)).ToHttp());
}
