namespace PenguinMails.Insight.Charts;

/// <summary>Limits within which a process that does not change stays.</summary>
/// <param name="Mean">Centre line.</param>
/// <param name="MovingRange">Mean distance of neighbours; of those left after screening when that was asked for.</param>
/// <param name="Low">Lower limit; may lie below 0 also where a value cannot.</param>
/// <param name="High">Upper limit.</param>
/// <param name="IsScreened">Ranges that are no noise were left out; false where that was not asked for, or would have left no range above 0.</param>
public sealed record IndividualsLimits(double Mean, double MovingRange, double Low, double High, bool IsScreened);

/// <summary>The chart of individual values and moving ranges (XmR): is the latest point more than noise?</summary>
/// <remarks>
/// Shewhart 1931; Wheeler 1993, Understanding Variation: mean ± 2.66 times the mean moving range. Screening: Nelson 1982,
/// Journal of Quality Technology 14, 172-173: moving ranges above 3.267 times their mean are left out once. The NHS charts
/// do both. Where most values equal the one before, screening would leave nothing but zeros, and limits without a width
/// mark every value that moves: all ranges count then. NIST 6.3.2.2 does not screen and takes 3/1.128 = 2.6596.
/// </remarks>
public static class IndividualsChart
{
    /// <summary>Half width in mean moving ranges, as printed in most books.</summary>
    public const double Factor = 2.66;

    /// <summary>The same, not rounded: 3 / d2 with d2 = 1.128.</summary>
    public const double ExactFactor = 3 / 1.128;

    const double ScreenFactor = 3.267;

    /// <summary>Computes the limits.</summary>
    /// <param name="values">In time order; NaN is left out, with both of its ranges. At least 2 neighbours.</param>
    /// <param name="screen">True leaves out moving ranges that are no noise.</param>
    /// <param name="factor">Half width in mean moving ranges: <see cref="Factor"/> or <see cref="ExactFactor"/>.</param>
    /// <exception cref="ArgumentException">No two neighbouring values, or a factor not above 0.</exception>
    public static IndividualsLimits Of(IReadOnlyList<double> values, bool screen, double factor)
    {
        if (!(factor > 0)) throw new ArgumentOutOfRangeException(nameof(factor), factor, "Must be above 0.");
        var (range, isScreened) = MeanRange(values, screen);
        var mean = values.Where(value => !double.IsNaN(value)).Average();
        return new(mean, range, mean - factor * range, mean + factor * range, isScreened);
    }

    internal static (double Mean, bool IsScreened) MeanRange(IReadOnlyList<double> values, bool screen)
    {
        var ranges = Enumerable.Range(1, Math.Max(0, values.Count - 1)).Select(i => Math.Abs(values[i] - values[i - 1])).Where(range => !double.IsNaN(range)).ToArray();
        if (ranges.Length == 0) throw new ArgumentException("Needs two neighbouring values.", nameof(values));
        var mean = ranges.Average();
        var screened = screen ? ranges.Where(range => range <= ScreenFactor * mean).Average() : 0;
        return screened > 0 || (screen && mean == 0) ? (screened, true) : (mean, false);
    }
}
