using PenguinMails.Insight;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Decisions;

/// <summary>What a decision should bring, as the plan says it: a level to reach, or by how much.</summary>
/// <remarks>With a baseline, or with at least or at most, the quantity is the level to be reached. Else it is the change: percent of a rate are points, percent and factors
/// of everything else are relative to where it stood.</remarks>
public sealed record ExpectedChange(Quantity? Quantity, Quantity? Baseline)
{
    /// <summary>What is expected to be added, on the figure's scale; null when only a direction is: the figure's good one.</summary>
    /// <param name="before">Where the figure stood.</param>
    public double? Of(Kpi kpi, double before)
    {
        if (Quantity is not { } wanted) return null;
        var isLevel = Baseline is not null || wanted.Bound is Bound.AtLeast or Bound.AtMost;
        var middle = (wanted.Low + wanted.High) / 2;
        if (isLevel) return PlanTargets.Scaled(middle, wanted.Unit, kpi) - (Baseline is { } start ? PlanTargets.Scaled((start.Low + start.High) / 2, start.Unit, kpi) ?? before : before);
        return (wanted.Unit.Dimension, kpi.Kind == MetricKind.Rate || kpi.Unit == "percent") switch
        {
            (Dimension.Factor, _) when middle > 0 => before * ((double)middle - 1),
            (Dimension.Share, false) => before * (double)(middle * wanted.Unit.Scale) / 100,
            _ => PlanTargets.Scaled(middle, wanted.Unit, kpi),
        };
    }

    internal static ExpectedChange Of(MapNode? effect) => new(Plans.Quantity.Of(effect?["quantity"]), Plans.Quantity.Of(effect?["baseline"]));
}
