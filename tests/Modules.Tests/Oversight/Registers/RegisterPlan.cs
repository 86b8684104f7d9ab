using PenguinMails.Core;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Modules.Tests.Oversight.Registers;

/// <summary>A small plan with one of everything that registers follow. The tests' clock stands at 2 March 2026.</summary>
static class RegisterPlan
{
    public const string Text = """
        apiVersion: oversight.penguinmails/v1
        kind: Plan
        metadata: {name: northwind}
        spec: {currency: EUR, defaultOwner: role:ceo}
        ---
        kind: Metric
        metadata: {name: up, title: Uptime, owner: sam@northwind.example}
        spec: {kpi: uptime, unit: percent, better: up}
        ---
        kind: Objective
        metadata: {name: grow, title: Grow}
        spec: {period: 2026-Q4}
        ---
        kind: RoadmapItem
        metadata: {name: api, title: The API, owner: Sam Sample}
        spec: {period: 2026-02, status: in_progress, priority: P0, effort: 3-4 weeks, blocks: [launch]}
        ---
        kind: RoadmapItem
        metadata: {name: api-docs, title: Documents of the API}
        spec: {period: 2026-02, parent: api}
        ---
        kind: RoadmapItem
        metadata: {name: crm, title: CRM}
        spec: {period: 2026-Q2, dependsOn: [api]}
        ---
        kind: Gate
        metadata: {name: launch, title: Launch}
        spec: {at: 2026-Q2, blockers: [crm], all: [{metric: up, quantity: 99 percent, window: P28D}, {check: Audit passed}, {check: Backup restored, met: true}]}
        ---
        kind: Vendor
        metadata: {name: rack, title: Rack Ltd}
        spec: {stance: migrate, window: 2026-01, migrateTo: Own machines, exitCost: 2 weeks}
        ---
        kind: Vendor
        metadata: {name: pay, title: Pay Inc}
        spec: {stance: accept}
        ---
        kind: CostLine
        metadata: {name: servers, title: Servers, owner: role:ops}
        spec: {vendor: rack, model: fixed, amount: 1000 EUR/month, cogs: true}
        ---
        kind: CostLine
        metadata: {name: fees, title: Fees}
        spec: {vendor: pay, model: percentOf, driver: up, rate: 0.1, driverValue: 500 EUR/month}
        ---
        kind: Budget
        metadata: {name: north}
        spec: {costCentre: north, domains: [north.example], total: 300 EUR/month}
        ---
        kind: Risk
        metadata: {name: outage, title: Outages}
        spec: {likelihood: 2, impact: 5, indicators: [{metric: up, trigger: below 99 %}], mitigations: [crm]}
        ---
        kind: Contingency
        metadata: {name: slow, title: Slow}
        spec: {when: Sales are slow, then: [Cut the scope]}
        ---
        kind: Decision
        metadata: {name: move, title: Move the servers}
        spec: {date: 2025-10-15, chosen: Move, reviewOn: 2026-02-28, expectedEffect: {metric: up, quantity: 1 percent}}
        ---
        kind: Review
        metadata: {name: board, title: Board review}
        spec: {cadence: monthly, heldOn: 2026-01-15}
        """;

    public static CurrentPlan Parsed(string? text = null)
    {
        var reading = PlanReader.Read([("plan.yaml", text ?? Text)]);
        Assert.True(reading.Faults.Count == 0, string.Join('\n', reading.Faults));
        return new CurrentPlan(new(new(Guid.Empty), "northwind", 1, new string('0', 64), reading.Plan.Objects.Count, 0, 0, "system", DateTimeOffset.UnixEpoch), reading.Plan);
    }

    public static async Task<PlanVersion> Import(Actor actor, TestDatabase database, string? text = null, TimeProvider? clock = null)
    {
        var kept = await ImportPlan.Handle(actor, new([new("plan.yaml", text ?? Text)]), database.Db, clock ?? database.Clock, TestContext.Current.CancellationToken);
        Assert.True(kept.IsOk, kept.Problem?.Detail);
        return kept.Value.Version;
    }
}
