namespace PenguinMails.Insight.Trends;

/// <summary>How much a series remembers itself.</summary>
/// <remarks>Box and Jenkins 1970, Time Series Analysis: covariances divided by n, not by the pairs they are made of.</remarks>
public static class Autocorrelation
{
    /// <summary>r(k) = Σ(x(t)-m)(x(t+k)-m) / Σ(x(t)-m)².</summary>
    /// <param name="values">In time order, no NaN.</param>
    /// <param name="lagsMax">Highest lag wanted, 0 or more; lags beyond the series give nothing.</param>
    /// <returns>Index k holds r(k), index 0 holds 1; all 0 when every value is the same.</returns>
    public static double[] Of(IReadOnlyList<double> values, int lagsMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lagsMax);
        if (values.Count == 0) return [];
        var mean = values.Average();
        var rest = values.Select(value => value - mean).ToArray();
        var correlations = new double[Math.Min(lagsMax, values.Count - 1) + 1];
        for (var lag = 0; lag < correlations.Length; lag++)
            for (var i = lag; i < rest.Length; i++) correlations[lag] += rest[i] * rest[i - lag];
        var squares = correlations[0];
        for (var lag = 0; lag < correlations.Length; lag++) correlations[lag] = squares == 0 ? 0 : correlations[lag] / squares;
        return correlations;
    }

    /// <summary>Average ranks, 1 for the smallest; equal values share the mean of their places.</summary>
    internal static double[] Ranks(double[] values)
    {
        var order = Enumerable.Range(0, values.Length).ToArray();
        Array.Sort((double[])values.Clone(), order);
        var ranks = new double[values.Length];
        for (int start = 0, i = 1; i <= order.Length; i++)
        {
            if (i < order.Length && values[order[i]] == values[order[start]]) continue;
            for (var k = start; k < i; k++) ranks[order[k]] = (start + i + 1) / 2.0;
            start = i;
        }
        return ranks;
    }
}
