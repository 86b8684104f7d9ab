namespace PenguinMails.Insight;

/// <summary>A change as it is told.</summary>
/// <param name="From">Start, the scale that is shown.</param>
/// <param name="To">End.</param>
/// <param name="Range">80 % interval of the change; null when too short.</param>
/// <param name="Judged">The change that materiality weighs: of the value, or of the distance from its band.</param>
sealed record Move(double From, double To, Interval? Range, double Judged);

/// <summary>The two changes a series can be told by.</summary>
/// <param name="Line">Along the robust line over the window.</param>
/// <param name="Step">From the level before the best step to the one after; null when the series is too short for one.</param>
sealed record Change(Move Line, Move? Step)
{
    internal static Change Of(PreparedSeries series, MetricSpec metric, TrendEvidence tests)
    {
        var end = series.Values.Length - 1;
        var inBand = metric.Better == Better.Band;
        // A distance from a band cannot be told back as a value, so the value gets a line of its own.
        var line = inBand ? TheilSen.FitRemembering(series.Values, DirectionVerdict.ShownAlpha) : tests.Line;
        double from = Shown(series.Back(line.At(0)), metric), to = Shown(series.Back(line.At(end)), metric);
        Interval? range = line.SlopeInterval?.Times(end) is { } slopes
            ? series.IsLog ? new(from * (Math.Exp(slopes.Low) - 1), from * (Math.Exp(slopes.High) - 1)) : slopes
            : null;
        return new(new(from, to, range, inBand ? tests.Line.Slope * end : to - from), StepOf(series, metric, tests, inBand));
    }

    /// <summary>Centre of every period when the claim holds.</summary>
    internal double[] Centre(Shape shape, PreparedSeries series, TrendEvidence tests) => shape switch
    {
        Shape.Step => [.. series.Values.Select((_, i) => i < StepAt(series, tests) ? (Step ?? Line).From : (Step ?? Line).To)],
        Shape.Trend when series.IsLog => [.. series.Values.Select((_, i) => series.Back(tests.Line.At(i)))],
        Shape.Trend => [.. series.Values.Select((_, i) => Line.From + (Line.To - Line.From) * i / Math.Max(1, series.Values.Length - 1))],
        Shape.None => [.. series.Values.Select(_ => series.Points.Sum(Weighted) / series.Points.Sum(Weight))],
    };

    static double Weight(SeriesPoint point) => point.Denominator ?? 1;

    static double Weighted(SeriesPoint point) => point.Numerator ?? point.Observed.GetValueOrDefault();

    static int StepAt(PreparedSeries series, TrendEvidence tests)
    {
        var known = Enumerable.Range(0, series.Values.Length).Where(i => !double.IsNaN(series.Values[i])).ToArray();
        return known[tests.Weights.BestStep?.Break ?? 0];
    }

    static Move? StepOf(PreparedSeries series, MetricSpec metric, TrendEvidence tests, bool inBand)
    {
        if (tests.Weights.BestStep is not { } step) return null;
        var known = series.Values.Where(value => !double.IsNaN(value)).ToArray();
        double from = inBand ? known[..step.Break].Average() : series.Back(step.Before), to = inBand ? known[step.Break..].Average() : series.Back(step.After);
        var reach = step.T == 0 || double.IsInfinity(step.T) || inBand ? 0 : NormalDistribution.Quantile(1 - DirectionVerdict.ShownAlpha / 2) * Math.Abs(step.Height / step.T);
        Interval range = series.IsLog
            ? new(from * (Math.Exp(step.Height - reach) - 1), from * (Math.Exp(step.Height + reach) - 1))
            : new(to - from - reach, to - from + reach);
        return new(Shown(from, metric), Shown(to, metric), inBand ? null : range, inBand ? step.Height : to - from);
    }

    // The fitted line of a rate may leave 0 to 1 at its ends; nobody should read "101 %".
    static double Shown(double value, MetricSpec metric) => metric.IsRate ? Math.Clamp(value, 0, 1) : value;
}
