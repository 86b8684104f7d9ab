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

/// <summary>Outcome of a test of the Mann-Kendall family.</summary>
/// <param name="Count">Observations used: those that are not NaN; rows for tests over several columns.</param>
/// <param name="S">Pairs that rise minus pairs that fall; with a fraction only in the partial test.</param>
/// <param name="Variance">Of <paramref name="S"/> under "no trend", corrected for ties and as the test says.</param>
/// <param name="Z">Standardised S; 0 when S is 0; NaN when a correction made the variance zero or less.</param>
/// <param name="P">Two-sided, normal approximation; 1 when every value is the same; NaN with Z.</param>
/// <param name="Tau">S divided by the number of pairs (Kendall's tau-a): -1 to 1.</param>
/// <param name="Trend">At the alpha that was asked for.</param>
public sealed record MannKendallResult(int Count, double S, double Variance, double Z, double P, double Tau, Trend Trend)
{
    /// <summary>True when "no trend" is rejected.</summary>
    public bool IsTrend => Trend != Trend.None;
}

/// <summary>Rank test for a monotone trend; needs no distribution, but assumes independent observations.</summary>
/// <remarks>
/// Mann 1945, Econometrica 13, 245-259; Kendall 1975, Rank Correlation Methods. On a series that remembers itself it
/// sees trends that are not there (lag-1 correlation 0.6: 26 % at n = 12): pair it with <see cref="PreWhitening"/>.
/// </remarks>
public static class MannKendall
{
    /// <summary>Longest series taken: the pairs are counted one by one.</summary>
    public const int ObservationsMax = 2_000;

    /// <summary>Tests for a trend: Z = (S - sign S) / sqrt(var S).</summary>
    /// <param name="values">In time order; NaN marks a missing period and is left out. At least 2 numbers.</param>
    /// <param name="alpha">Below it <see cref="MannKendallResult.Trend"/> is reported: 0.05 by custom.</param>
    /// <exception cref="ArgumentException">Fewer than 2 numbers, or more than <see cref="ObservationsMax"/>.</exception>
    public static MannKendallResult Test(IReadOnlyList<double> values, double alpha)
    {
        Interval.RequireAlpha(alpha);
        var known = Known(values);
        return Judge(known.Length, PairBalance(known), Variance(known), Pairs(known.Length), alpha);
    }

    /// <summary>Standardises S with a continuity correction of 1 and decides.</summary>
    internal static MannKendallResult Judge(int count, double s, double variance, double pairs, double alpha) =>
        Decide(count, s, variance, Standardised(s - Math.Sign(s), s, variance), s / pairs, alpha);

    /// <summary>Decides with a Z that is there.</summary>
    internal static MannKendallResult Decide(int count, double s, double variance, double z, double tau, double alpha)
    {
        var p = double.IsNaN(z) ? double.NaN : Math.Min(1, 2 * NormalDistribution.Tail(Math.Abs(z)));
        var trend = !(p < alpha) ? Trend.None : z > 0 ? Trend.Rising : Trend.Falling;
        return new(count, s, variance, z, p, tau, trend);
    }

    /// <summary>Distance in standard deviations: 0 when S is 0, NaN when the variance is not positive.</summary>
    internal static double Standardised(double distance, double s, double variance) =>
        s == 0 ? 0 : variance > 0 ? distance / Math.Sqrt(variance) : double.NaN;

    /// <summary>Variance of S under "no trend": n(n-1)(2n+5)/18 less the same term for each group of ties.</summary>
    internal static double Variance(double[] known)
    {
        var sorted = (double[])known.Clone();
        Array.Sort(sorted);
        double ties = 0;
        for (int start = 0, i = 1; i <= sorted.Length; i++)
        {
            if (i < sorted.Length && sorted[i] == sorted[start]) continue;
            ties += Term(i - start);
            start = i;
        }
        return (Term(known.Length) - ties) / 18;

        static double Term(double n) => n * (n - 1) * (2 * n + 5);
    }

    internal static double Pairs(int count) => 0.5 * count * (count - 1);

    internal static double[] Known(IReadOnlyList<double> values)
    {
        var known = values.Where(value => !double.IsNaN(value)).ToArray();
        if (known.Length is < 2 or > ObservationsMax)
            throw new ArgumentException($"Needs 2 to {ObservationsMax} numbers, has {known.Length}.", nameof(values));
        return known;
    }

    internal static long PairBalance(double[] known)
    {
        long s = 0;
        for (var later = 1; later < known.Length; later++)
            for (var earlier = 0; earlier < later; earlier++)
                s += known[later] > known[earlier] ? 1 : known[later] < known[earlier] ? -1 : 0;
        return s;
    }
}
