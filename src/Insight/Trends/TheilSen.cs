namespace PenguinMails.Insight.Trends;

/// <summary>A robust straight line through a series.</summary>
/// <param name="Slope">Change per period, or per cycle for the seasonal line; median over all pairs.</param>
/// <param name="Intercept">Height of the line at the first period (position 0).</param>
/// <param name="SlopeInterval">Of the slope; null when the series is too short for the confidence asked for.</param>
public sealed record TheilSenLine(double Slope, double Intercept, Interval? SlopeInterval)
{
    /// <summary>Height of the line.</summary>
    /// <param name="position">Periods after the first (cycles for the seasonal line); may lie outside the series.</param>
    public double At(double position) => Intercept + Slope * position;
}

/// <summary>Median of all pairwise slopes: up to 29 % of the values may be wild without moving it.</summary>
/// <remarks>
/// Theil 1950; Sen 1968, Journal of the American Statistical Association 63, 1379-1389. Intercept: median of the values
/// less slope times median of their positions (Conover 1980). Interval by ranks from the Mann-Kendall variance (Gilbert
/// 1987, section 16.5); ranks rounded to the nearest, halves to even.
/// </remarks>
public static class TheilSen
{
    /// <summary>Fits the line.</summary>
    /// <param name="values">One per period in time order; NaN marks a missing period, which keeps its place in time.</param>
    /// <param name="alpha">Share of repetitions in which the interval may miss: 0.05 for 95 %.</param>
    /// <exception cref="ArgumentException">As <see cref="MannKendall.Test"/>.</exception>
    public static TheilSenLine Fit(IReadOnlyList<double> values, double alpha) => Fit(values, alpha, false);

    /// <summary>The same with an interval for noise that remembers itself: the variance times (1+r)/(1-r), r the lag-1
    /// correlation around the line (when above 0), with the 2+4r over n that fitting took given back as in a step's.</summary>
    /// <inheritdoc cref="Fit(IReadOnlyList{double}, double)"/>
    public static TheilSenLine FitRemembering(IReadOnlyList<double> values, double alpha) => Fit(values, alpha, true);

    /// <summary>One slope for pieces of a series between whose levels anything may lie: pairs are taken within each piece, as
    /// within the seasons of a seasonal slope. The interval is one for noise that remembers itself.</summary>
    /// <param name="pieces">Each in time order, with at least two values; NaN keeps its place.</param>
    /// <param name="alpha">Share of repetitions in which the interval may miss: 0.05 for 95 %.</param>
    /// <returns>The interval is null when the pieces are too short for the confidence asked for.</returns>
    /// <exception cref="ArgumentException">As <see cref="MannKendall.Test"/>, of any piece.</exception>
    public static (double Slope, Interval? Interval) Shared(IReadOnlyList<IReadOnlyList<double>> pieces, double alpha)
    {
        Interval.RequireAlpha(alpha);
        var known = pieces.Select(MannKendall.Known).ToList();
        double[] slopes = [.. pieces.SelectMany(SortedSlopes).Order()];
        var slope = Median.OfSorted(slopes);
        var rest = pieces.SelectMany((piece, k) => Rest(known[k], Positions(piece), slope));
        return (slope, ByRank(slopes, known.Sum(MannKendall.Variance) * Inflation([.. rest]), alpha));

        static IEnumerable<double> Rest(double[] known, double[] positions, double slope)
        {
            double[] rest = [.. known.Select((value, i) => value - slope * positions[i])];
            var middle = rest.Average();
            return rest.Select(value => value - middle);
        }
    }

    static TheilSenLine Fit(IReadOnlyList<double> values, double alpha, bool remembers)
    {
        Interval.RequireAlpha(alpha);
        var known = MannKendall.Known(values);
        var slopes = SortedSlopes(values);
        var slope = Median.OfSorted(slopes);
        var positions = Positions(values);
        var factor = remembers ? Inflation([.. known.Select((value, i) => value - slope * positions[i])]) : 1;
        return new(slope, Median.Of(known) - slope * Median.Of(positions), ByRank(slopes, MannKendall.Variance(known) * factor, alpha));
    }

    static double Inflation(double[] rest)
    {
        double n = rest.Length, mean = rest.Average();
        // What rounding leaves around a perfect line remembers nothing.
        if (n <= 4 || rest.Sum(value => (value - mean) * (value - mean)) <= 1e-18 * rest.Sum(value => value * value)) return 1;
        var memory = Math.Clamp((n * Autocorrelation.Of(rest, 1)[1] + 2) / (n - 4), 0, 0.95);
        return (1 + memory) / (1 - memory);
    }

    /// <summary>The slope alone.</summary>
    /// <inheritdoc cref="Fit(IReadOnlyList{double}, double)"/>
    internal static double Slope(IReadOnlyList<double> values)
    {
        _ = MannKendall.Known(values);
        return Median.OfSorted(SortedSlopes(values));
    }

    internal static double[] Positions(IReadOnlyList<double> values) =>
        [.. Enumerable.Range(0, values.Count).Where(i => !double.IsNaN(values[i])).Select(i => (double)i)];

    internal static double[] SortedSlopes(IReadOnlyList<double> values)
    {
        var positions = Positions(values);
        var known = positions.Select(position => values[(int)position]).ToArray();
        var slopes = new double[known.Length * (known.Length - 1) / 2];
        var next = 0;
        for (var later = 1; later < known.Length; later++)
            for (var earlier = 0; earlier < later; earlier++)
                slopes[next++] = (known[later] - known[earlier]) / (positions[later] - positions[earlier]);
        Array.Sort(slopes);
        return slopes;
    }

    internal static Interval? ByRank(double[] slopes, double variance, double alpha)
    {
        var spread = NormalDistribution.Quantile(1 - alpha / 2) * Math.Sqrt(Math.Max(0, variance));
        var low = (int)Math.Round((slopes.Length - spread) / 2);
        var high = (int)Math.Round((slopes.Length + spread) / 2 + 1);
        if (low < 1 || high > slopes.Length) return null;
        return new(slopes[low - 1], slopes[high - 1]);
    }
}

/// <summary>Theil-Sen over pairs of the same season only: change per cycle, with the season out of the way.</summary>
/// <remarks>
/// Hipel and McLeod 1994, Time Series Modelling of Water Resources and Environmental Systems; Gilbert 1987, section 17.3
/// for the interval. The intercept divides the median position by the period, so that the cycle is the unit of time.
/// </remarks>
public static class SeasonalSlope
{
    /// <summary>Fits the line in cycles.</summary>
    /// <param name="values">One per period in time order; NaN keeps its place.</param>
    /// <param name="period">Periods in one cycle, at least 1.</param>
    /// <param name="alpha">As <see cref="TheilSen.Fit(IReadOnlyList{double}, double)"/>.</param>
    /// <exception cref="ArgumentException">As <see cref="SeasonalMannKendall.Test"/>.</exception>
    public static TheilSenLine Fit(IReadOnlyList<double> values, int period, double alpha)
    {
        Interval.RequireAlpha(alpha);
        var seasons = SeasonalMannKendall.Seasons(values, period);
        var slopes = seasons.SelectMany(TheilSen.SortedSlopes).ToArray();
        if (slopes.Length == 0) throw new ArgumentException("No season has two numbers to compare: give two cycles or more, or a shorter period.", nameof(values));
        Array.Sort(slopes);
        var slope = Median.OfSorted(slopes);
        var variance = seasons.Sum(season => MannKendall.Variance([.. season.Where(value => !double.IsNaN(value))]));
        var middle = Median.Of(values.Where(value => !double.IsNaN(value)));
        return new(slope, middle - Median.Of(TheilSen.Positions(values)) / period * slope, TheilSen.ByRank(slopes, variance, alpha));
    }
}
