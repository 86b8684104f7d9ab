using PenguinMails.Insight.Charts;

namespace PenguinMails.Insight.Rates;

/// <summary>Whether counts vary more than chance alone would make them.</summary>
/// <param name="Statistic">D: sum of squared standardised deviations.</param>
/// <param name="Freedom">Degrees of freedom: counts less one.</param>
/// <param name="P">Chance of at least this much variation under the model; 1 when every count is certain.</param>
/// <param name="Ratio">D over its degrees of freedom: about 1 when chance is all there is.</param>
public sealed record OverdispersionResult(double Statistic, int Freedom, double P, double Ratio);

/// <summary>Chi-square test of dispersion.</summary>
/// <remarks>
/// Wetherill and Brown 1991, Statistical Process Control, pp. 212-218: D = s²/σ²·(n-1) with σ² of the model, against
/// chi-square with n-1 degrees of freedom; with unequal trials Σ (x-np)²/(np(1-p)), which is the same for equal ones.
/// </remarks>
public static class Overdispersion
{
    /// <summary>Against the binomial model.</summary>
    /// <param name="hits">0 to the trials of the same place.</param>
    /// <param name="trials">At least 1 each; at least 2 pairs.</param>
    /// <exception cref="ArgumentException">Fewer than 2 pairs, or hits outside the trials.</exception>
    public static OverdispersionResult Binomial(IReadOnlyList<long> hits, IReadOnlyList<long> trials)
    {
        ProportionChart.Require(hits, trials);
        var rate = (double)hits.Sum() / trials.Sum();
        return Of(hits.Select((hit, i) => Squared(hit - trials[i] * rate) / (trials[i] * rate * (1 - rate))), hits.Count, rate is 0 or 1);
    }

    /// <summary>Against the Poisson model.</summary>
    /// <param name="counts">0 or more each; at least 2.</param>
    /// <exception cref="ArgumentException">Fewer than 2 counts, or one below 0.</exception>
    public static OverdispersionResult Poisson(IReadOnlyList<long> counts)
    {
        if (counts.Any(count => count < 0)) throw new ArgumentException("Counts are 0 or more.", nameof(counts));
        var mean = counts.Count == 0 ? 0 : counts.Average();
        return Of(counts.Select(count => Squared(count - mean) / mean), counts.Count, mean == 0);
    }

    static OverdispersionResult Of(IEnumerable<double> parts, int count, bool certain)
    {
        if (count < 2) throw new ArgumentException($"Needs 2 counts, has {count}.", nameof(count));
        if (certain) return new(0, count - 1, 1, 0);
        var statistic = parts.Sum();
        return new(statistic, count - 1, GammaFunction.ChiSquareTail(statistic, count - 1), statistic / (count - 1));
    }

    static double Squared(double value) => value * value;
}
