namespace PenguinMails.Insight.Forecasts;

/// <summary>Means and second moments of what is to come under ETS(M,Ad,M), period by period.</summary>
/// <remarks>
/// Level and slope always stand beside a factor of the season, so what is kept are the expectations of level·factor and
/// slope·factor, and of their squares for each two factors. One period: reached = level + slope, level = reached·(1 + αε),
/// slope = φ·slope + β·reached·ε, factor = factor·(1 + γε), with ε normal: E ε² = σ², E ε⁴ = 3σ⁴.
/// </remarks>
sealed class EtsMoments
{
    readonly record struct Mean(double Level, double Slope);

    readonly record struct Squared(double Level, double Mixed, double Slope)
    {
        public double Reached => Level + 2 * Mixed + Slope;
    }

    readonly EtsFit _fit;
    readonly Mean[] _means;
    readonly Squared[,] _squares;

    public EtsMoments(EtsFit fit)
    {
        _fit = fit;
        var period = fit.Season.Count;
        _means = [.. fit.Season.Select(factor => new Mean(fit.Level * factor, fit.Slope * factor))];
        _squares = new Squared[period, period];
        for (var i = 0; i < period; i++)
            for (var k = 0; k < period; k++)
                _squares[i, k] = new(_means[i].Level * _means[k].Level, _means[i].Level * _means[k].Slope, _means[i].Slope * _means[k].Slope);
    }

    /// <summary>The coming period; each call goes one further.</summary>
    /// <param name="ahead">1, then 2 and so on.</param>
    public ForecastPoint Next(int ahead)
    {
        var place = (ahead - 1) % _means.Length;
        var mean = _means[place].Level + _means[place].Slope;
        var variance = (1 + _fit.ErrorVariance) * _squares[place, place].Reached - mean * mean;
        for (var i = 0; i < _means.Length; i++)
        {
            _means[i] = Step(_means[i], i == place);
            for (var k = 0; k < _means.Length; k++) _squares[i, k] = Step(_squares[i, k], (i == place ? 1 : 0) + (k == place ? 1 : 0));
        }
        return new(ahead, mean, double.IsFinite(variance) ? Math.Sqrt(Math.Max(0, variance)) : double.PositiveInfinity);
    }

    Mean Step(Mean mean, bool isNext)
    {
        var moved = isNext ? _fit.Gamma * _fit.ErrorVariance * (mean.Level + mean.Slope) : 0;
        return new(mean.Level + mean.Slope + _fit.Alpha * moved, _fit.Phi * mean.Slope + _fit.Beta * moved);
    }

    // By powers of ε: what is carried on, what the error changes once, and twice; each times what the factors that stood
    // beside it (of none, one or both places) bring along.
    Squared Step(Squared was, int factors)
    {
        var (alpha, beta, gamma, phi, variance) = (_fit.Alpha, _fit.Beta, _fit.Gamma, _fit.Phi, _fit.ErrorVariance);
        var (reached, slope) = (was.Reached, phi * (was.Mixed + was.Slope));
        var both = factors == 2 ? gamma * gamma * variance : 0;
        var (carried, once, twice) = (1 + both, factors * gamma * variance, variance * (1 + 3 * both));
        return new(
            carried * reached + once * 2 * alpha * reached + twice * alpha * alpha * reached,
            carried * slope + once * (beta * reached + alpha * slope) + twice * alpha * beta * reached,
            carried * phi * phi * was.Slope + once * 2 * beta * slope + twice * beta * beta * reached);
    }
}
