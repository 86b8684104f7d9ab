namespace PenguinMails.Insight.Trends;

/// <summary>A robust straight line through a series.</summary>
/// <param name="Slope">Change per period; median over all pairs.</param>
/// <param name="Intercept">Height of the line at the first period (position 0).</param>
/// <param name="SlopeInterval">Of the slope; null when the series is too short for the confidence asked for.</param>
public sealed record TheilSenLine(double Slope, double Intercept, Interval? SlopeInterval)
{
    /// <summary>Height of the line.</summary>
    /// <param name="position">Periods after the first; may lie outside the series.</param>
    public double At(double position) => Intercept + Slope * position;
}

/// <summary>Median of all pairwise slopes: up to 29 % of the values may be wild without moving it.</summary>
/// <remarks>
/// Theil 1950; Sen 1968, Journal of the American Statistical Association 63, 1379-1389. Interval by ranks from the
/// Mann-Kendall variance (Gilbert 1987, section 16.5); ranks rounded to the nearest, halves to even.
/// </remarks>
public static class TheilSen
{
    /// <summary>Fits the line.</summary>
    /// <param name="values">One per period in time order; NaN marks a missing period, which keeps its place in time.</param>
    /// <param name="alpha">Share of repetitions in which the interval may miss: 0.05 for 95 %.</param>
    /// <exception cref="ArgumentException">As <see cref="MannKendall.Test"/>.</exception>
    public static TheilSenLine Fit(IReadOnlyList<double> values, double alpha)
    {
        Interval.RequireAlpha(alpha);
        var known = MannKendall.Known(values);
        var positions = Enumerable.Range(0, values.Count).Where(i => !double.IsNaN(values[i])).Select(i => (double)i).ToArray();

        var slopes = SortedSlopes(positions, known);
        var slope = Median.OfSorted(slopes);
        var intercept = Median.Of(known) - slope * Median.Of(positions);
        return new(slope, intercept, ByRank(slopes, MannKendall.Variance(known), alpha));
    }

    static double[] SortedSlopes(double[] positions, double[] known)
    {
        var slopes = new double[known.Length * (known.Length - 1) / 2];
        var next = 0;
        for (var later = 1; later < known.Length; later++)
            for (var earlier = 0; earlier < later; earlier++)
                slopes[next++] = (known[later] - known[earlier]) / (positions[later] - positions[earlier]);
        Array.Sort(slopes);
        return slopes;
    }

    static Interval? ByRank(double[] slopes, double variance, double alpha)
    {
        var spread = NormalDistribution.Quantile(1 - alpha / 2) * Math.Sqrt(variance);
        var low = (int)Math.Round((slopes.Length - spread) / 2);
        var high = (int)Math.Round((slopes.Length + spread) / 2 + 1);
        if (low < 1 || high > slopes.Length) return null;
        return new(slopes[low - 1], slopes[high - 1]);
    }
}
