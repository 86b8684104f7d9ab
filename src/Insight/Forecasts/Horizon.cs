namespace PenguinMails.Insight.Forecasts;

/// <summary>What every forecast checks first, and the straight line they share.</summary>
static class Horizon
{
    internal const int Max = 1_000;

    internal static void Require(int horizon)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(horizon, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(horizon, Max);
    }

    internal static void RequireWhole(IReadOnlyList<double> values, int countMin)
    {
        if (values.Count < countMin || values.Count > MannKendall.ObservationsMax)
            throw new ArgumentException($"Needs {countMin} to {MannKendall.ObservationsMax} values, has {values.Count}.", nameof(values));
        if (!values.All(double.IsFinite)) throw new ArgumentException("A forecast needs a series without gaps.", nameof(values));
    }

    /// <summary>Least squares over places 0, 1, 2 …</summary>
    internal static (double Intercept, double Slope) Line(IReadOnlyList<double> values)
    {
        double n = values.Count, middle = (n - 1) / 2, mean = values.Average(), xy = 0, xx = 0;
        for (var i = 0; i < values.Count; i++)
        {
            xy += (i - middle) * (values[i] - mean);
            xx += (i - middle) * (i - middle);
        }
        var slope = xx == 0 ? 0 : xy / xx;
        return (mean - slope * middle, slope);
    }
}
