using PenguinMails.Insight.Steps;

namespace PenguinMails.Insight.Charts;

/// <summary>Names single values that stand far out of their neighbours; they are shown, never deleted.</summary>
/// <remarks>Hampel 1974; Pearson 2002, IEEE Transactions on Control Systems Technology 10, 55-63: further than three robust
/// standard deviations from the median of the seven values around. A window without spread flags nothing.</remarks>
public static class Hampel
{
    const int Reach = 3; // Neighbours on each side.
    const double Deviations = 3;

    /// <summary>Positions of the values that stand out, 0 for the first.</summary>
    /// <param name="values">In time order; NaN is never flagged and left out of the windows.</param>
    public static IReadOnlyList<int> Flag(IReadOnlyList<double> values) => [.. Enumerable.Range(0, values.Count).Where(i => StandsOut(values, i))];

    static bool StandsOut(IReadOnlyList<double> values, int i)
    {
        if (double.IsNaN(values[i])) return false;
        var from = Math.Max(0, i - Reach);
        var window = Enumerable.Range(from, Math.Min(values.Count - 1, i + Reach) - from + 1).Select(k => values[k]).Where(value => !double.IsNaN(value)).ToArray();
        var spread = RobustScale.Of(window);
        return spread > 0 && Math.Abs(values[i] - Median.Of(window)) > Deviations * spread;
    }
}
