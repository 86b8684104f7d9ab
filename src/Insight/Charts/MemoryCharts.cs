namespace PenguinMails.Insight.Charts;

/// <summary>Sums of deviations on both sides of a target.</summary>
/// <param name="High">Upper sums, one for each value, 0 or more.</param>
/// <param name="Low">Lower sums, 0 or more.</param>
/// <param name="Alarms">Positions at which a sum exceeds the decision interval, 0 for the first.</param>
public sealed record CusumSums(IReadOnlyList<double> High, IReadOnlyList<double> Low, IReadOnlyList<int> Alarms);

/// <summary>Cumulative sums: finds a small lasting shift sooner than limits on single points.</summary>
/// <remarks>Page 1954, Biometrika 41, 100-115; tabular form as in NIST 6.3.2.3: S+(i) = max(0, S+(i-1) + x - target - k).</remarks>
public static class Cusum
{
    /// <summary>Runs both sums.</summary>
    /// <param name="values">In time order, no NaN.</param>
    /// <param name="target">Level that is right.</param>
    /// <param name="slack">k, the unit of the values: half the shift worth finding; 0 or more.</param>
    /// <param name="decision">h, the unit of the values: 4 to 5 standard deviations by custom; above 0.</param>
    /// <exception cref="ArgumentException">Slack below 0, decision not above 0, or NaN among the values.</exception>
    public static CusumSums Of(IReadOnlyList<double> values, double target, double slack, double decision)
    {
        if (!(slack >= 0)) throw new ArgumentOutOfRangeException(nameof(slack), slack, "0 or more.");
        if (!(decision > 0)) throw new ArgumentOutOfRangeException(nameof(decision), decision, "Above 0.");
        if (values.Any(double.IsNaN)) throw new ArgumentException("Leave missing values out first.", nameof(values));
        double[] high = new double[values.Count], low = new double[values.Count];
        for (var i = 0; i < values.Count; i++)
        {
            high[i] = Math.Max(0, (i == 0 ? 0 : high[i - 1]) + values[i] - target - slack);
            low[i] = Math.Max(0, (i == 0 ? 0 : low[i - 1]) + target - slack - values[i]);
        }
        return new(high, low, [.. Enumerable.Range(0, values.Count).Where(i => high[i] > decision || low[i] > decision)]);
    }
}

/// <summary>A smoothed series with limits.</summary>
/// <param name="Smoothed">One for each value.</param>
/// <param name="Low">Lower limit once the chart has settled.</param>
/// <param name="High">Upper limit once the chart has settled.</param>
/// <param name="LowEach">Lower limit of each point: narrower at the start.</param>
/// <param name="HighEach">Upper limit of each point.</param>
/// <param name="Outside">Positions beyond the settled limits, 0 for the first.</param>
public sealed record EwmaSeries(
    IReadOnlyList<double> Smoothed, double Low, double High, IReadOnlyList<double> LowEach, IReadOnlyList<double> HighEach, IReadOnlyList<int> Outside);

/// <summary>Exponentially weighted moving average: a chart that remembers a little.</summary>
/// <remarks>
/// Roberts 1959, Technometrics 1, 239-250; NIST 6.3.2.4: E(i) = λx + (1-λ)E(i-1), limits centre ± L·s·sqrt(λ/(2-λ)), each
/// point's own with the factor sqrt(1-(1-λ)^(2i)).
/// </remarks>
public static class Ewma
{
    /// <summary>Smooths and sets limits.</summary>
    /// <param name="values">In time order, no NaN.</param>
    /// <param name="lambda">Weight of the newest value, above 0 and at most 1: 0.2 to 0.3 by custom.</param>
    /// <param name="centre">Level that is right; also where smoothing starts.</param>
    /// <param name="spread">Standard deviation of a single value, 0 or more.</param>
    /// <param name="width">L, half width in standard deviations, above 0: 3 by custom.</param>
    /// <exception cref="ArgumentException">An argument outside its range, or NaN among the values.</exception>
    public static EwmaSeries Of(IReadOnlyList<double> values, double lambda, double centre, double spread, double width)
    {
        if (!(lambda > 0 && lambda <= 1)) throw new ArgumentOutOfRangeException(nameof(lambda), lambda, "Above 0, at most 1.");
        if (!(spread >= 0)) throw new ArgumentOutOfRangeException(nameof(spread), spread, "0 or more.");
        if (!(width > 0)) throw new ArgumentOutOfRangeException(nameof(width), width, "Above 0.");
        if (values.Any(double.IsNaN)) throw new ArgumentException("Leave missing values out first.", nameof(values));
        var smoothed = new double[values.Count];
        for (var i = 0; i < values.Count; i++) smoothed[i] = lambda * values[i] + (1 - lambda) * (i == 0 ? centre : smoothed[i - 1]);
        var half = width * spread * Math.Sqrt(lambda / (2 - lambda));
        var own = smoothed.Select((_, i) => half * Math.Sqrt(1 - Math.Pow(1 - lambda, 2 * (i + 1)))).ToArray();
        return new(smoothed, centre - half, centre + half, [.. own.Select(h => centre - h)], [.. own.Select(h => centre + h)],
            [.. Enumerable.Range(0, values.Count).Where(i => Math.Abs(smoothed[i] - centre) > half)]);
    }
}
