namespace PenguinMails.Insight.Forecasts;

/// <summary>A level that follows the series.</summary>
/// <param name="Alpha">Weight of the newest value, 0.0001 to 0.9999.</param>
/// <param name="Start">Level before the first value.</param>
/// <param name="Level">Level at the end: the forecast of every coming period.</param>
/// <param name="SquaredError">Sum of squares of the one-step errors.</param>
/// <param name="ErrorVariance">That over the values less 2: weight and start are fitted.</param>
public sealed record SmoothingFit(double Alpha, double Start, double Level, double SquaredError, double ErrorVariance);

/// <summary>Simple exponential smoothing, weight and start by least squares (most likely under normal errors).</summary>
/// <remarks>Brown 1959; Hyndman, Koehler, Ord and Snyder 2008, Forecasting with Exponential Smoothing: ETS(A,N,N). For a
/// given weight the errors are linear in the start, so only the weight is searched for.</remarks>
public static class SimpleSmoothing
{
    const double AlphaMin = 1e-4;
    const double AlphaMax = 0.9999;

    /// <summary>Fits the level.</summary>
    /// <param name="values">In time order, no NaN; 4 to <see cref="MannKendall.ObservationsMax"/>.</param>
    /// <exception cref="ArgumentException">Too few values, too many, or NaN among them.</exception>
    public static SmoothingFit Fit(IReadOnlyList<double> values)
    {
        Horizon.RequireWhole(values, 4);
        var start = Enumerable.Range(1, 19).Select(i => i / 20.0).Append(AlphaMin).Append(AlphaMax).MinBy(alpha => Run(values, alpha).SquaredError);
        var found = NelderMead.Minimise(point => Run(values, point[0]).SquaredError, [start], [AlphaMin], [AlphaMax]);
        return Run(values, found.Point[0]);
    }

    static SmoothingFit Run(IReadOnlyList<double> values, double alpha)
    {
        // Error t is a(t) - w(t)·start with w(t) = (1-α)^t: the first pass starts at 0 and finds the start.
        double level = 0, weight = 1, top = 0, bottom = 0;
        foreach (var value in values)
        {
            top += (value - level) * weight;
            bottom += weight * weight;
            level += alpha * (value - level);
            weight *= 1 - alpha;
        }
        var start = top / bottom;
        double squares = 0;
        level = start;
        foreach (var value in values)
        {
            squares += (value - level) * (value - level);
            level += alpha * (value - level);
        }
        return new(alpha, start, level, squares, squares / Math.Max(1, values.Count - 2));
    }
}
