using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Decisions;

/// <summary>A decision of the plan with what was expected of it and what came.</summary>
/// <param name="Kpi">Key of the figure its effect is measured by; null when the plan names none that is measured here.</param>
/// <param name="Expected">In words; null when the plan expects nothing of it.</param>
/// <param name="ReviewOn">Day its effect is judged: as the plan says, else the end of the time the effect is expected by.</param>
/// <param name="State">unmeasured (no effect named), not_measured_here, no_review_date, waiting, or the verdict of its outcome.</param>
public sealed record DecisionLine(
    string Name, string Title, string Status, string? DecidedOn, string? Chosen, IReadOnlyList<string> Because, string? Kpi, string? Expected, DateOnly? ReviewOn, string State, DecisionOutcome? Outcome, string? Owner);

/// <summary>Decisions of the plan, those that were judged first. Refuses with <c>permission.missing</c> (needs <c>oversight:read</c>).</summary>
public static class ListDecisions
{
    public static async Task<Result<PlanPage<DecisionLine>>> Handle(Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await CurrentPlan.Read(tx, ct) is { } plan ? new PlanPage<DecisionLine>(plan.Version, await Within(tx, plan, ct)) : new PlanPage<DecisionLine>(null, []);
    }

    internal static async Task<IReadOnlyList<DecisionLine>> Within(TenantTx tx, CurrentPlan plan, CancellationToken ct)
    {
        var outcomes = (await tx.List(DecisionOutcome.SelectNewest, DecisionOutcome.Read, ct, tx.Tenant, plan.Version.Plan)).ToDictionary(one => (one.Decision, one.ReviewOn));
        return [.. plan.Plan.Of("Decision").Where(one => one.Text("status") is not "proposed").Select(one => LineOf(plan, one, due => outcomes.GetValueOrDefault((one.Name, due))))
            .OrderByDescending(line => line.Outcome is not null).ThenBy(line => line.ReviewOn is null).ThenBy(line => line.ReviewOn)];
    }

    internal static DecisionLine LineOf(CurrentPlan plan, PlanObject one, Func<DateOnly, DecisionOutcome?> outcome)
    {
        var effect = one.Spec.Map("expectedEffect");
        var (kpi, due) = (plan.KpiOf(effect?.Text("metric")), ReviewOn(plan, one));
        var found = due is { } day ? outcome(day) : null;
        var state = effect?.Text("metric") is null ? "unmeasured" : kpi is null ? "not_measured_here" : due is null ? "no_review_date" : found?.Verdict ?? "waiting";
        return new DecisionLine(one.Name, one.Title, one.Text("status") ?? "accepted", one.Period("date")?.Text, one.Text("chosen"), [.. one.Names("because")], kpi?.Key, Words(plan, effect), due, state, found, plan.OwnerOf(one));
    }

    internal static DateOnly? ReviewOn(CurrentPlan plan, PlanObject one) => one.Period("reviewOn")?.End ?? By(plan, one) switch { { IsOpen: false } by => by.End, _ => null };

    internal static Period? By(CurrentPlan plan, PlanObject one) => one.Spec.Map("expectedEffect") is { } effect
        ? Period.TryParse(effect.Text("by") ?? "", out var by, out _) ? by : plan.Times.DueOf(Quantity.Of(effect["quantity"])) : null;

    internal static string? Words(CurrentPlan plan, MapNode? effect)
    {
        if (effect?.Text("metric") is not { } metric) return null;
        var (quantity, baseline) = (Quantity.Of(effect["quantity"]), Quantity.Of(effect["baseline"]));
        return $"{plan.Plan.Find("Metric", metric)?.Title ?? metric}{(quantity is null ? "" : " " + quantity)}{(baseline is null ? "" : $" from {baseline}")}{(effect.Text("by") is { } by ? $" by {by}" : "")}";
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/oversight/decisions",
        async (Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, db, clock, ct)).ToHttp());
}
