using PenguinMails.Core;
using PenguinMails.Oversight.Costs;

namespace PenguinMails.Oversight.Margins;

/// <summary>What a customer earned and cost in a month, in minor units of the currency.</summary>
/// <param name="Revenue">Null when no line of it is loaded for the month.</param>
/// <param name="Direct">Costs whose cost centre is the workspace or one of its domains.</param>
/// <param name="Weight">By the key; <paramref name="Shared"/> is its part of all weights.</param>
/// <param name="LeftOut">Lines of it in another currency, which nothing here can add up; with one, no margin is told.</param>
public sealed record MarginLine(WorkspaceId Workspace, string Name, long? Revenue, long Direct, long Weight, long Shared, int LeftOut)
{
    public long Costs => Direct + Shared;

    /// <summary>Null while there is no revenue to take costs from.</summary>
    public long? Margin => LeftOut == 0 ? Revenue - Costs : null;

    /// <summary>Of revenue, in percent; null also when that is not above zero.</summary>
    public decimal? MarginPercent => Revenue > 0 && Margin is { } margin ? 100m * margin / Revenue : null;

    /// <summary>It costs more than it earns.</summary>
    public bool IsLoss => Margin < 0;
}

/// <summary>A month of all customers, worst first.</summary>
/// <param name="Month">First day.</param>
/// <param name="Denominator">All weights of the key.</param>
/// <param name="SharedTotal">What names no customer, in minor units.</param>
/// <param name="IsShared">False when nobody weighs anything by the key, so that shared costs are nobody's.</param>
/// <param name="LeftOut">Lines and sums in another currency, of customers and of the account.</param>
public sealed record MarginMonth(DateOnly Month, IReadOnlyList<MarginLine> Lines, long Denominator, long SharedTotal, bool IsShared, int LeftOut, bool HasRevenue, bool HasCosts);

/// <summary>Adds revenue and costs up by customer. Pure.</summary>
static class MarginSums
{
    /// <param name="weights">By the key; who neither was there in the month nor paid for it weighs nothing.</param>
    public static MarginMonth Of(DateOnly month, string currency, IReadOnlyList<Customer> customers, IReadOnlyDictionary<WorkspaceId, long> weights, IReadOnlyList<RevenueLine> revenue, IReadOnlyList<CostRow> costs)
    {
        var names = new CustomerNames(customers);
        var earned = revenue.Where(line => line.Month == month).ToLookup(line => line.Workspace);
        var billed = costs.Where(row => row.BilledOn == month).ToLookup(row => OfCustomer(row, names));
        var shown = customers.Where(one => one.IsIn(month) || earned.Contains(one.Id) || billed.Contains(one.Id)).ToList();
        var shared = billed[null].Where(row => row.Currency == currency).Sum(row => row.Amount);
        var weighed = shown.Select(one => one.IsIn(month) || earned.Contains(one.Id) ? weights.GetValueOrDefault(one.Id) : 0).ToList();
        var parts = Allocation.Share(shared, weighed);
        var lines = shown.Select((one, at) => Line(one, [.. earned[one.Id]], [.. billed[one.Id]], weighed[at], parts?[at] ?? 0, currency));
        return new(month, [.. lines.OrderBy(line => line.Margin ?? -line.Costs).ThenBy(line => line.Name, StringComparer.Ordinal)], weighed.Sum(), shared, parts is not null || shared == 0,
            revenue.Count(line => line.Month == month && line.Currency != currency) + costs.Count(row => row.BilledOn == month && row.Currency != currency), revenue.Any(line => line.Month == month), costs.Any(row => row.BilledOn == month));
    }

    /// <summary>Whose cost it is: that of the workspace its cost centre names, or has the domain it names; null: shared.</summary>
    public static WorkspaceId? OfCustomer(CostRow row, CustomerNames names) => names.Any(row.CostCentre)?.Workspace;

    static MarginLine Line(Customer one, IReadOnlyList<RevenueLine> earned, IReadOnlyList<CostRow> billed, long weight, long shared, string currency)
    {
        var counted = earned.Where(line => line.Currency == currency).ToList();
        return new(one.Id, one.Name, counted.Count == 0 ? null : counted.Sum(line => line.Amount), billed.Where(row => row.Currency == currency).Sum(row => row.Amount), weight, shared,
            earned.Count - counted.Count + billed.Count(row => row.Currency != currency));
    }
}
