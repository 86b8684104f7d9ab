using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Costs;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Budgets;

/// <summary>A line of the budget, in whole units of the currency.</summary>
/// <param name="Name">Of the plan's CostLine; begins with "unplanned: " for what no plan names.</param>
/// <param name="Planned">Middle of the plan's range.</param>
/// <param name="Off">Beyond the plan's upper end when positive, short of its lower end when negative.</param>
/// <param name="Forecast">The year by run rate.</param>
/// <param name="Driver">Metric it grows with, as the plan names it.</param>
/// <param name="Cause">volume, price, timing, not planned, or nothing billed, with what shows it; null when there is no difference to explain.</param>
/// <param name="Step">Id of the open step about it.</param>
public sealed record BudgetLine(
    string Name, string Title, string? Vendor, decimal Actual, decimal Planned, decimal Delta, decimal? DeltaPercent, decimal Off, decimal Forecast, decimal PlannedYear, bool IsMaterial, string? Driver, string? Cause, string? Owner, Guid? Step)
{
    public bool IsPlanned => !Name.StartsWith(BudgetBook.Unplanned, StringComparison.Ordinal);
}

/// <summary>What a cost centre spent and was given. <paramref name="Name"/> is empty for what belongs to the whole account.</summary>
/// <param name="Planned">Null when no budget of the plan is its own.</param>
public sealed record CentreLine(string Name, decimal Actual, decimal? Planned, decimal? Delta, bool IsMaterial);

/// <summary>A month of the fiscal year.</summary>
public sealed record MonthLine(DateOnly Month, decimal Actual, decimal Planned, bool IsClosed);

/// <summary>Budget and variance: what was spent against the plan, by line, month and cost centre. Refuses with <c>permission.missing</c> (needs <c>oversight:read</c>).</summary>
public static class ReadBudget
{
    /// <param name="Plan">Null while there is no plan; then every cost is unplanned.</param>
    /// <param name="Currency">Of every amount; null while there is neither a plan with one nor a cost.</param>
    /// <param name="Months">Those that are added up, first days.</param>
    /// <param name="IsOpen">The month shown is not over, so nothing of it is judged.</param>
    /// <param name="LeftOut">Rows in another currency, which nothing here can add up.</param>
    public sealed record Output(
        PlanVersion? Plan, string? Currency, IReadOnlyList<DateOnly> Months, bool IsOpen, string? Centre, IReadOnlyList<BudgetLine> Lines, IReadOnlyList<CentreLine> Centres, IReadOnlyList<MonthLine> Year, int LeftOut,
        decimal MaterialityPercent, decimal MaterialityFloor, bool HasCosts);

    const string HasAny = "select exists (select 1 from oversight.cost_load where tenant_id = $1 and withdrawn_at is null)";

    const string OpenSteps = "select subject, id from oversight.process_step where tenant_id = $1 and kind = 'budget' and state = 'open' limit 10000";

    /// <param name="month">2026-11; null for the closed months of the fiscal year.</param>
    /// <param name="centre">One cost centre alone; null for all.</param>
    public static async Task<Result<Output>> Handle(Actor actor, string? month, string? centre, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await Within(tx, await CurrentPlan.Read(tx, ct), month, centre, settings, clock.Today(), ct);
    }

    internal static async Task<Output> Within(TenantTx tx, CurrentPlan? plan, string? month, string? centre, OversightSettings settings, DateOnly today, CancellationToken ct)
    {
        var months = BudgetMonths.Of(plan?.Plan, month, today);
        var rows = await tx.List(ListCostRows.SelectSums, CostRow.Read, ct, tx.Tenant, months.Year[0].AddMonths(-3), months.Year[^1].AddMonths(1), null);
        var steps = (await tx.List(OpenSteps, row => (row.GetString(0), row.GetGuid(1)), ct, tx.Tenant)).ToLookup(one => one.Item1, one => one.Item2, StringComparer.Ordinal);
        var hasCosts = await tx.One(HasAny, row => row.GetBoolean(0), ct, tx.Tenant);
        var values = await KpiBook.Read(tx, null, today, ct);
        var sums = new BudgetSums(plan, rows, months, new(settings.MaterialityPercent, settings.MaterialityFloor), string.IsNullOrWhiteSpace(centre) ? null : centre, kpi => KpiText.Closed(kpi, values[kpi.Key], today));
        return new Output(plan?.Version, sums.Currency, months.Shown, months.IsOpen, sums.Centre, sums.Lines(name => steps[$"CostLine/{name}"].Select(id => (Guid?)id).FirstOrDefault()), sums.Centres(), sums.Year(), sums.LeftOut,
            settings.MaterialityPercent, settings.MaterialityFloor, hasCosts);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/oversight/budget",
        async (Actor actor, string? month, string? centre, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct) => (await Handle(actor, month, centre, db, settings, clock, ct)).ToHttp());
}
