using PenguinMails.Insight.Forecasts;

namespace PenguinMails.Cli.Verbs.Insight;

/// <summary>Forecasts with the method's own intervals and those its past errors ask for.</summary>
static class ForecastTests
{
    const int MonthsInYear = 12;
    const double ShownAlpha = 0.20;

    // No number where a method's spread is beyond what a number holds.
    sealed record Ahead(int Horizon, double? Mean, double? Low80, double? High80, double? Low95, double? High95, double? CalibratedLow80, double? CalibratedHigh80);

    sealed record Calibration(double? Factor, int Errors);

    sealed record Seasons(double Alpha, double Beta, double Gamma, double Sse, double Level, double Trend, IReadOnlyList<double> Season, IReadOnlyList<Ahead> Forecast, Calibration Calibration);

    sealed record Smoothed(
        double Alpha, double Beta, double Gamma, double Phi, double? Aicc, double Level, double Slope, IReadOnlyList<double> Season, IReadOnlyList<Ahead> Forecast, Calibration Calibration);

    sealed record Thetas(double Alpha, double Level, double Drift, double Sse, bool Seasonal, IReadOnlyList<double> Season, IReadOnlyList<Ahead> Forecast, Calibration Calibration);

    sealed record Dampeds(double Alpha, double Beta, double Phi, double Level, double Slope, double Sse, bool Seasonal, IReadOnlyList<double> Season, IReadOnlyList<Ahead> Forecast, Calibration Calibration);

    sealed record Levels(double LevelVariance, double NoiseVariance, double Level, IReadOnlyList<Ahead> Forecast, Calibration Calibration);

    public static object HoltWintersTest(SeriesFile file, TestOptions options)
    {
        var period = options.Period ?? MonthsInYear;
        var fit = HoltWinters.Fit(Whole(file), period, options.Season);
        var (ahead, calibration) = Tried((past, h) => HoltWinters.Fit(past, period, options.Season).Ahead(h), file, options.Horizon ?? period, 3 * period);
        return new Seasons(fit.Alpha, fit.Beta, fit.Gamma, fit.SquaredError, fit.Level, fit.Slope, fit.Season, ahead, calibration);
    }

    public static object EtsTest(SeriesFile file, TestOptions options)
    {
        var period = options.Period ?? MonthsInYear;
        var fit = Ets.Fit(Whole(file), period);
        var (ahead, calibration) = Tried((past, h) => Ets.Fit(past, period).Ahead(h), file, options.Horizon ?? period, Ets.CountMin(period));
        return new Smoothed(fit.Alpha, fit.Beta, fit.Gamma, fit.Phi, Told.Number(fit.Aicc), fit.Level, fit.Slope, fit.Season, ahead, calibration);
    }

    public static object ThetaTest(SeriesFile file, TestOptions options)
    {
        var period = options.Period ?? MonthsInYear;
        var fit = Theta.Fit(Whole(file), period);
        var (ahead, calibration) = Tried((past, h) => Theta.Fit(past, period).Ahead(h), file, options.Horizon ?? Math.Max(period, 1), Math.Max(8, 2 * period + 1));
        return new Thetas(fit.Smoothing.Alpha, fit.Smoothing.Level, fit.Drift, fit.Smoothing.SquaredError, fit.Season.Count > 0, fit.Season, ahead, calibration);
    }

    public static object Damped(SeriesFile file, TestOptions options)
    {
        var period = options.Period ?? MonthsInYear;
        var fit = DampedTrend.Fit(Whole(file), period);
        var (ahead, calibration) = Tried((past, h) => DampedTrend.Fit(past, period).Ahead(h), file, options.Horizon ?? period, Math.Max(12, 2 * period + 1));
        return new Dampeds(fit.Alpha, fit.Beta, fit.Phi, fit.Level, fit.Slope, fit.SquaredError, fit.Season.Count > 0, fit.Season, ahead, calibration);
    }

    public static object Local(SeriesFile file, TestOptions options)
    {
        var fit = LocalLevel.Fit(Whole(file));
        var (ahead, calibration) = Tried((past, h) => LocalLevel.Fit(past).Ahead(h), file, options.Horizon ?? MonthsInYear, 8);
        return new Levels(fit.LevelVariance, fit.NoiseVariance, fit.Level, ahead, calibration);
    }

    static double[] Whole(SeriesFile file)
    {
        var values = file.Values();
        var gap = Array.FindIndex(values, double.IsNaN);
        return gap < 0 ? values : throw file.Refuse(file.Rows[gap], "a forecast needs a series without gaps; fill the value in, or cut the series after it.");
    }

    static (IReadOnlyList<Ahead>, Calibration) Tried(Func<IReadOnlyList<double>, int, IReadOnlyList<ForecastPoint>> method, SeriesFile file, int horizon, int trainMin)
    {
        var tried = RollingOrigin.Calibrate(method, Whole(file), horizon, trainMin, ShownAlpha);
        return ([.. tried.Points.Select((point, i) =>
        {
            var (shown, wide) = (point.Range(ShownAlpha), point.Range(0.05));
            double?[] told = Told.Numbers([point.Mean, shown.Low, shown.High, wide.Low, wide.High, tried.Ranges[i].Low, tried.Ranges[i].High]);
            return new Ahead(point.Ahead, told[0], told[1], told[2], told[3], told[4], told[5], told[6]);
        })], new Calibration(Told.Number(tried.Factor), tried.Errors));
    }
}
