using System.Globalization;
using PenguinMails.Insight;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Reports;

namespace PenguinMails.Oversight.Scenarios;

/// <summary>Whether a dated target can still be reached: what it takes a period, against what is to be expected.</summary>
/// <param name="TargetRef">Target/name, as the plan has it.</param>
/// <param name="Wanted">In the figure's own unit, rates from 0 to 1.</param>
/// <param name="Now">Its last value; without one, what customers and revenue per customer make of recurring revenue.</param>
/// <param name="Periods">Left until it is due; 0 or less when that is over.</param>
/// <param name="NeededRate">A period: as a share for money and counts, else in the figure's own unit. Null when it is due already or the start is 0.</param>
/// <param name="Expected">What is expected when it is due; null without a forecast.</param>
/// <param name="ExpectedRate">80 % interval of the rate a period that leads there.</param>
/// <param name="Chance">0 to 1; null without a forecast.</param>
/// <param name="Likelihood">In words of a fixed scale; "not known" without a forecast.</param>
/// <param name="Changes">The smallest changes of one driver that make it likely; empty when it is, or where no driver is known.</param>
public sealed record Reach(
    string Kpi, string Name, string Target, string TargetRef, DateOnly Due, double Wanted, double? Now, int Periods, double? NeededRate, ForecastPeriod? Expected, Interval? ExpectedRate, double? Chance, string Likelihood, string Sentence,
    IReadOnlyList<DriverChange> Changes);

/// <summary>Judges targets against forecasts. Pure.</summary>
static class Reachability
{
    /// <summary>What is called likely here: four times of five.</summary>
    public const double Likely = 0.80;

    const int PeriodsMax = 120;

    // The words and limits of the IPCC's guidance note on uncertainties (Mastrandrea and others 2010), table 1.
    public static string Words(double chance) => chance switch
    {
        >= 0.99 => "virtually certain",
        >= 0.90 => "very likely",
        >= 0.66 => "likely",
        >= 0.33 => "about as likely as not",
        >= 0.10 => "unlikely",
        >= 0.01 => "very unlikely",
        _ => "exceptionally unlikely",
    };

    /// <param name="today">Where the way begins while the figure has no value.</param>
    /// <param name="drivers">What drives recurring revenue, as it is and as the scenario has it; null for figures that have no such drivers.</param>
    public static Reach Of(Kpi kpi, IReadOnlyList<KpiValue> values, DatedTarget dated, DateOnly today, (Drivers Now, Drivers Then)? drivers)
    {
        var (target, due, wanted, mustBeAbove) = (dated.Title, dated.Due, dated.Wanted, kpi.Better == Better.Up);
        var last = values.LastOrDefault(value => value.Observed is not null);
        var reach = new Reach(kpi.Key, kpi.Name, target, dated.Ref, due, wanted, last?.Observed, 0, null, null, null, null, "not known", "", []);
        if (last?.Observed is not { } now) return drivers is { Then: var then } ? ByDrivers(kpi, reach, today, then) : reach with { Sentence = $"{kpi.Name} has no value yet, so nothing can be said of {target}." };
        var periods = kpi.Grain.Between(last.Start, kpi.StartOf(due));
        reach = reach with { Periods = periods };
        if (periods <= 0) return Passed(kpi, reach, values, last.Unit, mustBeAbove);
        if (periods > PeriodsMax) return reach with { Sentence = $"{target} lies more than {PeriodsMax} periods ahead; no forecast reaches that far." };
        reach = reach with { NeededRate = Rate(kpi, now, wanted, periods) };
        if (KpiForecast.Of(kpi, values, periods) is not { Errors: > 0 } forecast) return reach with { Sentence = $"{Needs(kpi, reach, last.Unit)}. No forecast: it takes {KpiForecast.PointsMin} closed periods without a gap and some to try it on; there are {values.Count}." };

        var expected = Scaled(forecast.Periods[^1], drivers is { } set ? Ratio(set.Now, set.Then, periods) : 1);
        var chance = forecast.ChanceOf(expected, wanted, mustBeAbove);
        var rates = Rate(kpi, now, expected.Low, periods) is { } low && Rate(kpi, now, expected.High, periods) is { } high ? new Interval(low, high) : (Interval?)null;
        var changes = drivers is { } both ? SmallestChange.Of(both.Then, tried => forecast.ChanceOf(Scaled(forecast.Periods[^1], Ratio(both.Now, tried, periods)), wanted, mustBeAbove), Likely) : [];
        reach = reach with { Expected = expected, ExpectedRate = rates, Chance = chance, Likelihood = Words(chance), Changes = changes };
        return reach with { Sentence = Told(kpi, reach, last.Unit) };
    }

    // Without a series there is no forecast and so no chance: what the drivers make of themselves, against what is wanted.
    static Reach ByDrivers(Kpi kpi, Reach reach, DateOnly today, Drivers drivers)
    {
        var (now, periods) = (drivers.Customers * drivers.Arpa, kpi.Grain.Between(kpi.StartOf(today), kpi.StartOf(reach.Due)));
        reach = reach with { Now = now, Periods = periods };
        if (periods <= 0) return reach with { Sentence = $"{reach.Target} is over, and there is no value for its period." };
        if (periods > Drivers.MonthsMax) return reach with { Sentence = $"{reach.Target} lies more than {Drivers.MonthsMax} periods ahead; drivers are not followed that far." };
        var changes = SmallestChange.Of(drivers, tried => tried.RevenueAfter(periods) >= reach.Wanted ? 1 : 0, Likely);
        reach = reach with { NeededRate = Rate(kpi, now, reach.Wanted, periods), Changes = changes };
        return reach with { Sentence = $"{Needs(kpi, reach, "")}; customers and revenue per customer as they are set lead to {Amount(kpi, drivers.RevenueAfter(periods), "")} by then. How likely that is cannot be said without past values.{Change(changes, "It is reached", "reaches it")}" };
    }

    static Reach Passed(Kpi kpi, Reach reach, IReadOnlyList<KpiValue> values, string unit, bool mustBeAbove)
    {
        if (values.FirstOrDefault(value => value.Start == kpi.StartOf(reach.Due))?.Observed is not { } came) return reach with { Sentence = $"{reach.Target} is over, and there is no value for its period." };
        var isMet = mustBeAbove ? came >= reach.Wanted : came <= reach.Wanted;
        return reach with { Chance = isMet ? 1 : 0, Likelihood = isMet ? "met" : "missed", Sentence = $"{reach.Target} was {(isMet ? "met" : "missed")}: {Amount(kpi, came, unit)} against {Amount(kpi, reach.Wanted, unit)}." };
    }

    // The drivers' own model says by what share revenue would be another; the forecast says how sure that is.
    static double Ratio(Drivers now, Drivers then, int periods)
    {
        var months = Math.Min(periods, Drivers.MonthsMax);
        return now.RevenueAfter(months) is > 0 and var usual ? then.RevenueAfter(months) / usual : 1;
    }

    static ForecastPeriod Scaled(ForecastPeriod period, double ratio) => ratio == 1 ? period : new(period.Start, period.Middle * ratio, period.Low * ratio, period.High * ratio);

    static double? Rate(Kpi kpi, double from, double to, int periods) => !IsGrowth(kpi) ? (to - from) / periods : from > 0 && to > 0 ? Math.Pow(to / from, 1.0 / periods) - 1 : null;

    static bool IsGrowth(Kpi kpi) => kpi.Kind is MetricKind.Money or MetricKind.Count;

    static string Needs(Kpi kpi, Reach reach, string unit) => reach.NeededRate is { } needed
        ? $"{reach.Target} ({Amount(kpi, reach.Wanted, unit)}) needs {Shown(kpi, needed)} a {Noun(kpi)} for {reach.Periods} {Noun(kpi)}{(reach.Periods == 1 ? "" : "s")}"
        : $"{reach.Target} is {Amount(kpi, reach.Wanted, unit)}";

    static string Told(Kpi kpi, Reach reach, string unit)
    {
        var ahead = reach.ExpectedRate is { } rates ? $"; what is to be expected is {Shown(kpi, rates.Low)} to {Shown(kpi, rates.High)} (80 %)" : "";
        return $"{Needs(kpi, reach, unit)}{ahead}: {reach.Likelihood} ({string.Create(CultureInfo.InvariantCulture, $"{100 * reach.Chance.GetValueOrDefault():0}")} %).{Change(reach.Changes, "It becomes likely", "makes it likely")}";
    }

    static string Change(IReadOnlyList<DriverChange> changes, string becomes, string makes) => changes.FirstOrDefault(one => one.To is not null) is { To: { } to } change
        ? $" {becomes} with {DriverWords.Name(change.Driver)} at {DriverWords.Amount(change.Driver, to)} instead of {DriverWords.Amount(change.Driver, change.From)}."
        : changes.Count > 0 ? $" No single driver {makes}." : "";

    static string Amount(Kpi kpi, double value, string unit) => FigureText.Amount(kpi, FigureText.Scaled(kpi, value), unit);

    static string Shown(Kpi kpi, double rate) => IsGrowth(kpi) ? string.Create(CultureInfo.InvariantCulture, $"{(rate < 0 ? "−" : "+")}{100 * Math.Abs(rate):0.0} %")
        : $"{(rate < 0 ? "" : "+")}{FigureText.Number(kpi, FigureText.Scaled(kpi, rate))}{(kpi.Kind == MetricKind.Rate || kpi.Unit == "percent" ? " points" : "")}";

    static string Noun(Kpi kpi) => kpi.Grain == Grain.Month ? "month" : "week";
}

/// <summary>Drivers in words.</summary>
public static class DriverWords
{
    public static string Name(string driver) => driver switch
    {
        "arpa" => "revenue per customer",
        "new_customers" => "new customers a month",
        "churn" => "monthly churn",
        "customers" => "customers now",
        _ => driver,
    };

    public static string Amount(string driver, double value) => driver == "churn" ? string.Create(CultureInfo.InvariantCulture, $"{100 * value:0.0} %") : value.ToString(value >= 100 ? "#,0" : "0.#", CultureInfo.InvariantCulture);
}
