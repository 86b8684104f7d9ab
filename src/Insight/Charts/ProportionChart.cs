namespace PenguinMails.Insight.Charts;

/// <summary>Limits of a chart of proportions, point by point.</summary>
/// <param name="Centre">Pooled proportion.</param>
/// <param name="SigmaZ">Spread between periods over that of chance alone: 1 for the plain chart.</param>
/// <param name="Low">Lower limit of each point, cut off at 0.</param>
/// <param name="High">Upper limit of each point, cut off at 1.</param>
/// <param name="Outside">Positions of points beyond a limit, 0 for the first.</param>
public sealed record ProportionLimits(double Centre, double SigmaZ, IReadOnlyList<double> Low, IReadOnlyList<double> High, IReadOnlyList<int> Outside);

/// <summary>Charts of proportions: the plain one, and Laney's for rates that vary more than chance allows.</summary>
/// <remarks>
/// Plain: centre ± 3·sqrt(p(1-p)/n), Shewhart 1931. Laney 2002, Quality Engineering 14, 531-537: the same times the mean
/// moving range of the standardised proportions over 1.128. With many trials chance alone is tiny and the plain chart
/// cries wolf; that is what the second one is for.
/// </remarks>
public static class ProportionChart
{
    /// <summary>The plain chart (p).</summary>
    /// <param name="hits">Of each period, 0 to its trials.</param>
    /// <param name="trials">Of each period, at least 1.</param>
    /// <exception cref="ArgumentException">No period, lists of different length, or hits outside the trials.</exception>
    public static ProportionLimits Plain(IReadOnlyList<long> hits, IReadOnlyList<long> trials)
    {
        Require(hits, trials);
        return Limits(hits, trials, 1);
    }

    /// <summary>Laney's chart (p′).</summary>
    /// <param name="hits">As <see cref="Plain"/>; at least 2 periods.</param>
    /// <param name="trials">As <see cref="Plain"/>.</param>
    /// <param name="screen">True leaves out moving ranges above 3.267 times their mean, as <see cref="IndividualsChart"/>.</param>
    /// <exception cref="ArgumentException">As <see cref="Plain"/>, or fewer than 2 periods.</exception>
    public static ProportionLimits Laney(IReadOnlyList<long> hits, IReadOnlyList<long> trials, bool screen)
    {
        Require(hits, trials);
        if (hits.Count < 2) throw new ArgumentException("Needs two periods.", nameof(hits));
        var centre = (double)hits.Sum() / trials.Sum();
        if (centre is 0 or 1) return Limits(hits, trials, 1);
        var z = hits.Select((hit, i) => ((double)hit / trials[i] - centre) / Math.Sqrt(centre * (1 - centre) / trials[i])).ToArray();
        return Limits(hits, trials, IndividualsChart.MeanRange(z, screen).Mean / 1.128);
    }

    static ProportionLimits Limits(IReadOnlyList<long> hits, IReadOnlyList<long> trials, double sigmaZ)
    {
        var centre = (double)hits.Sum() / trials.Sum();
        var half = trials.Select(n => 3 * sigmaZ * Math.Sqrt(centre * (1 - centre) / n)).ToArray();
        double[] low = [.. half.Select(h => Math.Max(0, centre - h))], high = [.. half.Select(h => Math.Min(1, centre + h))];
        return new(centre, sigmaZ, low, high, [.. Enumerable.Range(0, hits.Count).Where(i => (double)hits[i] / trials[i] > high[i] || (double)hits[i] / trials[i] < low[i])]);
    }

    internal static void Require(IReadOnlyList<long> hits, IReadOnlyList<long> trials)
    {
        if (hits.Count == 0 || hits.Count != trials.Count) throw new ArgumentException("Each period needs hits and trials.", nameof(hits));
        for (var i = 0; i < hits.Count; i++)
            if (trials[i] < 1 || hits[i] < 0 || hits[i] > trials[i])
                throw new ArgumentException($"Period {i} has {hits[i]} hits of {trials[i]}.", nameof(hits));
    }
}
