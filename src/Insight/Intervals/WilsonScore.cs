namespace PenguinMails.Insight.Intervals;

/// <summary>Score interval of a proportion: honest at 0 of n and n of n, where the textbook interval has no width.</summary>
/// <remarks>Wilson 1927, Journal of the American Statistical Association 22, 209-212; no continuity correction.</remarks>
public static class WilsonScore
{
    /// <summary>Two-sided interval of the proportion behind <paramref name="hits"/> of <paramref name="trials"/>.</summary>
    /// <param name="hits">0 to <paramref name="trials"/>.</param>
    /// <param name="trials">At least 1.</param>
    /// <param name="alpha">Share of repetitions that may miss: 0.05 for a 95 % interval.</param>
    /// <returns>Proportions within 0 to 1; exactly 0 below when there is no hit, exactly 1 above when all hit.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No trial, hits outside the trials, alpha outside 0 to 1.</exception>
    public static Interval Of(long hits, long trials, double alpha)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(trials, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(hits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hits, trials);
        Interval.RequireAlpha(alpha);

        var z = NormalDistribution.Quantile(1 - alpha / 2);
        double n = trials, rate = hits / n, z2 = z * z;
        var middle = (rate + z2 / (2 * n)) / (1 + z2 / n);
        var half = z / (1 + z2 / n) * Math.Sqrt(rate * (1 - rate) / n + z2 / (4 * n * n));
        return new(hits == 0 ? 0 : Math.Max(0, middle - half), hits == trials ? 1 : Math.Min(1, middle + half));
    }

    /// <summary>Trials after which a proportion near <paramref name="rate"/> is known to within a half width.</summary>
    /// <param name="rate">The expected proportion, above 0 and below 1; 0.5 asks for the most.</param>
    /// <param name="halfWidth">As a proportion: 0.05 for five percentage points.</param>
    /// <param name="alpha">As in <see cref="Of"/>.</param>
    /// <returns>Rounded up: 196 for 0.85 within 0.05 at alpha 0.05. Large-sample formula z²·p·(1-p)/h².</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument at or outside 0 and 1.</exception>
    public static long TrialsFor(double rate, double halfWidth, double alpha)
    {
        if (!(rate > 0 && rate < 1)) throw new ArgumentOutOfRangeException(nameof(rate), rate, "Between 0 and 1.");
        if (!(halfWidth > 0 && halfWidth < 1))
            throw new ArgumentOutOfRangeException(nameof(halfWidth), halfWidth, "Between 0 and 1.");
        Interval.RequireAlpha(alpha);
        var z = NormalDistribution.Quantile(1 - alpha / 2);
        return (long)Math.Ceiling(z * z * rate * (1 - rate) / (halfWidth * halfWidth));
    }
}
