namespace PenguinMails.Insight.Forecasts;

/// <summary>A forecast whose intervals were tried on the past.</summary>
/// <param name="Points">The method's own forecast.</param>
/// <param name="Ranges">Intervals by past errors, one for each point.</param>
/// <param name="Factor">Mean width over that of the method's own intervals: above 1, the method was too sure of itself.</param>
/// <param name="Errors">Past forecasts behind it; 0 when the series was too short to try, and the ranges are the method's own.</param>
public sealed record CalibratedForecast(IReadOnlyList<ForecastPoint> Points, IReadOnlyList<Interval> Ranges, double Factor, int Errors);

/// <summary>Widens intervals until they would have held: forecasts are made from past origins and compared with what came.</summary>
/// <remarks>
/// Tashman 2000, International Journal of Forecasting 16, 437-450 (rolling origin); for each period ahead the quantile of
/// the absolute errors about as far ahead, each over its own standard error, with the small-sample rank of conformal
/// prediction, ⌈(m+1)(1-α)⌉ of m (Vovk and others 2005). Errors of one origin hang together, so the promise is about the
/// past, not exact. Never narrower than the method's own, and never narrower further ahead.
/// </remarks>
public static class RollingOrigin
{
    const int OriginsMax = 36;   // Each is a fit of its own; three years of months.
    const int ErrorsMin = 10;    // Below, a quantile says nothing.

    /// <summary>Forecasts and recalibrates.</summary>
    /// <param name="method">Fits the values it gets and forecasts so many periods.</param>
    /// <param name="values">In time order, no NaN.</param>
    /// <param name="horizon">1 to 1,000.</param>
    /// <param name="trainMin">Values the method needs; origins before are not tried.</param>
    /// <param name="alpha">Share of forecasts that may miss: 0.20 for what is shown to people.</param>
    /// <exception cref="ArgumentException">As the method, or alpha outside 0 to 1.</exception>
    public static CalibratedForecast Calibrate(
        Func<IReadOnlyList<double>, int, IReadOnlyList<ForecastPoint>> method, IReadOnlyList<double> values, int horizon, int trainMin, double alpha)
    {
        Interval.RequireAlpha(alpha);
        Horizon.Require(horizon);
        var points = method(values, horizon);
        var errors = Tried(method, values, horizon, trainMin);
        var normal = NormalDistribution.Quantile(1 - alpha / 2);
        if (errors.Count < ErrorsMin) return new(points, [.. points.Select(point => point.Range(alpha))], 1, 0);

        var ranges = new List<Interval>();
        double reach = 0, factors = 0;
        foreach (var point in points)
        {
            var deviations = Math.Max(normal, Quantile(About(errors, point.Ahead), alpha));
            reach = Math.Max(reach, deviations * point.StandardError);
            factors += point.StandardError > 0 ? reach / (normal * point.StandardError) : 1;
            ranges.Add(new(point.Mean - reach, point.Mean + reach));
        }
        return new(points, ranges, factors / points.Count, errors.Count);
    }

    // Errors two periods around, further when those are few.
    static List<double> About(List<(int Ahead, double Size)> errors, int ahead)
    {
        for (var reach = 2; ; reach *= 2)
        {
            var near = errors.Where(error => Math.Abs(error.Ahead - ahead) <= reach).Select(error => error.Size).ToList();
            if (near.Count >= ErrorsMin || reach > Horizon.Max) return near.Count >= ErrorsMin ? near : errors.ConvertAll(error => error.Size);
        }
    }

    /// <summary>Absolute past errors in standard errors.</summary>
    static List<(int Ahead, double Size)> Tried(Func<IReadOnlyList<double>, int, IReadOnlyList<ForecastPoint>> method, IReadOnlyList<double> values, int horizon, int trainMin)
    {
        var errors = new List<(int Ahead, double Size)>();
        for (var origin = Math.Max(trainMin, values.Count - OriginsMax); origin < values.Count; origin++)
        {
            var ahead = Math.Min(horizon, values.Count - origin);
            foreach (var point in method([.. values.Take(origin)], ahead))
            {
                var error = Math.Abs(values[origin + point.Ahead - 1] - point.Mean);
                if (error == 0) errors.Add((point.Ahead, 0));
                else if (point.StandardError > 0) errors.Add((point.Ahead, error / point.StandardError));
            }
        }
        return errors;
    }

    static double Quantile(List<double> errors, double alpha)
    {
        errors.Sort();
        return errors[Math.Min(errors.Count, (int)Math.Ceiling((errors.Count + 1) * (1 - alpha))) - 1];
    }
}
