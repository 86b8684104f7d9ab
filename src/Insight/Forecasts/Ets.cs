namespace PenguinMails.Insight.Forecasts;

/// <summary>ETS(M,Ad,M) as it stands at the end of a series.</summary>
/// <param name="Alpha">Weight of the newest error in the level, 0.0001 to 0.9999.</param>
/// <param name="Beta">Weight of the newest error in the slope, 0.0001 to <paramref name="Alpha"/>.</param>
/// <param name="Gamma">Weight of the newest error in the season, 0.0001 to 1 less <paramref name="Alpha"/>.</param>
/// <param name="Phi">What is left of the slope after each period, 0.8 to 0.98.</param>
/// <param name="Level">At the end.</param>
/// <param name="Slope">A period, at the end.</param>
/// <param name="Season">Factors of the coming periods, the next first.</param>
/// <param name="ErrorVariance">Sum of squares of the relative one-step errors, over the values less what is fitted.</param>
/// <param name="Aicc">Akaike's criterion for short series, up to a constant that R's forecast leaves out as well.</param>
public sealed record EtsFit(double Alpha, double Beta, double Gamma, double Phi, double Level, double Slope, IReadOnlyList<double> Season, double ErrorVariance, double Aicc)
{
    /// <summary>The coming periods, by the exact mean and variance of the model.</summary>
    /// <param name="horizon">1 to 1,000.</param>
    /// <remarks>Class 3 of Hyndman, Koehler, Ord and Snyder 2008, chapter 6. As R's forecast 8.20 the slope is whole in the
    /// first period ahead and damped from the second on; the equations damp the first as well. Where errors are larger than
    /// the values themselves the variance grows without bound; a standard error beyond what a number holds is infinite.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">Horizon outside its range.</exception>
    public IReadOnlyList<ForecastPoint> Ahead(int horizon)
    {
        Horizon.Require(horizon);
        var moments = new EtsMoments(this);
        return [.. Enumerable.Range(1, horizon).Select(moments.Next)];
    }
}

/// <summary>Errors that grow with the level, a slope that tires, a season that multiplies: for airline-like series.</summary>
/// <remarks>
/// Hyndman, Koehler, Ord and Snyder 2008, Forecasting with Exponential Smoothing. Weights and starts are those of the
/// highest likelihood that <see cref="NashSimplex"/> finds in 2,000 looks, from the classical decomposition and a straight
/// line through the first two cycles, as R's ets. Weights outside the region of Hyndman, Akram and Archibald 2008, Annals
/// of the Institute of Statistical Mathematics 60, 407-426, in which old errors fade, are not taken.
/// </remarks>
public static class Ets
{
    const double WeightMin = 1e-4;
    const double WeightMax = 0.9999;
    const double PhiMin = 0.8;
    const double PhiMax = 0.98;
    const int PeriodMax = 24;       // Each place in the cycle is fitted.
    const int EvaluationsMax = 2_000;
    const int Weights = 4;
    const double Perfect = -1e10;   // Below, there is no error left to be likely.

    /// <summary>Values that are needed: three cycles, and two more than are fitted and judged.</summary>
    /// <param name="period">Periods in a cycle.</param>
    public static int CountMin(int period) => Math.Max(3 * period, period + 8);

    /// <summary>Fits weights and starts.</summary>
    /// <param name="values">In time order, no NaN, above 0; <see cref="CountMin"/> to <see cref="MannKendall.ObservationsMax"/>.</param>
    /// <param name="period">Periods in a cycle, 2 to 24.</param>
    /// <exception cref="ArgumentException">Too few or too many values, NaN or values at or below 0, or a period outside its range.</exception>
    public static EtsFit Fit(IReadOnlyList<double> values, int period)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(period, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(period, PeriodMax);
        Horizon.RequireWhole(values, CountMin(period));
        if (values.Any(value => value <= 0)) throw new ArgumentException("A season that multiplies needs values above 0.", nameof(values));

        var found = NashSimplex.Minimise(point => Loss(values, period, point), Start(values, period), EvaluationsMax).Point;
        var (loss, squares, level, slope, season) = Run(values, period, found);
        double n = values.Count, fitted = found.Length + 1; // The variance is one of them.
        var aicc = loss + 2 * fitted + 2 * fitted * (fitted + 1) / (n - fitted - 1);
        return new(found[0], found[1], found[2], found[3], level, slope, [.. season.Select((_, i) => season[(values.Count + i) % period])], squares / (n - found.Length), aicc);
    }

    // Weights, level, slope, and the season's factors but the first, which brings their mean to 1.
    static double[] Start(IReadOnlyList<double> values, int period)
    {
        var figure = Decomposition.Figure(values, Decomposition.Trend(values, period), period, SeasonKind.Multiplicative);
        var (level, slope) = Horizon.Line([.. values.Take(Math.Max(10, 2 * period)).Select((value, i) => value / figure[i % period])]);
        var alpha = Between(WeightMin, WeightMax, 0.2 / period);
        return [alpha, Between(WeightMin, alpha, 0.1), Between(WeightMin, 1 - alpha, 0.05), Between(PhiMin, PhiMax, 0.99), level - slope, slope, .. figure[1..]];

        static double Between(double low, double high, double share) => low + share * (high - low);
    }

    static double Loss(IReadOnlyList<double> values, int period, double[] point)
    {
        double alpha = point[0], beta = point[1], gamma = point[2], phi = point[3];
        var within = alpha is >= WeightMin and <= WeightMax && beta >= WeightMin && beta <= alpha && gamma >= WeightMin && gamma <= 1 - alpha && phi is >= PhiMin and <= PhiMax;
        if (!within || !Fades(alpha, beta, gamma, phi, period) || point[(Weights + 2)..].Any(factor => factor < 0)) return double.PositiveInfinity;
        return Math.Max(Perfect, Run(values, period, point).Loss);
    }

    /// <summary>Whether the influence of an error dies away: all roots of the characteristic equation within the unit circle.</summary>
    /// <remarks>Schur and Cohn: reduced by one degree while the constant is smaller than the leading coefficient.</remarks>
    static bool Fades(double alpha, double beta, double gamma, double phi, int period)
    {
        var rest = alpha + beta - alpha * phi;
        double[] polynomial = [phi * (1 - alpha - gamma), rest + gamma - 1, .. Enumerable.Repeat(rest, period - 2), alpha + beta - phi, 1];
        for (var degree = period + 1; degree > 0; degree--)
        {
            var ratio = polynomial[0] / polynomial[degree];
            if (!(Math.Abs(ratio) < 1)) return false;
            polynomial = [.. Enumerable.Range(1, degree).Select(i => polynomial[i] - ratio * polynomial[degree - i])];
        }
        return true;
    }

    // Minus twice the logarithm of the likelihood, without its constant, and where the states end.
    static (double Loss, double Squares, double Level, double Slope, double[] Season) Run(IReadOnlyList<double> values, int period, double[] point)
    {
        double alpha = point[0], beta = point[1], gamma = point[2], phi = point[3], level = point[Weights], slope = point[Weights + 1];
        double[] factors = point[(Weights + 2)..], season = [period - factors.Sum(), .. factors];
        if (season[0] < 0) return (double.PositiveInfinity, 0, level, slope, season);
        double squares = 0, logs = 0;
        for (var i = 0; i < values.Count; i++)
        {
            var (reached, factor) = (level + phi * slope, season[i % period]);
            var error = values[i] / (reached * factor) - 1;
            squares += error * error;
            logs += Math.Log(Math.Abs(reached * factor));
            level = reached * (1 + alpha * error);
            slope = phi * slope + beta * reached * error;
            season[i % period] = factor * (1 + gamma * error);
        }
        return (values.Count * Math.Log(squares) + 2 * logs, squares, level, slope, season);
    }
}
