namespace PenguinMails.Insight.Trends;

/// <summary>Mann-Kendall within each season, summed: January is compared with January only.</summary>
/// <remarks>
/// Hirsch, Slack and Smith 1982, Water Resources Research 18, 107-121; with correlated seasons Hirsch and Slack 1984,
/// Water Resources Research 20, 727-732. A series whose length is no multiple of the period is filled up at its end.
/// </remarks>
public static class SeasonalMannKendall
{
    /// <summary>Tests with seasons taken as independent: S and its variance are sums over the seasons.</summary>
    /// <param name="values">In time order, one a period of the calendar; NaN keeps its place.</param>
    /// <param name="period">Periods in one cycle: 12 for months, 52 for weeks. At least 1.</param>
    /// <param name="alpha">As <see cref="MannKendall.Test"/>.</param>
    /// <exception cref="ArgumentException">A period below 1, no season with two numbers, or too many values.</exception>
    public static MannKendallResult Test(IReadOnlyList<double> values, int period, double alpha) =>
        RegionalMannKendall.Test(Seasons(values, period), alpha);

    /// <summary>Tests with the covariances between seasons counted: a good year lifts all its months together.</summary>
    /// <param name="values">As <see cref="Test"/>; a cycle with a gap in it is left out whole.</param>
    /// <param name="period">As <see cref="Test"/>.</param>
    /// <param name="alpha">As <see cref="MannKendall.Test"/>.</param>
    /// <exception cref="ArgumentException">A period below 1, or fewer than two whole cycles.</exception>
    public static MannKendallResult TestCorrelated(IReadOnlyList<double> values, int period, double alpha) =>
        RegionalMannKendall.TestCorrelated(Seasons(values, period), alpha);

    /// <summary>One column a season, one row a cycle.</summary>
    internal static double[][] Seasons(IReadOnlyList<double> values, int period)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(period, 1);
        if (values.Count > MannKendall.ObservationsMax)
            throw new ArgumentException($"At most {MannKendall.ObservationsMax} values, has {values.Count}.", nameof(values));
        var rows = (values.Count + period - 1) / period;
        return
        [
            .. Enumerable.Range(0, period).Select(season => Enumerable.Range(0, rows)
                .Select(row => row * period + season < values.Count ? values[row * period + season] : double.NaN).ToArray()),
        ];
    }
}
