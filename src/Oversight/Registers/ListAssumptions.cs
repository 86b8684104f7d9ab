using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Registers;

/// <summary>Something the plan takes for granted.</summary>
/// <param name="Ref">Kind/name of the object that assumes it.</param>
/// <param name="Assumed">What, in words.</param>
/// <param name="Confidence">0 to 1, as the plan says; null when it does not.</param>
/// <param name="Now">What the figure says today; null when nothing here measures it.</param>
public sealed record AssumptionLine(string Ref, string Title, string Assumed, decimal? Confidence, string? Kpi, string? Now, string? Owner);

/// <summary>What the plan assumes: its claims, the values its costs were computed at, and targets it only hopes for or forecasts. Refuses with <c>permission.missing</c> (needs <c>oversight:read</c>).</summary>
public static class ListAssumptions
{
    public static async Task<Result<PlanPage<AssumptionLine>>> Handle(Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await CurrentPlan.Read(tx, ct) is not { } plan) return new PlanPage<AssumptionLine>(null, []);
        var (today, values) = (clock.Today(), await KpiBook.Read(tx, null, clock.Today(), ct));
        return new PlanPage<AssumptionLine>(plan.Version, Lines(plan, kpi => KpiText.Closed(kpi, values[kpi.Key], today)));
    }

    internal static IReadOnlyList<AssumptionLine> Lines(CurrentPlan plan, Func<Kpi, IReadOnlyList<KpiValue>> closed)
    {
        AssumptionLine Line(PlanObject one, string assumed, string? metric, decimal? confidence)
        {
            var kpi = plan.KpiOf(metric);
            return new(one.Ref, one.Title, assumed, confidence, kpi?.Key, kpi is not null && closed(kpi) is [.., var last] ? KpiText.Show(kpi, last.Observed.GetValueOrDefault(), last.Unit) : null, plan.OwnerOf(one));
        }

        string Named(string? metric) => plan.Plan.Find("Metric", metric)?.Title ?? metric ?? "a number";
        return
        [
            .. plan.Plan.Of("Claim").Select(claim => Line(claim, $"{claim.Text("text")}{(claim.Text("status") is { } status ? $" ({status})" : "")}", claim.Text("metric"), null)),
            .. plan.Plan.Of("CostLine").Where(line => line.Quantity("driverValue") is not null).Select(line => Line(line, $"{Named(line.Text("driver"))} is {line.Quantity("driverValue")}", line.Text("driver"), null)),
            .. plan.Plan.Of("Target").Where(target => target.Text("basis") is "forecast" or "aspiration" || target.Number("confidence") is not null)
                .Select(target => Line(target, $"{Named(target.Text("metric"))} {target.Quantity("quantity")}{(plan.Times.DueOf(target) is { } due ? $" by {due}" : "")}, {target.Text("basis") ?? "no basis stated"}", target.Text("metric"), target.Number("confidence"))),
        ];
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/oversight/assumptions",
        async (Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, db, clock, ct)).ToHttp());
}
