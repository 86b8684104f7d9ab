using PenguinMails.Insight.Charts;
using PenguinMails.Insight.Rates;

namespace PenguinMails.Insight;

/// <summary>Judges a series: gate, season, shape, trend tests, size of the change, limits, target.</summary>
public static class DirectionVerdict
{
    /// <summary>Version of these rules.</summary>
    public const string EngineVersion = "4";

    /// <summary>Intervals shown to people miss one time in five.</summary>
    public const double ShownAlpha = 0.20;

    const double HighTrendAlpha = 0.01;
    const double HighWhitenedAlpha = 0.05;
    const double StepAlpha = 0.05;
    const double StepDeviations = 3;
    const double HighStepAlpha = 0.01;
    const double HighStepDeviations = 4;
    const double LongMemory = 0.5;
    const int LongMemoryPointsMin = 36; // Below, a lag-1 correlation above LongMemory caps confidence at low.

    /// <summary>Judges the closed periods since the last change of definition.</summary>
    /// <param name="series">Ascending, one point per period; at most 2,000 periods.</param>
    /// <param name="metric">Thresholds, unit and which way is better.</param>
    /// <param name="trialsPerPeriod">Expected pace for "when will it be enough"; null takes the past one.</param>
    /// <exception cref="ArgumentException">Points out of order, hits outside trials, too many periods, or a band that is missing.</exception>
    public static Verdict Of(IReadOnlyList<SeriesPoint> series, MetricSpec metric, double? trialsPerPeriod)
    {
        var gate = Gate.Check(series, metric, trialsPerPeriod);
        var usable = Gate.Usable(series, metric);
        var (level, range) = LevelOf(usable, metric);
        if (gate.IsOpen) return Judge(PreparedSeries.Of(usable, metric), metric, gate, level, range);

        var closed = new Verdict(
            Direction.NotEnoughData, Shape.None, Trend.None, Confidence.Low, level, range, null, null, null, null,
            usable.Count == 0 ? null : usable[0].Start, Assurance.NoTarget, false, "", new(gate, EngineVersion));
        return closed with { Sentence = VerdictSentence.NotEnough(closed, metric) };
    }

    static Verdict Judge(PreparedSeries series, MetricSpec metric, GateVerdict gate, double? level, Interval? range)
    {
        var tests = TrendEvidence.Of(series.Judged, metric.SeasonPeriod);
        var change = Change.Of(series, metric, tests);
        var shape = ShapeOf(tests, metric, change);
        var told = shape == Shape.Step ? change.Step ?? change.Line : change.Line;
        var process = ProcessLimits.Of(series, metric, change.Centre(shape, series, tests));
        var rules = process.Rules(series);
        var last = series.Values.Length - 1;
        var target = metric.Target?.At(series.Points[^1].Start);
        var plain = tests.Plain.Trend;
        var evidence = Gather(series, metric, gate, tests, process) with
        {
            Rules = rules,
            TargetNow = target,
            ClaimP = shape == Shape.Step ? tests.Pettitt.P : Math.Max(tests.Plain.P, Number(tests.Whitened.P)),
            SinceStep = shape == Shape.Step ? SinceStep(tests) : Trend.None,
        };
        var verdict = new Verdict(
            shape == Shape.None ? Direction.Flat : IsGood(told, metric) ? Direction.Improving : Direction.Worsening, shape,
            shape == Shape.None ? plain : Trend.None, ConfidenceIn(shape, tests), level, range, told.From, told.To, told.To - told.From, told.Range,
            shape == Shape.Step ? series.Points[tests.Weights.BestStep?.Break ?? 0].Start : series.Points[0].Start,
            Promised(shape, series, metric, tests, change, target, process), rules.Any(one => one.Index == last), "", evidence);
        return verdict with { Sentence = VerdictSentence.Judged(verdict, metric) };
    }

    static Shape ShapeOf(TrendEvidence tests, MetricSpec metric, Change change)
    {
        if (tests.Weights is { IsStep: true, BestStep: { } step } && change.Step is { } moved && Math.Abs(step.T) > StepDeviations && tests.Pettitt.P < StepAlpha
            && tests.Pettitt.Rises == step.Height > 0 && metric.Materiality.IsReached(moved.Judged, moved.From)) return Shape.Step;
        var agree = tests.Plain.Trend != Trend.None && tests.Whitened.Trend == tests.Plain.Trend && Math.Sign(tests.Line.Slope) == Math.Sign(tests.Plain.S);
        return agree && metric.Materiality.IsReached(change.Line.Judged, change.Line.From) ? Shape.Trend : Shape.None;
    }

    static bool IsGood(Move told, MetricSpec metric) => metric.Better switch
    {
        Better.Up => told.To > told.From,
        Better.Down => told.To < told.From,
        Better.Band => told.Judged < 0,
    };

    static Confidence ConfidenceIn(Shape shape, TrendEvidence tests)
    {
        if (shape == Shape.None && tests.Plain.Trend != Trend.None) return Confidence.Low;
        if (tests.LagOne > LongMemory && tests.Plain.Count < LongMemoryPointsMin && tests.Rest.Count(value => !double.IsNaN(value)) < LongMemoryPointsMin) return Confidence.Low;
        return shape switch
        {
            Shape.Step => tests.Pettitt.P < HighStepAlpha && Math.Abs(tests.Weights.BestStep?.T ?? 0) > HighStepDeviations ? Confidence.High : Confidence.Medium,
            Shape.Trend => tests.Plain.P < HighTrendAlpha && tests.Whitened.P < HighWhitenedAlpha && HalvesAgree(tests) ? Confidence.High : Confidence.Medium,
            Shape.None => Confidence.Medium,
        };
    }

    static bool HalvesAgree(TrendEvidence tests)
    {
        var known = tests.Rest.Where(value => !double.IsNaN(value)).ToArray();
        var half = known.Length / 2;
        return Math.Sign(MannKendall.PairBalance(known[..half])) == Math.Sign(tests.Plain.S) && Math.Sign(MannKendall.PairBalance(known[half..])) == Math.Sign(tests.Plain.S);
    }

    static Trend SinceStep(TrendEvidence tests)
    {
        var known = tests.Rest.Where(value => !double.IsNaN(value)).ToArray();
        return MannKendall.Test(known[(tests.Weights.BestStep?.Break ?? 0)..], TrendEvidence.TrendAlpha).Trend;
    }

    // A lean is no claim, and the mean of what may be rising no ground for a promise: mean and line must agree.
    static Assurance Promised(Shape shape, PreparedSeries series, MetricSpec metric, TrendEvidence tests, Change change, double? target, ProcessLimits process)
    {
        Assurance At(ProcessLimits limits) => AssuranceOf(metric, target, limits.Low[^1], limits.High[^1]);
        if (shape != Shape.None || tests.Plain.Trend == Trend.None) return At(process);
        return At(process) == At(ProcessLimits.Of(series, metric, change.Centre(Shape.Trend, series, tests))) ? At(process) : Assurance.HitOrMiss;
    }

    static Assurance AssuranceOf(MetricSpec metric, double? target, double low, double high) => (metric.Better, target, metric.Band) switch
    {
        (Better.Up, { } wanted, _) => wanted < low ? Assurance.Pass : wanted > high ? Assurance.Fail : Assurance.HitOrMiss,
        (Better.Down, { } wanted, _) => wanted > high ? Assurance.Pass : wanted < low ? Assurance.Fail : Assurance.HitOrMiss,
        (Better.Band, _, { } band) => low >= band.Low && high <= band.High ? Assurance.Pass : high < band.Low || low > band.High ? Assurance.Fail : Assurance.HitOrMiss,
        _ => Assurance.NoTarget,
    };

    static Evidence Gather(PreparedSeries series, MetricSpec metric, GateVerdict gate, TrendEvidence tests, ProcessLimits process)
    {
        var (last, cycle) = (series.Values.Length - 1, metric.SeasonPeriod ?? 0);
        double? yearOnYear = cycle > 0 && last >= cycle ? series.Values[last] - series.Values[last - cycle] : null;
        return new(gate, EngineVersion)
        {
            Periods = series.Values.Length, IsLog = series.IsLog, MannKendall = tests.Plain, PreWhitened = tests.Whitened, LagOne = tests.LagOne, Line = tests.Line,
            Weights = tests.Weights, Pettitt = tests.Pettitt, Season = tests.Season,
            LastBefore = tests.Weights.BestStep is { } step ? series.Points[step.Break - 1].Start : null,
            Overdispersion = metric.IsRate ? Overdispersion.Binomial(
                [.. series.Points.Select(point => point.Numerator.GetValueOrDefault())], [.. series.Points.Select(point => point.Denominator.GetValueOrDefault())]) : null,
            Limits = new(process.Centre[last], process.Range, process.Low[last], process.High[last], process.IsScreened),
            Outliers = Hampel.Flag(tests.Rest), YearOnYear = yearOnYear is { } year && !double.IsNaN(year) ? year : null,
            Growth = series.IsLog ? Math.Exp(tests.Line.Slope) - 1 : null,
        };
    }

    static double Number(double p) => double.IsNaN(p) ? 1 : p;

    static (double? Level, Interval? Interval) LevelOf(IReadOnlyList<SeriesPoint> usable, MetricSpec metric)
    {
        if (usable.Count == 0) return (null, null);
        if (metric.IsRate)
        {
            var hits = usable.Sum(point => point.Numerator.GetValueOrDefault());
            var trials = usable.Sum(point => point.Denominator.GetValueOrDefault());
            return ((double)hits / trials, WilsonScore.Of(hits, trials, ShownAlpha));
        }
        var values = usable.Select(point => point.Observed.GetValueOrDefault()).ToArray();
        return (Median.Of(values), Median.IntervalOf(values, ShownAlpha));
    }
}
