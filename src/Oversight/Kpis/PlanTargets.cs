using PenguinMails.Insight;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Kpis;

/// <summary>What the account's plan asks of a KPI: the targets of the metrics that name it, as a path over time.</summary>
static class PlanTargets
{
    /// <summary>Null when the plan asks nothing of it. Targets for a segment, ranges and units that are not the KPI's are left out; of two for one day the first counts, and the linter tells.</summary>
    public static TargetPath? Of(Plan? plan, Kpi kpi)
    {
        if (plan is null) return null;
        var times = new PlanTimes(plan);
        var metrics = plan.Of("Metric").Where(metric => (metric.Text("kpi") ?? metric.Text("is")) == kpi.Key).Select(metric => metric.Name).ToHashSet(StringComparer.Ordinal);
        var points = plan.Of("Target").Where(target => metrics.Contains(target.Text("metric") ?? "") && target.Text("segment") is null)
            .Select(target => (Day: times.DueOf(target)?.End, Value: Value(target.Quantity("quantity"), kpi)))
            .Where(point => point.Value is not null).DistinctBy(point => point.Day).ToList();
        var dated = points.Where(point => point.Day is not null).OrderBy(point => point.Day).Select(point => new TargetPoint(point.Day.GetValueOrDefault(), point.Value.GetValueOrDefault())).ToList();
        if (dated.Count > 0) return new("plan", dated);
        return points.Count > 0 ? new("plan", [new(DateOnly.MinValue, points[0].Value.GetValueOrDefault())]) : null;
    }

    // Shares are written in percent and rates judged from 0 to 1; durations in the KPI's own unit.
    internal static double? Value(Quantity? quantity, Kpi kpi) => quantity is null || quantity.IsRange ? null : Scaled(quantity.Low, quantity.Unit, kpi);

    /// <summary>A number of the plan on the scale a figure's values are kept in; null when its unit is not the figure's.</summary>
    public static double? Scaled(decimal number, Unit unit, Kpi kpi)
    {
        var written = (double)(number * unit.Scale);
        return (kpi.Kind, unit.Dimension) switch
        {
            (MetricKind.Rate, Dimension.Share) => written / 100,
            (MetricKind.Rate, Dimension.Factor or Dimension.Count) when written <= 1 => written,
            (MetricKind.Rate, _) => null,
            (MetricKind.Duration, Dimension.Time) => written * 86_400_000, // The only duration is in milliseconds.
            (MetricKind.Duration, _) => null,
            (MetricKind.Money, Dimension.Money) => written,
            (MetricKind.Money, _) => null,
            (_, Dimension.Money or Dimension.Time) => null,
            _ => written,
        };
    }
}
