namespace PenguinMails.Insight.Intervals;

/// <summary>By how much one group of values lies above another: the median of all differences between them.</summary>
/// <remarks>Hodges and Lehmann 1963, Annals of Mathematical Statistics 34, 598-611; interval by the ranks of Mann and Whitney 1947, normal from six values on each
/// side. Of normal values it needs a twentieth more than the means would, where medians need half as many again; a few wild ones hardly move it.</remarks>
public static class Shift
{
    /// <summary>Estimates the shift.</summary>
    /// <param name="before">At least one value, no NaN.</param>
    /// <param name="after">At least one value, no NaN.</param>
    /// <param name="alpha">Share of repetitions in which the interval may miss: 0.05 for 95 %.</param>
    /// <returns>After less before; the interval is null when there are too few values for the confidence asked for.</returns>
    /// <exception cref="ArgumentException">No values on one side, or alpha outside 0 to 1.</exception>
    public static (double Value, Interval? Interval) Of(IReadOnlyList<double> before, IReadOnlyList<double> after, double alpha)
    {
        Interval.RequireAlpha(alpha);
        if (before.Count == 0 || after.Count == 0) throw new ArgumentException("Needs values on both sides.", nameof(before));
        double[] differences = [.. after.SelectMany(_ => before, (late, early) => late - early).Order()];
        double n = differences.Length, spread = NormalDistribution.Quantile(1 - (alpha / 2)) * Math.Sqrt(n * (before.Count + after.Count + 1) / 12);
        var low = (int)Math.Floor((n / 2) - spread);
        return (Median.OfSorted(differences), low < 1 ? null : new(differences[low - 1], differences[^low]));
    }
}
