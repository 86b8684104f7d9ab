using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Gates;

/// <summary>A criterion as it stands today.</summary>
/// <param name="State">passed, failed or unknown.</param>
/// <param name="Rests">said (by a person), measured (by a figure), plan (the plan states it) or nothing.</param>
/// <param name="Said">The newest evidence, also when it has expired.</param>
/// <param name="Measured">What its figure says, also when a person's word counts; null when no figure measures it.</param>
public sealed record CriterionLine(string Key, string Words, string State, string Rests, GateEvidence? Said, bool IsExpired, Measured? Measured);

/// <summary>A gate with its criteria.</summary>
/// <param name="DaysLeft">To the last day of its time; negative when it is over; null without one.</param>
/// <param name="Blockers">Work it waits for that is not done, as the plan names it.</param>
public sealed record GateLine(string Name, string Title, string? Event, string? At, int? DaysLeft, string? Owner, IReadOnlyList<CriterionLine> Criteria, IReadOnlyList<string> Blockers)
{
    /// <summary>failed when one criterion failed, passed when all passed, else unknown.</summary>
    public string State => Criteria.Any(one => one.State == "failed") ? "failed" : Criteria.Count > 0 && Criteria.All(one => one.State == "passed") ? "passed" : "unknown";
}

/// <summary>The gates of the plan, nearest first, each criterion with what shows it. Refuses with <c>permission.missing</c> (needs <c>oversight:read</c>).</summary>
/// <remarks>A person's word counts until it expires; then what a figure measures, then what the plan states; else it is unknown.</remarks>
public static class ListGates
{
    public static async Task<Result<PlanPage<GateLine>>> Handle(Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await CurrentPlan.Read(tx, ct) is { } plan ? new PlanPage<GateLine>(plan.Version, await Within(tx, plan, clock.Today(), ct)) : new PlanPage<GateLine>(null, []);
    }

    internal static async Task<IReadOnlyList<GateLine>> Within(TenantTx tx, CurrentPlan plan, DateOnly today, CancellationToken ct)
    {
        var said = (await tx.List(GateEvidence.SelectNewest, GateEvidence.Read, ct, tx.Tenant, plan.Version.Plan)).ToDictionary(one => (one.Gate, one.Criterion));
        var values = await KpiBook.Read(tx, null, today, ct);
        return [.. plan.Plan.Of("Gate").Select(gate => LineOf(plan, gate, key => said.GetValueOrDefault((gate.Name, key)), values, today)).OrderBy(gate => gate.DaysLeft is null).ThenBy(gate => gate.DaysLeft)];
    }

    static GateLine LineOf(CurrentPlan plan, PlanObject gate, Func<string, GateEvidence?> said, ILookup<string, KpiValue> values, DateOnly today)
    {
        int? left = gate.Period("at") is { IsOpen: false } at ? at.End.DayNumber - today.DayNumber : null;
        return new GateLine(gate.Name, gate.Title, gate.Text("event"), gate.Period("at")?.Text, left, plan.OwnerOf(gate),
            [.. Criterion.Of(plan.Plan, gate).Select(one => Stand(one, said(one.Key), plan.KpiOf(one.Metric) is { } kpi ? Measured.Of(kpi, KpiText.Closed(kpi, values[kpi.Key], today), one.Wanted, one.Window, today) : null, today))],
            [.. gate.Names("blockers").Select(name => plan.Plan.Find("RoadmapItem", name)).OfType<PlanObject>().Where(item => item.Text("status") is not ("done" or "dropped")).Select(item => item.Title)]);
    }

    internal static CriterionLine Stand(Criterion one, GateEvidence? said, Measured? measured, DateOnly today)
    {
        CriterionLine Line(string state, string rests) => new(one.Key, one.Words, state, rests, said, said?.IsExpired(today) == true, measured);
        if (said is not null && !said.IsExpired(today) && said.State != "unknown") return Line(said.State, "said");
        if (measured?.Holds is { } holds) return Line(holds ? "passed" : "failed", "measured");
        return one.IsMetByPlan is { } met && said is null ? Line(met ? "passed" : "failed", "plan") : Line("unknown", "nothing");
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/oversight/gates",
        async (Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, db, clock, ct)).ToHttp());
}
