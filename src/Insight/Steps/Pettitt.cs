namespace PenguinMails.Insight.Steps;

/// <summary>Outcome of Pettitt's test.</summary>
/// <param name="Break">Observations before the change: 28 when it lies between the 28th and the 29th.</param>
/// <param name="U">Largest rank sum, without its sign.</param>
/// <param name="P">Two-sided, approximate; at most 1.</param>
/// <param name="Rises">True when the later values are the larger ones.</param>
public sealed record PettittResult(int Break, double U, double P, bool Rises);

/// <summary>Rank test for one change of level at an unknown time.</summary>
/// <remarks>
/// Pettitt 1979, Applied Statistics 28, 126-135: U(t) = 2 Σ R(i) - t(n+1) over the first t ranks, K = max |U(t)|,
/// p = 2 exp(-6K²/(n³+n²)). It assumes independent observations and reacts to a steady trend as well.
/// </remarks>
public static class Pettitt
{
    /// <summary>Finds the most likely change and how likely it is by chance.</summary>
    /// <param name="values">In time order, no NaN. 2 to <see cref="MannKendall.ObservationsMax"/>.</param>
    /// <exception cref="ArgumentException">Too few values, too many, or NaN among them.</exception>
    public static PettittResult Test(IReadOnlyList<double> values)
    {
        if (values.Any(double.IsNaN)) throw new ArgumentException("Leave missing values out first.", nameof(values));
        var ranks = Autocorrelation.Ranks(MannKendall.Known(values));
        double n = ranks.Length, sum = 0, top = 0;
        var at = 1;
        for (var t = 1; t < ranks.Length; t++)
        {
            sum += ranks[t - 1];
            var u = 2 * sum - t * (n + 1);
            if (Math.Abs(u) <= Math.Abs(top)) continue;
            (top, at) = (u, t);
        }
        return new(at, Math.Abs(top), Math.Min(1, 2 * Math.Exp(-6 * top * top / (n * n * n + n * n))), top < 0);
    }
}
