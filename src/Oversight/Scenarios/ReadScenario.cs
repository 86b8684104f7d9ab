using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Scenarios;

/// <summary>What follows when drivers are set otherwise, and whether the plan's dated targets can be reached then. Keeps nothing.</summary>
/// <remarks>Refuses with <c>permission.missing</c> (needs <c>oversight:read</c>) or <c>scenario.invalid</c>.</remarks>
public static class ReadScenario
{
    const int MonthsShown = 12;
    const int ReachesMax = 40;

    /// <param name="Known">What drives recurring revenue now, as far as figures and plan say; zeros where they do not.</param>
    /// <param name="Unknown">Drivers that nothing tells yet: set them.</param>
    /// <param name="Months">The next twelve, with the overrides.</param>
    public sealed record Output(Drivers Known, IReadOnlyList<string> Unknown, Drivers Set, IReadOnlyList<ScenarioMonth> Months, IReadOnlyList<Reach> Reaches);

    public static async Task<Result<Output>> Handle(Actor actor, Overrides overrides, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        if (overrides.Faults().ToList() is { Count: > 0 } faults) return Problem.Invalid("scenario.invalid", [.. faults]);
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var values = await KpiBook.Read(tx, null, today, ct);
        var plan = (await CurrentPlan.Read(tx, ct))?.Plan;
        return Judge([.. KpiCatalog.Of(settings.Company == actor.Tenant)], values, plan, overrides, today);
    }

    /// <summary>A pure function of figures, plan and overrides.</summary>
    /// <param name="target">The one target that is asked for, as Target/name; null for all.</param>
    public static Output Judge(IReadOnlyList<Kpi> kpis, ILookup<string, KpiValue> values, Plan? plan, Overrides overrides, DateOnly today, string? target = null)
    {
        var (known, unknown) = DriversNow.Of(values, plan);
        var set = overrides.On(known);
        // What nothing tells is as the scenario has it: a change is measured from there.
        var now = known with
        {
            Customers = unknown.Contains("customers") ? set.Customers : known.Customers,
            Arpa = unknown.Contains("arpa") ? set.Arpa : known.Arpa,
            Churn = unknown.Contains("churn") ? set.Churn : known.Churn,
            NewCustomers = unknown.Contains("new_customers") ? set.NewCustomers : known.NewCustomers,
        };
        var reaches = new List<Reach>();
        foreach (var kpi in kpis)
        {
            List<KpiValue> closed = [.. values[kpi.Key].Where(value => kpi.IsClosed(value.Start, today))];
            (Drivers, Drivers)? drivers = kpi.Key == "mrr" && now.Customers > 0 && now.Arpa > 0 ? (now, set) : null;
            foreach (var dated in DatedTargets.Of(plan, kpi).Where(one => target is null || one.Ref == target)) reaches.Add(Reachability.Of(kpi, closed, dated, today, drivers));
        }

        return new(known, unknown, set, set.Customers > 0 && set.Arpa > 0 ? set.Path(MonthsShown) : [], [.. reaches.OrderBy(reach => reach.Due).Take(ReachesMax)]);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/oversight/scenario",
        async (Actor actor, double? customers, double? arpa, double? churn, [FromQuery(Name = "new_customers")] double? newCustomers, [FromQuery(Name = "vendor_cost")] double? vendorCost, double? people,
            [FromQuery(Name = "cost_per_person")] double? costPerPerson, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, new(customers, arpa, churn, newCustomers, vendorCost, people, costPerPerson), db, settings, clock, ct)).ToHttp());
}
