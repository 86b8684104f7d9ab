using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Risks;

/// <summary>A risk of the plan as it is judged today.</summary>
/// <param name="Likelihood">1 to 5, by the newest assessment, else by the plan; null when nobody said.</param>
/// <param name="Impact">1 to 5, likewise.</param>
/// <param name="ScoreBefore">Likelihood times impact of the assessment before, else of the plan; null when there is none.</param>
/// <param name="Mitigations">Words, or titles of the items named.</param>
public sealed record RiskLine(
    string Name, string Title, string? Cause, string? Event, string? Consequence, int? Likelihood, int? Impact, int? ScoreBefore, string? Treatment, IReadOnlyList<string> Mitigations, DateOnly? ReviewBy, string? Owner,
    RiskAssessment? Assessed, IReadOnlyList<IndicatorLine> Indicators)
{
    /// <summary>1 to 25; null when likelihood or impact is not known.</summary>
    public int? Score => Likelihood * Impact;

    public bool Rose => Score > ScoreBefore;
}

/// <summary>Risks of the plan: those whose trigger is passed or near first, then by score. Refuses with <c>permission.missing</c> (needs <c>oversight:read</c>).</summary>
public static class ListRisks
{
    public static async Task<Result<PlanPage<RiskLine>>> Handle(Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await CurrentPlan.Read(tx, ct) is { } plan ? new PlanPage<RiskLine>(plan.Version, await Within(tx, plan, clock.Today(), ct)) : new PlanPage<RiskLine>(null, []);
    }

    internal static async Task<IReadOnlyList<RiskLine>> Within(TenantTx tx, CurrentPlan plan, DateOnly today, CancellationToken ct)
    {
        var said = (await tx.List(RiskAssessment.SelectNewest, RiskAssessment.Read, ct, tx.Tenant, plan.Version.Plan)).ToLookup(one => one.Risk, StringComparer.Ordinal);
        var values = await KpiBook.Read(tx, null, today, ct);
        var verdicts = (await tx.List(KpiVerdict.SelectLatest, KpiVerdict.Read, ct, tx.Tenant, null)).ToDictionary(verdict => verdict.Kpi, StringComparer.Ordinal);
        IndicatorLine Indicator(MapNode part)
        {
            var (metric, kpi) = (part.Text("metric") ?? "", plan.KpiOf(part.Text("metric")));
            return IndicatorLine.Of(metric, part.Text("trigger"), kpi, kpi is null ? [] : KpiText.Closed(kpi, values[kpi.Key], today), kpi is null ? null : verdicts.GetValueOrDefault(kpi.Key));
        }

        return [.. plan.Plan.Of("Risk").Select(risk => LineOf(plan, risk, [.. said[risk.Name]], [.. risk.Spec.List("indicators").OfType<MapNode>().Select(Indicator)]))
            .OrderByDescending(risk => risk.Indicators.Any(one => one.IsPassed == true)).ThenByDescending(risk => risk.Indicators.Any(one => one.IsNear)).ThenByDescending(risk => risk.Score ?? -1)];
    }

    static RiskLine LineOf(CurrentPlan plan, PlanObject risk, List<RiskAssessment> said, IReadOnlyList<IndicatorLine> indicators)
    {
        var (likelihood, impact) = ((int?)risk.Number("likelihood"), (int?)risk.Number("impact"));
        var last = said.FirstOrDefault();
        return new RiskLine(risk.Name, risk.Title, risk.Text("cause"), risk.Text("event"), risk.Text("consequence"), last?.Likelihood ?? likelihood, last?.Impact ?? impact, said.Count > 1 ? said[1].Score : last is null ? null : likelihood * impact,
            risk.Text("treatment"), [.. risk.Names("mitigations").Select(name => plan.Plan.Find("RoadmapItem", name)?.Title ?? name)], risk.Period("reviewBy")?.End, plan.OwnerOf(risk), last, indicators);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/oversight/risks",
        async (Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, db, clock, ct)).ToHttp());
}
