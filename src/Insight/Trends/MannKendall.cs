namespace PenguinMails.Insight.Trends;

/// <summary>Which way a monotone trend runs.</summary>
public enum Trend
{
    /// <summary>The test does not reject "no trend".</summary>
    None,

    /// <summary>Later values are larger.</summary>
    Rising,

    /// <summary>Later values are smaller.</summary>
    Falling,
}

/// <summary>Outcome of a Mann-Kendall test.</summary>
/// <param name="Count">Observations used: those that are not NaN.</param>
/// <param name="S">Pairs that rise minus pairs that fall.</param>
/// <param name="Variance">Of <paramref name="S"/> under "no trend", corrected for ties.</param>
/// <param name="Z">Standardised with a continuity correction of 1; 0 when <paramref name="S"/> is 0.</param>
/// <param name="P">Two-sided, normal approximation; 1 when every value is the same.</param>
/// <param name="Tau">S divided by the number of pairs (Kendall's tau-a): -1 to 1.</param>
/// <param name="Trend">At the alpha that was asked for.</param>
public sealed record MannKendallResult(int Count, long S, double Variance, double Z, double P, double Tau, Trend Trend);

/// <summary>Rank test for a monotone trend; needs no distribution, but assumes independent observations.</summary>
/// <remarks>
/// Mann 1945, Econometrica 13, 245-259; Kendall 1975, Rank Correlation Methods. On a series that remembers itself it
/// sees trends that are not there (lag-1 correlation 0.6: 26 % at n = 12): pair it with <see cref="PreWhitening"/>.
/// </remarks>
public static class MannKendall
{
    /// <summary>Longest series taken: the pairs are counted one by one.</summary>
    public const int ObservationsMax = 2_000;

    /// <summary>Tests for a trend.</summary>
    /// <param name="values">In time order; NaN marks a missing period and is left out. At least 2 numbers.</param>
    /// <param name="alpha">Below it <see cref="MannKendallResult.Trend"/> is reported: 0.05 by custom.</param>
    /// <exception cref="ArgumentException">Fewer than 2 numbers, or more than <see cref="ObservationsMax"/>.</exception>
    public static MannKendallResult Test(IReadOnlyList<double> values, double alpha)
    {
        Interval.RequireAlpha(alpha);
        var known = Known(values);
        var s = PairBalance(known);
        var variance = Variance(known);
        var z = s == 0 ? 0 : (s - Math.Sign(s)) / Math.Sqrt(variance);
        var p = Math.Min(1, 2 * NormalDistribution.Tail(Math.Abs(z)));
        var tau = s / (0.5 * known.Length * (known.Length - 1));
        var trend = p >= alpha ? Trend.None : s > 0 ? Trend.Rising : Trend.Falling;
        return new(known.Length, s, variance, z, p, tau, trend);
    }

    /// <summary>Variance of S under "no trend": n(n-1)(2n+5)/18 less the same term for each group of ties.</summary>
    internal static double Variance(double[] known)
    {
        var ties = known.GroupBy(value => value).Sum(group => Term(group.Count()));
        return (Term(known.Length) - ties) / 18;

        static double Term(double n) => n * (n - 1) * (2 * n + 5);
    }

    internal static double[] Known(IReadOnlyList<double> values)
    {
        var known = values.Where(value => !double.IsNaN(value)).ToArray();
        if (known.Length is < 2 or > ObservationsMax)
            throw new ArgumentException($"Needs 2 to {ObservationsMax} numbers, has {known.Length}.", nameof(values));
        return known;
    }

    static long PairBalance(double[] known)
    {
        long s = 0;
        for (var later = 1; later < known.Length; later++)
            for (var earlier = 0; earlier < later; earlier++)
                s += known[later].CompareTo(known[earlier]);
        return s;
    }
}
