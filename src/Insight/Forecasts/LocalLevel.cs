namespace PenguinMails.Insight.Forecasts;

/// <summary>A level that wanders, seen through noise.</summary>
/// <param name="LevelVariance">Of the level's step from one period to the next, 0 or more.</param>
/// <param name="NoiseVariance">Of the noise around the level, 0 or more.</param>
/// <param name="Level">Best guess of the level in the last period.</param>
/// <param name="Uncertainty">Variance of that guess.</param>
public sealed record LocalLevelFit(double LevelVariance, double NoiseVariance, double Level, double Uncertainty)
{
    /// <summary>The coming periods: the last level, less sure the further ahead.</summary>
    /// <param name="horizon">1 to 1,000.</param>
    /// <exception cref="ArgumentOutOfRangeException">Horizon outside its range.</exception>
    public IReadOnlyList<ForecastPoint> Ahead(int horizon)
    {
        Horizon.Require(horizon);
        return [.. Enumerable.Range(1, horizon).Select(h => new ForecastPoint(h, Level, Math.Sqrt(Uncertainty + h * LevelVariance + NoiseVariance)))];
    }
}

/// <summary>Splits what a series does into a wandering level and noise.</summary>
/// <remarks>Durbin and Koopman 2001, Time Series Analysis by State Space Methods, chapter 2: Kalman filter from an unknown
/// start (the first value only places the level), variances by maximum likelihood, one of them concentrated out.</remarks>
public static class LocalLevel
{
    const double RatioMax = 18; // Of the logarithm: beyond, one of the two variances is nothing.

    /// <summary>Fits both variances.</summary>
    /// <param name="values">In time order, no NaN; 4 to <see cref="MannKendall.ObservationsMax"/>.</param>
    /// <exception cref="ArgumentException">Too few values, too many, or NaN among them.</exception>
    public static LocalLevelFit Fit(IReadOnlyList<double> values)
    {
        Horizon.RequireWhole(values, 4);
        if (values.All(value => value == values[0])) return new(0, 0, values[0], 0);
        var start = Enumerable.Range(-6, 13).Select(i => 1.5 * i).MinBy(ratio => Filter(values, Math.Exp(ratio)).Loss);
        var ratio = Math.Exp(NelderMead.Minimise(point => Filter(values, Math.Exp(point[0])).Loss, [start], [-RatioMax], [RatioMax]).Point[0]);
        var (_, noise, level, uncertainty) = Filter(values, ratio);
        return new(ratio * noise, noise, level, uncertainty * noise);
    }

    // Variances in units of the noise, whose own best value follows from the errors.
    static (double Loss, double Noise, double Level, double Uncertainty) Filter(IReadOnlyList<double> values, double ratio)
    {
        double level = values[0], spread = 1, squares = 0, logs = 0;
        for (var i = 1; i < values.Count; i++)
        {
            var total = spread + ratio + 1;
            var (error, gain) = (values[i] - level, (spread + ratio) / total);
            squares += error * error / total;
            logs += Math.Log(total);
            level += gain * error;
            spread = gain;
        }
        double n = values.Count - 1, noise = squares / n;
        return (n * Math.Log(noise) + logs, noise, level, spread);
    }
}
