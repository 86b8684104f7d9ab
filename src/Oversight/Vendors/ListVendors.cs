using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Budgets;
using PenguinMails.Oversight.Costs;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Vendors;

/// <summary>Who is depended upon: what that commits to, what leaving costs, what was paid.</summary>
/// <param name="Name">Of the plan's Vendor; null when only a bill names it.</param>
/// <param name="Stance">accept, migrate or watch; null when the plan does not say.</param>
/// <param name="MonthlyLow">What the plan's cost lines with it come to in a month of today, in whole units of the currency; null when they name no amount.</param>
/// <param name="ExitCost">As the plan writes it.</param>
/// <param name="Spent">In the fiscal year so far, all of its months.</param>
/// <param name="IsOverdue">It should have been left by now.</param>
public sealed record VendorLine(
    string? Name, string Title, string? Stance, string? MigrateTo, string? Window, string? Trigger, string? ExitCost, string? Purpose, IReadOnlyList<string> Constraints, decimal? MonthlyLow, decimal? MonthlyHigh, decimal Spent, bool IsOverdue, string? Owner);

/// <summary>Vendors of the plan and of the bills, the most expensive first. Refuses with <c>permission.missing</c> (needs <c>oversight:read</c>).</summary>
public static class ListVendors
{
    /// <param name="Plan">Null while there is no plan.</param>
    /// <param name="Currency">Of every amount; null while there is neither a plan with one nor a cost.</param>
    /// <param name="NextCursor">Always null: a plan has few.</param>
    public sealed record Output(PlanVersion? Plan, string? Currency, IReadOnlyList<VendorLine> Items, string? NextCursor = null);

    public static async Task<Result<Output>> Handle(Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var (plan, today) = (await CurrentPlan.Read(tx, ct), clock.Today());
        var year = BudgetMonths.Of(plan?.Plan, $"{today:yyyy-MM}", today).Year;
        var rows = await tx.List(ListCostRows.SelectSums, CostRow.Read, ct, actor.Tenant, year[0], year[^1].AddMonths(1), null);
        return Lines(plan, rows, today);
    }

    internal static Output Lines(CurrentPlan? plan, IReadOnlyList<CostRow> rows, DateOnly today)
    {
        var currency = plan?.Plan.Head?.Text("currency") ?? (rows.Count > 0 ? rows[0].Currency : null);
        var counted = rows.Where(row => row.Currency == currency).ToList();
        var (book, known) = (new BudgetBook(plan?.Plan), plan?.Plan.Of("Vendor").ToList() ?? []);
        // A bill belongs to the vendor it names, else to the one of its line.
        PlanObject? VendorOf(CostRow row) => known.FirstOrDefault(one => one.Name.Equals(row.Vendor, StringComparison.OrdinalIgnoreCase) || one.Title.Equals(row.Vendor, StringComparison.OrdinalIgnoreCase))
            ?? known.FirstOrDefault(one => one.Name == plan?.Plan.Find("CostLine", book.LineOf(row))?.Text("vendor"));
        var spent = counted.ToLookup(row => VendorOf(row)?.Name ?? "\n" + row.Vendor, row => row.Amount / MinorUnits.Scale(row.Currency), StringComparer.Ordinal);
        var lines = known.Select(one => LineOf(plan, book, one, spent[one.Name].Sum(), today)).Concat(spent.Where(one => one.Key[0] == '\n')
            .Select(one => new VendorLine(null, one.Key[1..], null, null, null, null, null, null, [], null, null, one.Sum(), false, null)));
        return new Output(plan?.Version, currency, [.. lines.OrderByDescending(line => line.IsOverdue).ThenByDescending(line => Math.Max(line.MonthlyHigh ?? 0, line.Spent / 12))]);
    }

    static VendorLine LineOf(CurrentPlan? plan, BudgetBook book, PlanObject one, decimal spent, DateOnly today)
    {
        var month = new DateOnly(today.Year, today.Month, 1);
        var costs = plan is null ? [] : book.Lines.Where(line => line.Text("vendor") == one.Name).Select(line => PlannedCost.Of(plan.Plan, line)).OfType<PlannedCost>().Where(cost => cost.Holds(month) && !cost.IsOneOff).ToList();
        var window = one.Period("window");
        return new VendorLine(one.Name, one.Title, one.Text("stance"), one.Text("migrateTo"), window?.Text, one.Text("trigger"), one.Quantity("exitCost")?.ToString(), one.Text("purpose"), [.. one.Names("constraints")],
            costs.Count > 0 ? costs.Sum(cost => cost.Low) : null, costs.Count > 0 ? costs.Sum(cost => cost.High) : null, spent, one.Text("stance") == "migrate" && window?.End < today, plan?.OwnerOf(one));
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/oversight/vendors",
        async (Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, db, clock, ct)).ToHttp());
}
