namespace PenguinMails.Insight.Forecasts;

/// <summary>One coming period.</summary>
/// <param name="Ahead">1 for the next period.</param>
/// <param name="Mean">What is expected.</param>
/// <param name="StandardError">Of the method itself, under its own model: too small in practice, see <see cref="RollingOrigin"/>.</param>
public readonly record struct ForecastPoint(int Ahead, double Mean, double StandardError)
{
    /// <summary>Interval under the model, normal.</summary>
    /// <param name="alpha">Share of forecasts that may miss.</param>
    /// <exception cref="ArgumentOutOfRangeException">Alpha outside 0 to 1.</exception>
    public Interval Range(double alpha)
    {
        Interval.RequireAlpha(alpha);
        var reach = NormalDistribution.Quantile(1 - alpha / 2) * StandardError;
        return new(Mean - reach, Mean + reach);
    }
}

/// <summary>Whether a season adds to the level or multiplies it.</summary>
public enum SeasonKind
{
    /// <summary>The same amount each year.</summary>
    Additive,

    /// <summary>The same share of the level each year; needs values above 0.</summary>
    Multiplicative,
}

/// <summary>Classical decomposition by moving averages.</summary>
/// <remarks>Kendall and Stuart 1983, The Advanced Theory of Statistics 3; an even period takes half weights at both ends.</remarks>
static class Decomposition
{
    /// <summary>Centred moving average over one cycle; NaN where it does not fit.</summary>
    internal static double[] Trend(IReadOnlyList<double> values, int period)
    {
        var half = period / 2;
        var trend = new double[values.Count];
        for (var i = 0; i < values.Count; i++)
        {
            if (i < half || i + half >= values.Count)
            {
                trend[i] = double.NaN;
                continue;
            }
            double sum = 0;
            for (var k = -half; k <= half; k++) sum += values[i + k] * (period % 2 == 0 && Math.Abs(k) == half ? 0.5 : 1);
            trend[i] = sum / period;
        }
        return trend;
    }

    /// <summary>The season's figure, one for each place in the cycle, summing to 0 or averaging 1.</summary>
    internal static double[] Figure(IReadOnlyList<double> values, double[] trend, int period, SeasonKind kind)
    {
        var figure = new double[period];
        for (var season = 0; season < period; season++)
        {
            var at = Enumerable.Range(0, values.Count).Where(i => i % period == season && !double.IsNaN(trend[i])).ToArray();
            figure[season] = at.Length == 0 ? double.NaN : at.Average(i => kind == SeasonKind.Additive ? values[i] - trend[i] : values[i] / trend[i]);
        }
        var mean = figure.Average();
        return [.. figure.Select(value => kind == SeasonKind.Additive ? value - mean : value / mean)];
    }
}

/// <summary>A series without its season, for methods that know none.</summary>
/// <param name="Plain">The series, each value over the factor of its season.</param>
/// <param name="Ahead">Factors of the coming periods, the next first; empty when there is no season.</param>
/// <remarks>As in the M3 and M4 competitions: classical multiplicative decomposition when the correlation at one cycle is
/// significant at 0.05 on one side, with more than two cycles and values above 0.</remarks>
sealed record SeasonalAdjustment(double[] Plain, double[] Ahead)
{
    internal static SeasonalAdjustment Of(IReadOnlyList<double> values, int period)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(period, 1);
        if (!IsSeasonal(values, period)) return new([.. values], []);
        var figure = Decomposition.Figure(values, Decomposition.Trend(values, period), period, SeasonKind.Multiplicative);
        if (figure.Any(factor => Math.Abs(factor) <= 1e-10)) return new([.. values], []);
        return new([.. values.Select((value, i) => value / figure[i % period])], [.. Enumerable.Range(0, period).Select(i => figure[(values.Count + i) % period])]);
    }

    // The correlation at one cycle must stand out of what the shorter ones explain.
    static bool IsSeasonal(IReadOnlyList<double> values, int period)
    {
        if (period < 2 || values.Count <= 2 * period || values.Any(value => value <= 0) || values.All(value => value == values[0])) return false;
        var correlations = Autocorrelation.Of(values, period);
        var spread = Math.Sqrt((1 + 2 * correlations[1..period].Sum(r => r * r)) / values.Count);
        return Math.Abs(correlations[period]) / spread > NormalDistribution.Quantile(0.95);
    }
}
