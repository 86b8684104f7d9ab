namespace PenguinMails.Insight;

/// <summary>Where a metric is going.</summary>
public enum Direction
{
    /// <summary>A significant, material trend towards better.</summary>
    Improving,

    /// <summary>A significant, material trend towards worse.</summary>
    Worsening,

    /// <summary>Enough data and no such trend.</summary>
    Flat,

    /// <summary>The gate is closed: nothing is claimed.</summary>
    NotEnoughData,
}

/// <summary>How far a verdict may be relied upon.</summary>
public enum Confidence
{
    /// <summary>One test only, or a short series with a long memory.</summary>
    Low,

    /// <summary>Both trend tests agree.</summary>
    Medium,

    /// <summary>Both tests agree strongly and both halves of the series move the same way.</summary>
    High,
}

/// <summary>The numbers behind a verdict; kept with every report so that it can be recomputed.</summary>
/// <param name="Gate">Thresholds and what was there.</param>
/// <param name="MannKendall">Plain trend test; null when the gate is closed.</param>
/// <param name="PreWhitened">Trend test without lag-1 memory; null when the gate is closed.</param>
/// <param name="LagOne">Lag-1 correlation; null when the gate is closed.</param>
/// <param name="Line">Theil-Sen line over the window, position 0 at its first period; null when the gate is closed.</param>
/// <param name="EngineVersion">Changes with every change of rule or threshold.</param>
public sealed record Evidence(
    GateVerdict Gate, MannKendallResult? MannKendall, MannKendallResult? PreWhitened, double? LagOne, TheilSenLine? Line,
    string EngineVersion);

/// <summary>The answer to "is it getting better?": a pure function of the series, the same every time.</summary>
/// <param name="Direction">The claim.</param>
/// <param name="Lean">Set only when flat: the plain test sees a trend that the guards do not confirm.</param>
/// <param name="Confidence">In the claim; low when the gate is closed.</param>
/// <param name="Level">Rate over the whole window (0 to 1), or median level; null without data.</param>
/// <param name="LevelInterval">80 % interval of the level; null when too short.</param>
/// <param name="Delta">Change of the fitted line over the window, metric's unit; null when the gate is closed.</param>
/// <param name="DeltaInterval">80 % interval of the change.</param>
/// <param name="Since">First period of the window; null without data.</param>
/// <param name="Sentence">The claim in plain English, with the numbers.</param>
/// <param name="Evidence">The numbers.</param>
public sealed record Verdict(
    Direction Direction, Trend Lean, Confidence Confidence, double? Level, Interval? LevelInterval,
    double? Delta, Interval? DeltaInterval, DateOnly? Since, string Sentence, Evidence Evidence);

/// <summary>Judges a series: gate, trend test, the same test without memory, size of the change.</summary>
public static class DirectionVerdict
{
    /// <summary>Version of these rules.</summary>
    public const string EngineVersion = "1";

    /// <summary>Intervals shown to people miss one time in five.</summary>
    public const double ShownAlpha = 0.20;

    const double TrendAlpha = 0.05;
    const double PreWhitenedAlpha = 0.10;
    const double HighTrendAlpha = 0.01;
    const double HighPreWhitenedAlpha = 0.05;
    const double LongMemory = 0.5;
    const int LongMemoryPointsMin = 36; // Below, a lag-1 correlation above LongMemory caps confidence at low.

    /// <summary>Judges the closed periods since the last change of definition.</summary>
    /// <param name="series">Ascending, one point per period; at most 2,000 periods.</param>
    /// <param name="metric">Thresholds, unit and which way is better.</param>
    /// <param name="trialsPerPeriod">Expected pace for "when will it be enough"; null takes the past one.</param>
    /// <exception cref="ArgumentException">Points out of order, hits outside trials, or too many periods.</exception>
    public static Verdict Of(IReadOnlyList<SeriesPoint> series, MetricSpec metric, double? trialsPerPeriod)
    {
        var gate = Gate.Check(series, metric, trialsPerPeriod);
        var usable = Gate.Usable(series, metric);
        var (level, levelInterval) = LevelOf(usable, metric);
        if (gate.IsOpen) return Judge(usable, metric, gate, level, levelInterval);

        var closed = new Verdict(Direction.NotEnoughData, Trend.None, Confidence.Low, level, levelInterval, null, null,
            usable.Count == 0 ? null : usable[0].Start, "", new(gate, null, null, null, null, EngineVersion));
        return closed with { Sentence = VerdictSentence.NotEnough(closed, metric) };
    }

    static Verdict Judge(
        IReadOnlyList<SeriesPoint> usable, MetricSpec metric, GateVerdict gate, double? level, Interval? levelInterval)
    {
        var values = OnCalendar(usable, metric.Grain);
        var plain = MannKendall.Test(values, TrendAlpha);
        var whitened = PreWhitening.Test(values, PreWhitenedAlpha);
        var memory = PreWhitening.LagOne(values);
        var line = TheilSen.Fit(values, ShownAlpha);
        var delta = line.Slope * (values.Length - 1);

        var sameSign = whitened.Trend == plain.Trend;
        var material = Math.Abs(delta) >= metric.Materiality && Math.Sign(delta) == Math.Sign(plain.S);
        var firm = plain.Trend != Trend.None && sameSign && material;
        var direction = !firm ? Direction.Flat : IsGood(plain.Trend, metric.Better) ? Direction.Improving : Direction.Worsening;
        var verdict = new Verdict(direction, firm ? Trend.None : plain.Trend,
            ConfidenceIn(firm, plain, whitened, memory, values), level, levelInterval,
            delta, line.SlopeInterval?.Times(values.Length - 1), usable[0].Start, "",
            new(gate, plain, whitened, memory, line, EngineVersion));
        return verdict with { Sentence = VerdictSentence.Judged(verdict, metric, values.Length) };
    }

    static bool IsGood(Trend trend, Better better) => (trend == Trend.Rising) == (better == Better.Up);

    static Confidence ConfidenceIn(
        bool firm, MannKendallResult plain, MannKendallResult whitened, double memory, double[] values)
    {
        if (!firm && plain.Trend != Trend.None) return Confidence.Low;
        if (memory > LongMemory && plain.Count < LongMemoryPointsMin) return Confidence.Low;
        var strong = firm && plain.P < HighTrendAlpha && whitened.P < HighPreWhitenedAlpha;
        return strong && HalvesAgree(values, plain.S) ? Confidence.High : Confidence.Medium;
    }

    static bool HalvesAgree(double[] values, double s)
    {
        var known = values.Where(value => !double.IsNaN(value)).ToArray();
        var half = known.Length / 2;
        return Math.Sign(MannKendall.Test(known[..half], TrendAlpha).S) == Math.Sign(s)
            && Math.Sign(MannKendall.Test(known[half..], TrendAlpha).S) == Math.Sign(s);
    }

    static double[] OnCalendar(IReadOnlyList<SeriesPoint> usable, Grain grain)
    {
        var first = usable[0].Start;
        var values = new double[grain.Between(first, usable[^1].Start) + 1];
        Array.Fill(values, double.NaN);
        foreach (var point in usable) values[grain.Between(first, point.Start)] = point.Observed ?? double.NaN;
        return values;
    }

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
