namespace PenguinMails.Insight.Intervals;

/// <summary>The middle value, and the range in which the true middle lies.</summary>
public static class Median
{
    const int ExactMax = 500; // Above, 0.5^n nears the smallest double and the normal rank differs by at most one.

    /// <summary>Middle value; the mean of the two middle ones when their number is even.</summary>
    /// <param name="values">In any order, at least one, no NaN.</param>
    /// <exception cref="ArgumentException">No value.</exception>
    public static double Of(IEnumerable<double> values)
    {
        var sorted = values.ToArray();
        if (sorted.Length == 0) throw new ArgumentException("Needs at least one value.", nameof(values));
        Array.Sort(sorted);
        return OfSorted(sorted);
    }

    /// <summary>Interval of the median between two order statistics, exact by the sign test, for any distribution.</summary>
    /// <param name="values">In any order, no NaN.</param>
    /// <param name="alpha">Share of repetitions that may miss; the interval misses at most this often.</param>
    /// <returns>Null when the values are too few: 95 % needs 6, 80 % needs 4.</returns>
    public static Interval? IntervalOf(IReadOnlyList<double> values, double alpha)
    {
        Interval.RequireAlpha(alpha);
        var sorted = values.ToArray();
        Array.Sort(sorted);

        var rank = sorted.Length > ExactMax ? NormalRank(sorted.Length, alpha) : ExactRank(sorted.Length, alpha);
        return rank == 0 ? null : new(sorted[rank - 1], sorted[^rank]);
    }

    // P(B = k) of a fair coin thrown n times, summed from k = 0 up.
    static int ExactRank(int count, double alpha)
    {
        var chance = Math.Pow(0.5, count);
        var below = chance;
        var rank = 0;
        while (below <= alpha / 2 && rank < count / 2)
        {
            rank++;
            chance *= (count - rank + 1.0) / rank;
            below += chance;
        }
        return rank;
    }

    static int NormalRank(int count, double alpha) =>
        (int)Math.Floor((count - NormalDistribution.Quantile(1 - alpha / 2) * Math.Sqrt(count)) / 2);

    internal static double OfSorted(double[] sorted)
    {
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
