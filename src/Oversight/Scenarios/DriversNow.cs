using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Scenarios;

/// <summary>Drivers as figures and plan know them.</summary>
static class DriversNow
{
    const int WeeksBack = 13;
    const double WeeksInMonth = 365.25 / 12 / 7;

    public static (Drivers Known, IReadOnlyList<string> Unknown) Of(ILookup<string, KpiValue> values, Plan? plan)
    {
        double? Last(string key) => values[key].LastOrDefault(value => value.Observed is not null)?.Observed;
        var (customers, revenue, churn) = (Last("accounts"), Last("mrr"), Last("gross_churn"));
        double? arpa = customers is > 0 and var count && revenue is { } money ? money / count : null;
        var (cost, people) = (VendorCost(plan), People(plan));
        double? fresh = arpa is > 0 and var each && Last("mrr_new") is { } won ? won / each : Gain(values["accounts"]) is { } gain ? Math.Max(0, gain + churn.GetValueOrDefault() * customers.GetValueOrDefault()) : null;
        var unknown = new (string Name, double? Value)[] { ("customers", customers), ("arpa", arpa), ("churn", churn), ("new_customers", fresh), ("vendor_cost", cost), ("people", people), ("cost_per_person", null) };
        return (new(customers ?? 0, arpa ?? 0, churn ?? 0, fresh ?? 0, cost ?? 0, people ?? 0, 0), [.. unknown.Where(one => one.Value is null).Select(one => one.Name)]);
    }

    // Net of who left, a month, over the last quarter.
    static double? Gain(IEnumerable<KpiValue> weeks)
    {
        var known = weeks.Where(week => week.Value is not null).TakeLast(WeeksBack).ToList();
        return known.Count < 2 ? null : (known[^1].Value - known[0].Value) / (known.Count - 1) * WeeksInMonth;
    }

    // Lines that sum up others are left out, and those that grow with revenue: they are no fixed cost.
    static double? VendorCost(Plan? plan)
    {
        var lines = plan?.Of("CostLine").Where(line => line.Text("model") is null or "fixed" && !line.Names("includes").Any()).Select(line => line.Quantity("amount")).OfType<Quantity>().Where(amount => amount.Unit.Dimension == Dimension.Money).ToList() ?? [];
        return lines.Count == 0 ? null : (double)Math.Round(lines.Sum(amount => (amount.MonthlyLow + amount.MonthlyHigh) / 2), Drivers.Decimals, MidpointRounding.AwayFromZero);
    }

    static double? People(Plan? plan)
    {
        var team = plan?.Of("Team").OrderBy(team => team.Period("period")?.Start ?? DateOnly.MinValue).FirstOrDefault();
        return team?.Spec.Map("roles") is { } roles ? roles.Entries.Sum(role => NumberText.TryParse((role.Value as ScalarNode)?.Text ?? "", out var number, out _) ? (double)number : 0) : null;
    }
}

/// <summary>A target of the plan with a day, for a figure.</summary>
/// <param name="Ref">Target/name, as findings name it.</param>
/// <param name="Wanted">In the figure's own unit.</param>
public sealed record DatedTarget(string Ref, string Title, DateOnly Due, double Wanted);

/// <summary>The plan's dated targets of a figure.</summary>
public static class DatedTargets
{
    public static IEnumerable<DatedTarget> Of(Plan? plan, Kpi kpi)
    {
        if (plan is null) yield break;
        var times = new PlanTimes(plan);
        var metrics = plan.Of("Metric").Where(metric => (metric.Text("kpi") ?? metric.Text("is")) == kpi.Key).Select(metric => metric.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var target in plan.Of("Target").Where(target => metrics.Contains(target.Text("metric") ?? "") && target.Text("segment") is null))
            if (times.DueOf(target) is { IsOpen: false } due && PlanTargets.Value(target.Quantity("quantity"), kpi) is { } wanted) yield return new(target.Ref, target.Title, due.End, wanted);
    }
}
