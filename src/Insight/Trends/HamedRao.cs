namespace PenguinMails.Insight.Trends;

/// <summary>Mann-Kendall with the variance of S widened by the significant correlations of the detrended ranks.</summary>
/// <remarks>
/// Hamed and Rao 1998, Journal of Hydrology 204, 182-196: var S times 1 + 2/(n(n-1)(n-2)) · Σ (n-k)(n-k-1)(n-k-2) r(k)
/// over the lags k whose r(k) lies outside ±z(1-α/2)/sqrt(n). The sum keeps its sign as in the paper, so negative
/// correlations narrow; the variance can fall to zero or below, and then nothing is claimed. Some software takes the sum
/// without its sign. The test protects short series little: see the published table.
/// </remarks>
public static class HamedRao
{
    /// <summary>Tests for a trend.</summary>
    /// <param name="values">In time order; NaN is left out of the test and keeps its place for the slope. At least 3 numbers.</param>
    /// <param name="alpha">Of the test and of the lags that count.</param>
    /// <param name="lag">First lags considered; null takes all. 3 is the authors' proposal.</param>
    /// <exception cref="ArgumentException">Fewer than 3 numbers or more than the test takes, or a lag below 1.</exception>
    public static MannKendallResult Test(IReadOnlyList<double> values, double alpha, int? lag)
    {
        Interval.RequireAlpha(alpha);
        var known = MannKendall.Known(values);
        double n = known.Length;
        if (n < 3) throw new ArgumentException($"Needs 3 numbers, has {n}.", nameof(values));
        var lags = YueWang.Lags(known.Length, lag);
        var ranks = Autocorrelation.Ranks(PreWhitening.Detrended(known, TheilSen.Slope(values)));
        var correlations = Autocorrelation.Of(ranks, lags);
        var limit = NormalDistribution.Quantile(1 - alpha / 2) / Math.Sqrt(n);

        double sum = 0;
        for (var k = 1; k <= lags; k++)
            if (Math.Abs(correlations[k]) > limit) sum += (n - k) * (n - k - 1) * (n - k - 2) * correlations[k];
        var factor = 1 + 2 / (n * (n - 1) * (n - 2)) * sum;
        return MannKendall.Judge(known.Length, MannKendall.PairBalance(known), MannKendall.Variance(known) * factor, MannKendall.Pairs(known.Length), alpha);
    }
}

/// <summary>Mann-Kendall with the variance of S scaled to the effective number of observations.</summary>
/// <remarks>
/// Yue and Wang 2004, Water Resources Management 18, 201-218: var S times 1 + 2 Σ (1 - k/n) r(k), with the correlations
/// of the detrended series. With many lags the factor can fall to zero or below; Z and P are then NaN, and no trend is claimed.
/// </remarks>
public static class YueWang
{
    /// <summary>Tests for a trend.</summary>
    /// <param name="values">As <see cref="HamedRao.Test"/>; at least 2 numbers.</param>
    /// <param name="alpha">As <see cref="MannKendall.Test"/>.</param>
    /// <param name="lag">First lags considered; null takes all. 1 is the authors' proposal.</param>
    /// <exception cref="ArgumentException">Fewer than 2 numbers or more than the test takes, or a lag below 1.</exception>
    public static MannKendallResult Test(IReadOnlyList<double> values, double alpha, int? lag)
    {
        Interval.RequireAlpha(alpha);
        var known = MannKendall.Known(values);
        var lags = Lags(known.Length, lag);
        var correlations = Autocorrelation.Of(PreWhitening.Detrended(known, TheilSen.Slope(values)), lags);

        double sum = 0;
        for (var k = 1; k <= lags; k++) sum += (1 - (double)k / known.Length) * correlations[k];
        return MannKendall.Judge(
            known.Length, MannKendall.PairBalance(known), MannKendall.Variance(known) * (1 + 2 * sum), MannKendall.Pairs(known.Length), alpha);
    }

    internal static int Lags(int count, int? lag)
    {
        if (lag is < 1) throw new ArgumentOutOfRangeException(nameof(lag), lag, "At least 1, or null for all.");
        return Math.Min(lag ?? count - 1, count - 1);
    }
}
