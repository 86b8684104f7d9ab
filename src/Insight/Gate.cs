namespace PenguinMails.Insight;

/// <summary>Whether a series may be judged, and if not, what is missing and when it will be there.</summary>
/// <param name="IsOpen">True when every threshold of the metric is met.</param>
/// <param name="Points">Usable points since the last change of definition; periods of few trials joined.</param>
/// <param name="PointsMissing">Further points needed; 0 when there are enough.</param>
/// <param name="Denominator">Trials over the usable points; 0 for a level.</param>
/// <param name="DenominatorMissing">Further trials needed; 0 when there are enough or the metric is a level.</param>
/// <param name="Coverage">Usable points over calendar periods from first to last: 0 to 1; 0 without points.</param>
/// <param name="PeriodsToWait">Whole periods until everything is met at the given pace, at most
/// <see cref="Gate.PeriodsToWaitMax"/>; 0 when open; null when the pace never gets there.</param>
/// <param name="OpensOn">Day after the last of those periods; null when open, never, or without points.</param>
public sealed record GateVerdict(
    bool IsOpen, int Points, int PointsMissing, long Denominator, long DenominatorMissing, double Coverage,
    int? PeriodsToWait, DateOnly? OpensOn);

/// <summary>The gate in front of every verdict: too little data is an answer of its own.</summary>
public static class Gate
{
    /// <summary>Longest wait announced; beyond it the answer is "not at this pace".</summary>
    public const int PeriodsToWaitMax = 1_000;

    /// <summary>Measures a series against the metric's thresholds.</summary>
    /// <param name="series">Ascending, one point per period.</param>
    /// <param name="metric">The thresholds.</param>
    /// <param name="trialsPerPeriod">Pace of the coming periods; null takes the mean of the usable ones.</param>
    /// <exception cref="ArgumentException">Points out of order or hits outside the trials: a caller's bug.</exception>
    public static GateVerdict Check(IReadOnlyList<SeriesPoint> series, MetricSpec metric, double? trialsPerPeriod)
    {
        var usable = Usable(series, metric);
        var trials = metric.IsRate ? usable.Sum(point => point.Denominator.GetValueOrDefault()) : 0;
        var span = usable.Count == 0 ? 0 : metric.Grain.Between(usable[0].Start, usable[^1].Start) + 1;
        var coverage = span == 0 ? 0 : (double)usable.Count / span;
        // Joined periods count once, so that a point is worth its trials.
        var points = metric.IsRate ? PreparedSeries.Pooled(usable, metric.PoolTrialsMin).Count : usable.Count;
        var pointsMissing = Math.Max(0, Math.Max(MetricSpec.PointsFloor, metric.PointsMin) - points);
        var trialsMissing = metric.IsRate ? Math.Max(0, metric.DenominatorMin - trials) : 0;
        var open = pointsMissing == 0 && trialsMissing == 0 && coverage >= metric.CoverageMin;

        var pace = trialsPerPeriod ?? (usable.Count == 0 ? 0 : (double)trials / usable.Count);
        var periodsMissing = points == 0 ? pointsMissing : (int)Math.Ceiling((double)pointsMissing * usable.Count / points);
        var wait = open ? 0 : PeriodsToWait(periodsMissing, trialsMissing, pace, usable.Count, span, metric.CoverageMin);
        DateOnly? opensOn = open || wait is null || usable.Count == 0
            ? null
            : metric.Grain.Add(usable[^1].Start, wait.Value + 1);
        return new(open, points, pointsMissing, trials, trialsMissing, coverage, wait, opensOn);
    }

    /// <summary>Closed points with something counted, from the last change of definition on.</summary>
    /// <exception cref="ArgumentException">As <see cref="Check"/>.</exception>
    public static IReadOnlyList<SeriesPoint> Usable(IReadOnlyList<SeriesPoint> series, MetricSpec metric)
    {
        RequireOrder(series, metric);
        var first = 0;
        for (var i = 0; i < series.Count; i++)
            if (series[i].RebaseReason is not null) first = i;
        return [.. series.Skip(first).Where(point => !point.IsPartial && point.Observed is not null)];
    }

    static void RequireOrder(IReadOnlyList<SeriesPoint> series, MetricSpec metric)
    {
        for (var i = 0; i < series.Count; i++)
        {
            var point = series[i];
            if (i > 0 && metric.Grain.Between(series[i - 1].Start, point.Start) < 1)
                throw new ArgumentException($"Point {i} ({point.Start:O}) is not a period after the one before.", nameof(series));
            if (metric.IsRate && (point.Numerator < 0 || point.Numerator > point.Denominator))
                throw new ArgumentException($"Point {i} ({point.Start:O}) has hits outside its trials.", nameof(series));
            if (metric.IsRate && (point.Numerator is null || point.Denominator is null))
                throw new ArgumentException($"Point {i} ({point.Start:O}) of a rate lacks hits or trials.", nameof(series));
            if (point.Value is { } value && !double.IsFinite(value))
                throw new ArgumentException($"Point {i} ({point.Start:O}) is not a finite number; unknown is null.", nameof(series));
        }
    }

    // Coming periods are taken as filled, so n + w usable of span + w calendar periods. The 1e-9 keeps rounding
    // from adding a period when the quotient is whole.
    static int? PeriodsToWait(int pointsMissing, long trialsMissing, double pace, int points, int span, double coverageMin)
    {
        double wait = pointsMissing;
        if (trialsMissing > 0) wait = Math.Max(wait, pace > 0 ? Math.Ceiling(trialsMissing / pace) : double.PositiveInfinity);
        var gap = coverageMin * span - points;
        if (gap > 0) wait = Math.Max(wait, coverageMin < 1 ? Math.Ceiling(gap / (1 - coverageMin) - 1e-9) : double.PositiveInfinity);
        return wait <= PeriodsToWaitMax ? (int)wait : null;
    }
}
