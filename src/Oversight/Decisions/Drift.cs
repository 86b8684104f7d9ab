using PenguinMails.Insight;
using PenguinMails.Insight.Trends;
using PenguinMails.Oversight.Kpis;

namespace PenguinMails.Oversight.Decisions;

/// <summary>What a figure did of itself before a decision, carried on to the middle of the time after it.</summary>
/// <param name="Slope">A period.</param>
/// <param name="By">What the middle of the time after would lie above that of the time before.</param>
/// <param name="Known">Holds the true difference in 19 of 20 repetitions; null when there are too few values to know.</param>
/// <remarks>
/// The slope is that of both times (Theil-Sen within each) while the two agree, which a jump leaves as it was; where their 80 % intervals lie apart something else began, such as an
/// effect that grows, and the time before alone says what would have come. It is left out only where next to nothing points to one, because one that is not yet sure
/// does as much harm.
/// </remarks>
sealed record Drift(double Slope, double By, Interval? Known)
{
    const double Alpha = 0.05;
    const double AgreeingAlpha = 0.20;

    // Of Mann and Kendall, over the time before: four of five series without a drift lie below.
    const double UnlikelyMin = 0.80;

    /// <param name="before">Closed periods, at least two with a value.</param>
    /// <param name="after">As <paramref name="before"/>.</param>
    /// <returns>Null when nothing points to a drift.</returns>
    public static Drift? Of(Kpi kpi, List<KpiValue> before, List<KpiValue> after)
    {
        double[] early = Spaced(kpi, before), late = Spaced(kpi, after);
        if (!MannKendall.Test(early, UnlikelyMin).IsTrend) return null;
        var (slope, slopes) = TheilSen.Shared(Agree(early, late) ? [early, late] : [early], Alpha);
        double At(KpiValue value) => kpi.Grain.Between(before[0].Start, value.Start);
        var far = after.Average(At) - before.Average(At);
        return new(slope, far * slope, slopes is { } known ? new(far * known.Low, far * known.High) : null);
    }

    static bool Agree(double[] early, double[] late) =>
        !(TheilSen.Shared([early], AgreeingAlpha).Interval is { } before && TheilSen.Shared([late], AgreeingAlpha).Interval is { } after && (before.Low > after.High || after.Low > before.High));

    // A period without a value keeps its place, so that a slope is one for each period.
    static double[] Spaced(Kpi kpi, List<KpiValue> values)
    {
        var spaced = new double[kpi.Grain.Between(values[0].Start, values[^1].Start) + 1];
        Array.Fill(spaced, double.NaN);
        foreach (var value in values) spaced[kpi.Grain.Between(values[0].Start, value.Start)] = value.Observed ?? double.NaN;
        return spaced;
    }
}
