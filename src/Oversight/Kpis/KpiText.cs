using System.Globalization;
using PenguinMails.Insight;

namespace PenguinMails.Oversight.Kpis;

/// <summary>Values of a figure in sentences: rates in percent, everything with its unit.</summary>
static class KpiText
{
    /// <summary>"97.4 %", "12,400 EUR", "8 domains".</summary>
    public static string Show(Kpi kpi, double value, string unit) => $"{Number(kpi, value)}{(UnitOf(kpi, unit) is { Length: > 0 } word ? " " + word : "")}";

    /// <summary>The same without its unit.</summary>
    public static string Number(Kpi kpi, double value) => (kpi.Kind == MetricKind.Rate ? 100 * value : value).ToString("#,0.##", CultureInfo.InvariantCulture);

    /// <summary>A difference of two values: "+1.2 points", "-40 EUR".</summary>
    public static string Difference(Kpi kpi, double value, string unit)
    {
        var points = kpi.Kind == MetricKind.Rate || kpi.Unit == "percent";
        return $"{(value >= 0 ? "+" : "")}{Number(kpi, value)}{(points ? " points" : UnitOf(kpi, unit) is { Length: > 0 } word ? " " + word : "")}";
    }

    static string UnitOf(Kpi kpi, string unit) => kpi.Kind == MetricKind.Rate || unit == "percent" ? "%" : unit;

    /// <summary>What may be judged: closed periods of the definition that holds, oldest first.</summary>
    public static List<KpiValue> Closed(Kpi kpi, IEnumerable<KpiValue> values, DateOnly today) =>
        [.. values.Where(value => value.Version == kpi.Version && value.Observed is not null && kpi.IsClosed(value.Start, today)).OrderBy(value => value.Start)];
}
