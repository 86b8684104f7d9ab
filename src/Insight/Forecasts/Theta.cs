namespace PenguinMails.Insight.Forecasts;

/// <summary>The Theta method at the end of a series.</summary>
/// <param name="Smoothing">Of the series without its season.</param>
/// <param name="Drift">Half the slope of the straight line, a period.</param>
/// <param name="Season">Factors of the coming periods, the next first; empty when the series has none.</param>
/// <param name="Count">Values fitted.</param>
public sealed record ThetaFit(SmoothingFit Smoothing, double Drift, IReadOnlyList<double> Season, int Count)
{
    /// <summary>The coming periods: smoothed level + drift·(h-1 + (1-(1-α)^n)/α), times the season.</summary>
    /// <param name="horizon">1 to 1,000.</param>
    /// <remarks>Standard error s·sqrt((h-1)α² + 1), without the season, as R's forecast.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">Horizon outside its range.</exception>
    public IReadOnlyList<ForecastPoint> Ahead(int horizon)
    {
        Horizon.Require(horizon);
        var alpha = Smoothing.Alpha;
        var lag = (1 - Math.Pow(1 - alpha, Count)) / alpha;
        return
        [
            .. Enumerable.Range(1, horizon).Select(h => new ForecastPoint(
                h,
                (Smoothing.Level + Drift * (h - 1 + lag)) * (Season.Count == 0 ? 1 : Season[(h - 1) % Season.Count]),
                Math.Sqrt(Smoothing.ErrorVariance * ((h - 1) * alpha * alpha + 1)))),
        ];
    }
}

/// <summary>Half the trend and a smoothed level: simple, and hard to beat over many kinds of series.</summary>
/// <remarks>
/// Assimakopoulos and Nikolopoulos 2000, International Journal of Forecasting 16, 521-530, in the form of Hyndman and
/// Billah 2003, the same journal 19, 287-290. The season is taken out by classical multiplicative decomposition when the
/// correlation at one cycle is significant at 0.05 on one side (as in the M3 competition) and the values allow it.
/// </remarks>
public static class Theta
{
    /// <summary>Fits level, drift and season.</summary>
    /// <param name="values">In time order, no NaN; 4 to <see cref="MannKendall.ObservationsMax"/>.</param>
    /// <param name="period">Periods in a cycle; 1 for none. A season needs more than two cycles and values above 0.</param>
    /// <exception cref="ArgumentException">Too few values, too many, NaN among them, or a period below 1.</exception>
    public static ThetaFit Fit(IReadOnlyList<double> values, int period)
    {
        Horizon.RequireWhole(values, 4);
        var season = SeasonalAdjustment.Of(values, period);
        return new(SimpleSmoothing.Fit(season.Plain), Horizon.Line(season.Plain).Slope / 2, season.Ahead, values.Count);
    }
}
