namespace PenguinMails.Oversight.Scenarios;

/// <summary>What recurring revenue and its cost are made of, a month.</summary>
/// <param name="Customers">Who pays now.</param>
/// <param name="Arpa">Revenue of one of them in a month, in the plan's currency.</param>
/// <param name="Churn">Share of them that leaves in a month, 0 to 1.</param>
/// <param name="NewCustomers">Who comes in a month.</param>
/// <param name="VendorCost">Paid to vendors in a month.</param>
/// <param name="People">In the team.</param>
/// <param name="CostPerPerson">In a month.</param>
public sealed record Drivers(double Customers, double Arpa, double Churn, double NewCustomers, double VendorCost, double People, double CostPerPerson)
{
    /// <summary>Longest path.</summary>
    public const int MonthsMax = 60;

    /// <summary>Of money and of customers: what lies below is not known, and would only show how binary fractions round.</summary>
    internal const int Decimals = 2;

    /// <summary>Customers of each month are those who stay and those who come; revenue is theirs times what each pays.</summary>
    /// <param name="months">1 to <see cref="MonthsMax"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">Months outside their range.</exception>
    public IReadOnlyList<ScenarioMonth> Path(int months)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(months, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(months, MonthsMax);
        var (path, customers, cost) = (new List<ScenarioMonth>(), Customers, Rounded(VendorCost + People * CostPerPerson));
        for (var month = 1; month <= months; month++)
        {
            customers = customers * (1 - Churn) + NewCustomers;
            var revenue = Rounded(customers * Arpa);
            path.Add(new(month, Rounded(customers), revenue, cost, Rounded(revenue - cost)));
        }

        return path;
    }

    static double Rounded(double value) => Math.Round(value, Decimals, MidpointRounding.AwayFromZero);

    /// <summary>Recurring revenue after so many months.</summary>
    public double RevenueAfter(int months) => Path(months)[^1].Revenue;
}

/// <param name="Month">1 for the next.</param>
/// <param name="Left">Revenue less cost.</param>
public sealed record ScenarioMonth(int Month, double Customers, double Revenue, double Cost, double Left);

/// <summary>The smallest change of one driver that makes a target likely.</summary>
/// <param name="Driver">customers, arpa, churn or new_customers.</param>
/// <param name="To">Its value then; null when no value of it would do.</param>
public sealed record DriverChange(string Driver, double From, double? To);

/// <summary>Finds how far one driver alone has to move.</summary>
static class SmallestChange
{
    const int Halvings = 50;
    const double FactorMax = 10;
    const double Noise = 1e-6; // Of the bisection, in steps.

    static readonly (string Name, Func<Drivers, double> Of, Func<Drivers, double, Drivers> With, bool IsLess)[] All =
    [
        ("arpa", drivers => drivers.Arpa, (drivers, value) => drivers with { Arpa = value }, false),
        ("new_customers", drivers => drivers.NewCustomers, (drivers, value) => drivers with { NewCustomers = value }, false),
        ("churn", drivers => drivers.Churn, (drivers, value) => drivers with { Churn = value }, true),
        ("customers", drivers => drivers.Customers, (drivers, value) => drivers with { Customers = value }, false),
    ];

    /// <param name="chance">Chance of the target with these drivers; never falls when a driver moves the good way.</param>
    /// <param name="likely">The chance wanted.</param>
    /// <returns>By how little each moves, relative to where it stands; those that would not do come last.</returns>
    public static IReadOnlyList<DriverChange> Of(Drivers now, Func<Drivers, double> chance, double likely)
    {
        if (chance(now) >= likely) return [];
        var changes = All.Select(driver => new DriverChange(driver.Name, driver.Of(now), Find(driver.Of(now), driver.IsLess, value => chance(driver.With(now, value)) >= likely)));
        return [.. changes.OrderBy(change => change.To is { } to ? change.From > 0 ? Math.Abs(to - change.From) / change.From : FactorMax : double.PositiveInfinity)];
    }

    // Bisection between where it stands and the furthest it may go: zero churn, or ten times as much of the others.
    static double? Find(double from, bool isLess, Func<double, bool> isLikely)
    {
        var (near, far) = (from, isLess ? 0 : from > 0 ? FactorMax * from : 1000);
        if (!isLikely(far)) return null;
        for (var i = 0; i < Halvings; i++)
        {
            var middle = (near + far) / 2;
            if (isLikely(middle)) far = middle;
            else near = middle;
        }

        // The good way to the next cent, or hundredth of a percent: what is told must do.
        var step = isLess ? 1e4 : 1e2;
        return (isLess ? Math.Floor(far * step + Noise) : Math.Ceiling(far * step - Noise)) / step;
    }
}
