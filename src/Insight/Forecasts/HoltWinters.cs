namespace PenguinMails.Insight.Forecasts;

/// <summary>Holt-Winters smoothing as it stands at the end of a series.</summary>
/// <param name="Alpha">Weight of the newest value in the level, 0 to 1.</param>
/// <param name="Beta">Weight of the newest change in the slope, 0 to 1.</param>
/// <param name="Gamma">Weight of the newest season, 0 to 1.</param>
/// <param name="SquaredError">Sum of squares of the one-step errors.</param>
/// <param name="Level">At the end.</param>
/// <param name="Slope">Change of the level a period, at the end.</param>
/// <param name="Season">Of the coming periods, the next first.</param>
/// <param name="Kind">How the season joins the level.</param>
/// <param name="ErrorVariance">Of the one-step errors around their mean.</param>
public sealed record HoltWintersFit(
    double Alpha, double Beta, double Gamma, double SquaredError, double Level, double Slope, IReadOnlyList<double> Season, SeasonKind Kind, double ErrorVariance)
{
    /// <summary>The coming periods.</summary>
    /// <param name="horizon">1 to 1,000.</param>
    /// <remarks>Errors as in R's predict for this method. For a season that multiplies, its weights begin with that of the
    /// level instead of 1, which makes them somewhat short: use <see cref="RollingOrigin"/> for what is shown to people.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">Horizon outside its range.</exception>
    public IReadOnlyList<ForecastPoint> Ahead(int horizon)
    {
        Horizon.Require(horizon);
        return [.. Enumerable.Range(1, horizon).Select(h => new ForecastPoint(h, MeanAt(h), Math.Sqrt(ErrorVariance * Spread(h))))];
    }

    double MeanAt(int h)
    {
        var season = Season[(h - 1) % Season.Count];
        return Kind == SeasonKind.Additive ? Level + h * Slope + season : (Level + h * Slope) * season;
    }

    double Spread(int h)
    {
        var period = Season.Count;
        double Weight(int j) => Alpha * (1 + j * Beta) + (j % period == 0 ? Gamma * (1 - Alpha) : 0);
        if (Kind == SeasonKind.Additive) return 1 + Enumerable.Range(1, h - 1).Sum(j => Weight(j) * Weight(j));
        var place = (h - 1) % period;
        double SeasonBack(int j) => Season[(place - j % period + period) % period];
        return Enumerable.Range(0, h).Sum(j => Math.Pow(Weight(j) * Season[place] / SeasonBack(j), 2));
    }
}

/// <summary>Level, slope and season, each smoothed by itself.</summary>
/// <remarks>
/// Holt 1957; Winters 1960, Management Science 6, 324-342. Starts from the decomposition of the first two cycles (its
/// trend by a straight line), weights by least squares of the one-step errors from 0.3, 0.1, 0.1, as R's HoltWinters.
/// </remarks>
public static class HoltWinters
{
    /// <summary>Fits the three weights.</summary>
    /// <param name="values">In time order, no NaN; at least two cycles and two values, at most <see cref="MannKendall.ObservationsMax"/>.</param>
    /// <param name="period">Periods in a cycle, at least 2.</param>
    /// <param name="kind">A multiplying season needs values above 0.</param>
    /// <exception cref="ArgumentException">Too few or too many values, NaN, a period below 2, or values at or below 0.</exception>
    public static HoltWintersFit Fit(IReadOnlyList<double> values, int period, SeasonKind kind)
    {
        var start = Start(values, period, kind);
        var found = NelderMead.Minimise(p => Run(values, period, kind, start, p[0], p[1], p[2]).SquaredError, [0.3, 0.1, 0.1], [0, 0, 0], [1, 1, 1]);
        return Run(values, period, kind, start, found.Point[0], found.Point[1], found.Point[2]);
    }

    /// <summary>Smooths with weights that are given.</summary>
    /// <param name="values">As <see cref="Fit"/>.</param>
    /// <param name="period">As <see cref="Fit"/>.</param>
    /// <param name="kind">As <see cref="Fit"/>.</param>
    /// <param name="alpha">Of the level, 0 to 1.</param>
    /// <param name="beta">Of the slope, 0 to 1.</param>
    /// <param name="gamma">Of the season, 0 to 1.</param>
    /// <exception cref="ArgumentException">As <see cref="Fit"/>, or a weight outside 0 to 1.</exception>
    public static HoltWintersFit Smooth(IReadOnlyList<double> values, int period, SeasonKind kind, double alpha, double beta, double gamma)
    {
        foreach (var weight in new[] { alpha, beta, gamma })
            if (!(weight >= 0 && weight <= 1)) throw new ArgumentOutOfRangeException(nameof(alpha), weight, "Weights lie between 0 and 1.");
        return Run(values, period, kind, Start(values, period, kind), alpha, beta, gamma);
    }

    static (double Level, double Slope, double[] Figure) Start(IReadOnlyList<double> values, int period, SeasonKind kind)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(period, 2);
        Horizon.RequireWhole(values, 2 * period + 2);
        if (kind == SeasonKind.Multiplicative && values.Any(value => value <= 0))
            throw new ArgumentException("A season that multiplies needs values above 0.", nameof(values));
        double[] first = [.. values.Take(2 * period)];
        var trend = Decomposition.Trend(first, period);
        var known = trend.Where(value => !double.IsNaN(value)).ToArray();
        var (intercept, slope) = Horizon.Line(known);
        return (intercept - slope, slope, Decomposition.Figure(first, trend, period, kind)); // The line's first place is 1.
    }

    static HoltWintersFit Run(
        IReadOnlyList<double> values, int period, SeasonKind kind, (double Level, double Slope, double[] Figure) start, double alpha, double beta, double gamma)
    {
        var (level, slope, season) = (start.Level, start.Slope, new Queue<double>(start.Figure));
        double squares = 0, sum = 0;
        var multiplies = kind == SeasonKind.Multiplicative;
        for (var i = period; i < values.Count; i++)
        {
            var old = season.Dequeue();
            var error = values[i] - (multiplies ? (level + slope) * old : level + slope + old);
            (squares, sum) = (squares + error * error, sum + error);
            var next = alpha * (multiplies ? values[i] / old : values[i] - old) + (1 - alpha) * (level + slope);
            slope = beta * (next - level) + (1 - beta) * slope;
            level = next;
            season.Enqueue(gamma * (multiplies ? values[i] / level : values[i] - level) + (1 - gamma) * old);
        }
        double n = values.Count - period;
        return new(alpha, beta, gamma, squares, level, slope, [.. season], kind, Math.Max(0, (squares - sum * sum / n) / (n - 1)));
    }
}
