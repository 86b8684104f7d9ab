namespace PenguinMails.Insight.Intervals;

/// <summary>A difference of two proportions with its interval.</summary>
/// <param name="Value">First proportion less the second: -1 to 1.</param>
/// <param name="Range">Holds the true difference in the share of repetitions that was asked for.</param>
public sealed record ProportionDifference(double Value, Interval Range);

/// <summary>Interval of the difference of two independent proportions, honest for small counts.</summary>
/// <remarks>
/// Newcombe 1998, Statistics in Medicine 17, 873-890, method 10: with Wilson limits l and u of each proportion,
/// d - sqrt((p1-l1)² + (u2-p2)²) to d + sqrt((u1-p1)² + (p2-l2)²); no continuity correction.
/// </remarks>
public static class Newcombe
{
    /// <summary>Compares <paramref name="hits1"/> of <paramref name="trials1"/> with the second pair.</summary>
    /// <param name="hits1">0 to <paramref name="trials1"/>.</param>
    /// <param name="trials1">At least 1.</param>
    /// <param name="hits2">0 to <paramref name="trials2"/>.</param>
    /// <param name="trials2">At least 1.</param>
    /// <param name="alpha">Share of repetitions that may miss: 0.05 for a 95 % interval.</param>
    /// <exception cref="ArgumentOutOfRangeException">As <see cref="WilsonScore.Of"/>.</exception>
    public static ProportionDifference Of(long hits1, long trials1, long hits2, long trials2, double alpha)
    {
        var (first, second) = (WilsonScore.Of(hits1, trials1, alpha), WilsonScore.Of(hits2, trials2, alpha));
        double p1 = (double)hits1 / trials1, p2 = (double)hits2 / trials2;
        return new(p1 - p2, new(
            p1 - p2 - Math.Sqrt(Square(p1 - first.Low) + Square(second.High - p2)),
            p1 - p2 + Math.Sqrt(Square(first.High - p1) + Square(p2 - second.Low))));
    }

    static double Square(double value) => value * value;
}
