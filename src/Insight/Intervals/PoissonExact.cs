namespace PenguinMails.Insight.Intervals;

/// <summary>Exact interval of the mean behind a count of rare events: never too short, also at 0.</summary>
/// <remarks>
/// Garwood 1936, Biometrika 28, 437-442: half of the chi-square quantiles, χ²(α/2; 2k)/2 to χ²(1-α/2; 2k+2)/2.
/// </remarks>
public static class PoissonExact
{
    /// <summary>Two-sided interval of the expected number of events.</summary>
    /// <param name="count">Events seen: 0 to 1,000,000.</param>
    /// <param name="alpha">Share of repetitions that may miss, at most half of it on each side.</param>
    /// <returns>Events; exactly 0 below when none was seen. Divide by the exposure for a rate.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Count below 0 or above the limit, alpha outside 0 to 1.</exception>
    public static Interval Of(long count, double alpha)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 1_000_000);
        Interval.RequireAlpha(alpha);
        return new(count == 0 ? 0 : GammaFunction.Quantile(count, alpha / 2), GammaFunction.Quantile(count + 1, 1 - alpha / 2));
    }
}
