using PenguinMails.Core.Db;
using PenguinMails.Oversight.Budgets;
using PenguinMails.Oversight.Costs;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Reports;

/// <summary>The lines of the budget in a report's month as of its data cut: files that were loaded later do not count, and those withdrawn later still do.</summary>
static class BudgetFacts
{
    /// <param name="month">First day of the month.</param>
    /// <param name="closed">Closed values of a figure at the cut.</param>
    /// <returns>Empty when nothing was billed for the month: a plan alone is no variance.</returns>
    public static async Task<IReadOnlyList<BudgetLine>> Within(TenantTx tx, CurrentPlan? plan, DateOnly month, DateTimeOffset cut, Func<Kpi, IReadOnlyList<KpiValue>> closed, CancellationToken ct)
    {
        var months = BudgetMonths.Of(plan?.Plan, $"{month:yyyy-MM}", DateOnly.FromDateTime(cut.UtcDateTime));
        var rows = await tx.List(ListCostRows.SelectSums, CostRow.Read, ct, tx.Tenant, months.Year[0].AddMonths(-3), months.Year[^1].AddMonths(1), cut);
        // What is material is a setting of today, and no part of what the report stands on: every line is told.
        var sums = new BudgetSums(plan, rows, months, new(0, 0), null, closed);
        var lines = sums.Lines(_ => null);
        if (sums.Currency is not { } currency || lines.All(line => line.Actual == 0)) return [];
        return [.. lines.Where(line => line.Actual != 0 || line.Planned != 0).Select(line => new BudgetLine(line.Title, currency, (double)decimal.Round(line.Actual, 2), (double)decimal.Round(line.Planned, 2), line.Cause))];
    }
}
