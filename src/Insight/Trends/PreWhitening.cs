namespace PenguinMails.Insight.Trends;

/// <summary>Takes the memory out of a series before testing it, so that a lingering accident is not called a trend.</summary>
/// <remarks>
/// von Storch 1995, Misuses of Statistical Analysis in Climate Research: y(t) = x(t) - r1·x(t-1) with the lag-1
/// correlation r1 of the whole series. It removes part of a real trend too, so it misses more: that is the price.
/// Trend-free form: Yue, Pilon, Phinney and Cavadias 2002, Hydrological Processes 16, 1807-1829.
/// </remarks>
public static class PreWhitening
{
    /// <summary>Lag-1 correlation with the overall mean: -1 to 1; 0 when every value is the same.</summary>
    /// <param name="values">In time order; NaN is left out first. At least 2 numbers.</param>
    /// <exception cref="ArgumentException">Fewer than 2 numbers.</exception>
    public static double LagOne(IReadOnlyList<double> values) => Autocorrelation.Of(MannKendall.Known(values), 1)[1];

    /// <summary>Mann-Kendall on the series less its lag-1 memory; one observation shorter.</summary>
    /// <param name="values">In time order; NaN is left out first. At least 3 numbers.</param>
    /// <param name="alpha">As <see cref="MannKendall.Test"/>.</param>
    /// <exception cref="ArgumentException">Fewer than 3 numbers, or more than the test takes.</exception>
    public static MannKendallResult Test(IReadOnlyList<double> values, double alpha) =>
        MannKendall.Test(Whitened(MannKendall.Known(values)), alpha);

    /// <summary>The same after the Theil-Sen line is taken out, which is put back before testing.</summary>
    /// <param name="values">As <see cref="Test"/>; the slope is that of the calendar, with gaps in their places.</param>
    /// <param name="alpha">As <see cref="MannKendall.Test"/>.</param>
    /// <remarks>Keeps more of a real trend, and on short series with memory it sees trends that are not there even
    /// more often than the plain test (n = 36, lag-1 0.6: two in five): never take it for a guard.</remarks>
    /// <exception cref="ArgumentException">Fewer than 3 numbers, or more than the test takes.</exception>
    public static MannKendallResult TestTrendFree(IReadOnlyList<double> values, double alpha)
    {
        var slope = TheilSen.Slope(values);
        var whitened = Whitened(Detrended(MannKendall.Known(values), slope));
        for (var i = 0; i < whitened.Length; i++) whitened[i] += slope * (i + 1);
        return MannKendall.Test(whitened, alpha);
    }

    internal static double[] Detrended(double[] known, double slope) => [.. known.Select((value, i) => value - slope * (i + 1))];

    internal static double[] Whitened(double[] known)
    {
        var memory = Autocorrelation.Of(known, 1)[1];
        var rest = new double[known.Length - 1];
        for (var i = 0; i < rest.Length; i++) rest[i] = known[i + 1] - memory * known[i];
        return rest;
    }
}
