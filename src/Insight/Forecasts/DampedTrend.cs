namespace PenguinMails.Insight.Forecasts;

/// <summary>A level with a slope that tires.</summary>
/// <param name="Alpha">Weight of the newest error in the level, 0.0001 to 0.9999.</param>
/// <param name="Beta">Weight of the newest error in the slope, 0 to <paramref name="Alpha"/>.</param>
/// <param name="Phi">What is left of the slope after each period, 0.8 to 0.98.</param>
/// <param name="Level">At the end.</param>
/// <param name="Slope">A period, at the end, before damping.</param>
/// <param name="SquaredError">Sum of squares of the one-step errors.</param>
/// <param name="ErrorVariance">That over the values less 5: three weights and two starts are fitted.</param>
/// <param name="Season">Factors of the coming periods, the next first; empty when the series has none.</param>
public sealed record DampedFit(double Alpha, double Beta, double Phi, double Level, double Slope, double SquaredError, double ErrorVariance, IReadOnlyList<double> Season)
{
    /// <summary>The coming periods: level + (φ + φ² + … + φ^h)·slope, times the season.</summary>
    /// <param name="horizon">1 to 1,000.</param>
    /// <remarks>Variance σ²·(1 + Σ (α + β(φ + … + φ^j))²) over j below h: Hyndman and others 2008, table 6.1.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">Horizon outside its range.</exception>
    public IReadOnlyList<ForecastPoint> Ahead(int horizon)
    {
        Horizon.Require(horizon);
        var points = new List<ForecastPoint>();
        double damped = 0, power = 1, spread = 1;
        for (var h = 1; h <= horizon; h++)
        {
            power *= Phi;
            damped += power;
            var season = Season.Count == 0 ? 1 : Season[(h - 1) % Season.Count];
            points.Add(new(h, (Level + damped * Slope) * season, Math.Sqrt(ErrorVariance * spread) * season));
            spread += Math.Pow(Alpha + Beta * damped, 2);
        }
        return points;
    }
}

/// <summary>Damped trend: the careful default.</summary>
/// <remarks>Gardner and McKenzie 1985, Management Science 31, 1237-1246; as ETS(A,Ad,N) of Hyndman and others 2008. For
/// given weights the errors are linear in both starts, which least squares then finds exactly.</remarks>
public static class DampedTrend
{
    /// <summary>Fits weights and starts by least squares.</summary>
    /// <param name="values">In time order, no NaN; 8 to <see cref="MannKendall.ObservationsMax"/>.</param>
    /// <param name="period">Periods in a cycle, taken out as <see cref="Theta"/> does; 1 for none.</param>
    /// <exception cref="ArgumentException">Too few values, too many, NaN among them, or a period below 1.</exception>
    public static DampedFit Fit(IReadOnlyList<double> values, int period)
    {
        Horizon.RequireWhole(values, 8);
        var season = SeasonalAdjustment.Of(values, period);
        return Fit(season.Plain) with { Season = season.Ahead };
    }

    static DampedFit Fit(double[] values)
    {
        var best = new[] { 0.1, 0.5, 0.9 }
            .Select(alpha => NelderMead.Minimise(point => Run(values, point).SquaredError, [alpha, 0.1, 0.95], [1e-4, 0, 0.8], [0.9999, 1, 0.98]))
            .MinBy(found => found.Value);
        return Run(values, best?.Point ?? [0.5, 0.1, 0.9]);
    }

    static DampedFit Run(IReadOnlyList<double> values, double[] point)
    {
        double alpha = point[0], beta = alpha * point[1], phi = point[2];
        var none = Errors(values, alpha, beta, phi, 0, 0).Errors;
        var byLevel = Errors(values, alpha, beta, phi, 1, 0).Errors;
        var bySlope = Errors(values, alpha, beta, phi, 0, 1).Errors;
        double ll = 0, ls = 0, ss = 0, l0 = 0, s0 = 0;
        for (var i = 0; i < none.Length; i++)
        {
            double l = none[i] - byLevel[i], s = none[i] - bySlope[i];
            (ll, ls, ss, l0, s0) = (ll + l * l, ls + l * s, ss + s * s, l0 + l * none[i], s0 + s * none[i]);
        }
        var determinant = ll * ss - ls * ls;
        var singular = !(Math.Abs(determinant) > 1e-12 * ll * ss);
        var (level, slope) = singular ? (l0 / ll, 0) : ((l0 * ss - s0 * ls) / determinant, (s0 * ll - l0 * ls) / determinant);
        var (errors, endLevel, endSlope) = Errors(values, alpha, beta, phi, level, slope);
        var squares = errors.Sum(error => error * error);
        return new(alpha, beta, phi, endLevel, endSlope, squares, squares / Math.Max(1, values.Count - 5), []);
    }

    static (double[] Errors, double Level, double Slope) Errors(IReadOnlyList<double> values, double alpha, double beta, double phi, double level, double slope)
    {
        var errors = new double[values.Count];
        for (var i = 0; i < values.Count; i++)
        {
            var expected = level + phi * slope;
            errors[i] = values[i] - expected;
            level = expected + alpha * errors[i];
            slope = phi * slope + beta * errors[i];
        }
        return (errors, level, slope);
    }
}
