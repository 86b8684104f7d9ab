using PenguinMails.Core.Db;
using PenguinMails.Oversight.Budgets;
using PenguinMails.Oversight.Costs;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Reports;

/// <summary>The lines of the budget in a report's month as of its data cut: files that were loaded later do not count, and those withdrawn later still do.</summary>
static class BudgetFacts
{
    const string SelectSums = """
        select (array_agg(r.load_id order by r.load_id))[1], min(r.line), date_trunc('month', r.billed_on)::date, r.vendor, r.service, r.cost_line, sum(r.amount)::bigint, r.currency, r.cost_centre, r.is_cogs
        from oversight.cost_row r
        join oversight.cost_load l on l.tenant_id = r.tenant_id and l.id = r.load_id and l.loaded_at <= $4 and (l.withdrawn_at is null or l.withdrawn_at > $4)
        where r.tenant_id = $1 and r.billed_on >= $2 and r.billed_on < $3
        group by date_trunc('month', r.billed_on), r.vendor, r.service, r.cost_line, r.currency, r.cost_centre, r.is_cogs
        order by 3, 4, 5, 6, 8, 9, 10
        limit 100000
        """;

    /// <param name="month">First day of the month.</param>
    /// <param name="closed">Closed values of a figure at the cut.</param>
    /// <returns>Empty when nothing was billed for the month: a plan alone is no variance.</returns>
    public static async Task<IReadOnlyList<BudgetLine>> Within(TenantTx tx, CurrentPlan? plan, DateOnly month, DateTimeOffset cut, Func<Kpi, IReadOnlyList<KpiValue>> closed, CancellationToken ct)
    {
        var months = BudgetMonths.Of(plan?.Plan, $"{month:yyyy-MM}", DateOnly.FromDateTime(cut.UtcDateTime));
        var rows = await tx.List(SelectSums, CostRow.Read, ct, tx.Tenant, months.Year[0].AddMonths(-3), months.Year[^1].AddMonths(1), cut);
        // What is material is a setting of today, and no part of what the report stands on: every line is told.
        var sums = new BudgetSums(plan, rows, months, new(0, 0), null, closed);
        var lines = sums.Lines(_ => null);
        if (sums.Currency is not { } currency || lines.All(line => line.Actual == 0)) return [];
        return [.. lines.Where(line => line.Actual != 0 || line.Planned != 0).Select(line => new BudgetLine(line.Title, currency, (double)decimal.Round(line.Actual, 2), (double)decimal.Round(line.Planned, 2), line.Cause))];
    }
}
