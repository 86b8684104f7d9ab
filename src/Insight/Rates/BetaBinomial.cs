using PenguinMails.Insight.Charts;
using PenguinMails.Insight.Forecasts;

namespace PenguinMails.Insight.Rates;

/// <summary>What is believed of a rate before its own counts are seen: a beta distribution.</summary>
/// <param name="Alpha">Hits it is worth, above 0.</param>
/// <param name="Beta">Misses it is worth, above 0.</param>
/// <param name="IsPooled">True when the units do not differ beyond chance: the fit ran away and every unit gets the common rate.</param>
public sealed record BetaPrior(double Alpha, double Beta, bool IsPooled)
{
    /// <summary>The common rate.</summary>
    public double Mean => Alpha / (Alpha + Beta);

    /// <summary>The rate of one unit, drawn towards the common one the more, the fewer its trials: (x+α)/(n+α+β).</summary>
    /// <param name="hits">0 to <paramref name="trials"/>.</param>
    /// <param name="trials">0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">Hits outside the trials.</exception>
    public double Posterior(long hits, long trials)
    {
        Require(hits, trials);
        return (hits + Alpha) / (trials + Alpha + Beta);
    }

    /// <summary>Central interval of that rate: quantiles of Beta(x+α, n-x+β).</summary>
    /// <param name="hits">As <see cref="Posterior"/>.</param>
    /// <param name="trials">As <see cref="Posterior"/>.</param>
    /// <param name="alpha">Chance that the rate lies outside.</param>
    /// <exception cref="ArgumentOutOfRangeException">Hits outside the trials, alpha outside 0 to 1.</exception>
    public Interval PosteriorInterval(long hits, long trials, double alpha)
    {
        Require(hits, trials);
        Interval.RequireAlpha(alpha);
        double a = hits + Alpha, b = trials - hits + Beta;
        return new(BetaFunction.Quantile(alpha / 2, a, b), BetaFunction.Quantile(1 - alpha / 2, a, b));
    }

    static void Require(long hits, long trials)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(hits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hits, trials);
    }
}

/// <summary>Empirical Bayes for many small rates: domains, campaigns, tenants learn from each other.</summary>
/// <remarks>
/// Beta-binomial likelihood, Skellam 1948, Journal of the Royal Statistical Society B 10, 257-261; shrinkage as in Robbins
/// 1956 and Efron and Morris 1975. When the units differ no more than chance, the likelihood rises for ever with α+β; above
/// <see cref="StrengthMax"/> the fit is given up for the pooled rate, and says so.
/// </remarks>
public static class BetaBinomial
{
    /// <summary>Largest α+β taken for a fit.</summary>
    public const double StrengthMax = 1e5;

    /// <summary>Most likely prior over the units.</summary>
    /// <param name="hits">Of each unit, 0 to its trials.</param>
    /// <param name="trials">Of each unit, at least 1; at least 2 units.</param>
    /// <returns>Pooled when no unit, or every trial, is a hit, or when the fit diverges.</returns>
    /// <exception cref="ArgumentException">Fewer than 2 units, or hits outside the trials.</exception>
    public static BetaPrior Fit(IReadOnlyList<long> hits, IReadOnlyList<long> trials)
    {
        ProportionChart.Require(hits, trials);
        if (hits.Count < 2) throw new ArgumentException("Needs two units.", nameof(hits));
        long allHits = hits.Sum(), allTrials = trials.Sum();
        if (allHits == 0 || allHits == allTrials) return Pooled(allHits, allTrials);

        var rate = (double)allHits / allTrials;
        double[] start = [Math.Log(rate / (1 - rate)), Math.Log(StartStrength(hits, trials, rate))];
        var found = NelderMead.Minimise(point => -LogLikelihood(hits, trials, point), start, [-35, -10], [35, Math.Log(100 * StrengthMax)]);
        var (mean, strength) = (1 / (1 + Math.Exp(-found.Point[0])), Math.Exp(found.Point[1]));
        return strength > StrengthMax ? Pooled(allHits, allTrials) : new(mean * strength, (1 - mean) * strength, false);
    }

    static BetaPrior Pooled(long hits, long trials)
    {
        var rate = (hits + 0.5) / (trials + 1.0); // Half a hit, so that no rate is taken for impossible.
        return new(rate * StrengthMax, (1 - rate) * StrengthMax, true);
    }

    // From the moments: spread between units beyond that of chance.
    static double StartStrength(IReadOnlyList<long> hits, IReadOnlyList<long> trials, double rate)
    {
        var dispersion = Overdispersion.Binomial(hits, trials).Ratio;
        var size = trials.Average();
        return dispersion > 1.01 ? Math.Clamp((size - dispersion) / (dispersion - 1), 0.5, 1e4) : 1e4;
    }

    static double LogLikelihood(IReadOnlyList<long> hits, IReadOnlyList<long> trials, double[] point)
    {
        double mean = 1 / (1 + Math.Exp(-point[0])), strength = Math.Exp(point[1]);
        double a = Math.Max(mean * strength, 1e-300), b = Math.Max((1 - mean) * strength, 1e-300), sum = 0;
        for (var i = 0; i < hits.Count; i++) sum += BetaFunction.Log(hits[i] + a, trials[i] - hits[i] + b) - BetaFunction.Log(a, b);
        return sum;
    }
}
