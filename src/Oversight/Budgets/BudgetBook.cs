using PenguinMails.Oversight.Costs;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Budgets;

/// <summary>Assigns billed costs to lines and cost centres of the plan. Decided when it is read: a later version of the plan sorts old costs anew.</summary>
sealed class BudgetBook
{
    /// <summary>Prefix of lines that no plan names.</summary>
    public const string Unplanned = "unplanned: ";

    readonly Plan? _plan;
    readonly ILookup<string, PlanObject> _byVendor;
    readonly ILookup<string, PlanObject> _byDriver;
    readonly Dictionary<string, string> _centres = new(StringComparer.OrdinalIgnoreCase);

    public BudgetBook(Plan? plan)
    {
        _plan = plan;
        Lines = plan is null ? [] : [.. plan.Of("CostLine").Where(line => line.Spec["includes"] is null && !IsReplaced(plan, line))];
        _byDriver = Lines.Where(line => line.Text("driver") is not null).ToLookup(line => line.Text("driver") ?? "", StringComparer.OrdinalIgnoreCase);
        _byVendor = Lines.Where(line => line.Text("vendor") is not null).SelectMany(line => new[] { line.Text("vendor"), plan?.Find("Vendor", line.Text("vendor"))?.Title }.OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase).Select(name => (name, line)))
            .ToLookup(pair => pair.name, pair => pair.line, StringComparer.OrdinalIgnoreCase);
        foreach (var budget in Budgets)
            foreach (var name in budget.Names("domains").Prepend(budget.Text("costCentre") ?? budget.Name))
                _centres.TryAdd(name, budget.Text("costCentre") ?? budget.Name);
    }

    /// <summary>Those that are not sums of others and that no other replaces.</summary>
    public IReadOnlyList<PlanObject> Lines { get; }

    public IEnumerable<PlanObject> Budgets => _plan?.Of("Budget").Where(budget => budget.Text("costCentre") is not null || budget.Spec["domains"] is not null) ?? [];

    /// <summary>The plan's line of a cost: named, or the only one its driver or vendor has; else one that no plan names.</summary>
    public string LineOf(CostRow row)
    {
        if (row.CostLine.Length > 0 && Lines.FirstOrDefault(line => line.Name.Equals(row.CostLine, StringComparison.OrdinalIgnoreCase)) is { } named) return named.Name;
        if (row.CostLine.Length > 0 && Only(_byDriver[row.CostLine]) is { } driven) return driven;
        if (row.CostLine.Length == 0 && Only(_byVendor[row.Vendor]) is { } sold) return sold;
        return Unplanned + (row.CostLine.Length > 0 ? row.CostLine : row.Vendor);
    }

    /// <summary>The cost centre: as billed, or the one whose domains the plan counts it among; empty for the whole account.</summary>
    public string CentreOf(CostRow row) => _centres.GetValueOrDefault(row.CostCentre, row.CostCentre);

    /// <summary>What the plan sets aside for a cost centre: its budgets' totals, else the sum of their lines.</summary>
    public IEnumerable<PlannedCost> PlannedOf(string centre) => Budgets.Where(budget => (budget.Text("costCentre") ?? budget.Name).Equals(centre, StringComparison.OrdinalIgnoreCase))
        .SelectMany(budget => _plan is null ? [] : PlannedCost.Of(_plan, budget) is { } total ? [total] : LinesOf(budget).Select(line => PlannedCost.Of(_plan, line)).OfType<PlannedCost>());

    /// <summary>Lines that budgets of a cost centre pay for.</summary>
    public IEnumerable<string> LinesOf(string centre) => Budgets.Where(budget => (budget.Text("costCentre") ?? budget.Name).Equals(centre, StringComparison.OrdinalIgnoreCase)).SelectMany(LinesOf).Select(line => line.Name);

    IEnumerable<PlanObject> LinesOf(PlanObject budget) => budget.Names("lines").Select(name => Lines.FirstOrDefault(line => line.Name == name)).OfType<PlanObject>();

    static bool IsReplaced(Plan plan, PlanObject line) => plan.Of("CostLine").Any(other => other.Metadata.Texts("supersedes").Any(name => name.Text == line.Name || name.Text == line.Ref));

    static string? Only(IEnumerable<PlanObject> lines) => lines.Take(2).ToList() is [var one] ? one.Name : null;
}
