namespace PenguinMails.Insight.Survival;

/// <summary>One observed duration.</summary>
/// <param name="Time">How long it was watched, 0 or more, any unit.</param>
/// <param name="IsEvent">False when it was still going on when last seen.</param>
public readonly record struct Duration(double Time, bool IsEvent);

/// <summary>The curve after one time at which something happened.</summary>
/// <param name="Time">When.</param>
/// <param name="AtRisk">Still going on just before.</param>
/// <param name="Events">Ended then.</param>
/// <param name="Survival">Share that lasts longer: 0 to 1.</param>
/// <param name="StandardError">Greenwood's, of the survival.</param>
/// <param name="Range">Interval of the survival, by its logarithm, cut off at 1.</param>
public sealed record SurvivalStep(double Time, long AtRisk, long Events, double Survival, double StandardError, Interval Range);

/// <summary>A survival curve.</summary>
/// <param name="Steps">By time; flat between them.</param>
/// <param name="Median">Time that half outlast; null when the curve does not fall to a half.</param>
public sealed record SurvivalCurve(IReadOnlyList<SurvivalStep> Steps, double? Median)
{
    /// <summary>Share that lasts longer than <paramref name="time"/>: 1 before the first step.</summary>
    public double At(double time) => Steps.LastOrDefault(step => step.Time <= time)?.Survival ?? 1;
}

/// <summary>How long things last, with those still under way counted for as long as they were seen.</summary>
/// <remarks>
/// Kaplan and Meier 1958, Journal of the American Statistical Association 53, 457-481: S(t) = Π (1 - d/n). Variance
/// S²·Σ d/(n(n-d)), Greenwood 1926; interval S·exp(±z·sqrt Σ d/(n(n-d))). Where the curve lies exactly on a half, the
/// median is the middle of that stretch. Those seen last at the time of an event are still at risk for it.
/// </remarks>
public static class KaplanMeier
{
    /// <summary>Draws the curve.</summary>
    /// <param name="durations">At least one; times 0 or more.</param>
    /// <param name="alpha">Share of repetitions in which an interval may miss.</param>
    /// <exception cref="ArgumentException">No duration, or one below 0 or not finite.</exception>
    public static SurvivalCurve Of(IReadOnlyList<Duration> durations, double alpha)
    {
        if (durations.Count == 0) throw new ArgumentException("Needs a duration.", nameof(durations));
        if (durations.Any(one => !(one.Time >= 0) || double.IsInfinity(one.Time)))
            throw new ArgumentException("Durations are finite and 0 or more.", nameof(durations));
        long atRisk = durations.Count;
        var table = new List<(double Time, long AtRisk, long Events)>();
        foreach (var same in durations.GroupBy(one => one.Time).OrderBy(group => group.Key))
        {
            var events = same.LongCount(one => one.IsEvent);
            if (events > 0) table.Add((same.Key, atRisk, events));
            atRisk -= same.LongCount();
        }
        return OfTable(table, alpha);
    }

    /// <summary>Draws the curve from a table of those at risk and those who ended.</summary>
    /// <param name="table">By time, ascending: when, how many were at risk (at least 1), how many ended (0 to that).</param>
    /// <param name="alpha">As <see cref="Of(IReadOnlyList{Duration}, double)"/>.</param>
    /// <exception cref="ArgumentException">Times not ascending, or events outside those at risk.</exception>
    public static SurvivalCurve OfTable(IReadOnlyList<(double Time, long AtRisk, long Events)> table, double alpha)
    {
        Interval.RequireAlpha(alpha);
        var z = NormalDistribution.Quantile(1 - alpha / 2);
        double survival = 1, sum = 0, before = double.NegativeInfinity;
        var steps = new List<SurvivalStep>();
        foreach (var (time, atRisk, events) in table)
        {
            if (atRisk < 1 || events < 0 || events > atRisk) throw new ArgumentException($"At {time}: {events} of {atRisk} cannot be.", nameof(table));
            if (!(time > before)) throw new ArgumentException($"Time {time} does not come after {before}.", nameof(table));
            before = time;
            survival *= 1 - (double)events / atRisk;
            sum += events == atRisk ? 0 : (double)events / atRisk / (atRisk - events);
            var reach = z * Math.Sqrt(sum);
            steps.Add(new(time, atRisk, events, survival, survival * Math.Sqrt(sum), new(survival * Math.Exp(-reach), Math.Min(1, survival * Math.Exp(reach)))));
        }
        return new(steps, MedianOf(steps));
    }

    static double? MedianOf(List<SurvivalStep> steps)
    {
        const double rounding = 1e-12;
        var at = steps.FindIndex(step => step.Survival <= 0.5 + rounding);
        if (at < 0) return null;
        if (Math.Abs(steps[at].Survival - 0.5) > rounding) return steps[at].Time;
        var next = steps.FindIndex(at + 1, step => step.Survival < 0.5 - rounding);
        return next < 0 ? steps[at].Time : (steps[at].Time + steps[next].Time) / 2;
    }
}
