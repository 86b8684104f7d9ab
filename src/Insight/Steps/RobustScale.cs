namespace PenguinMails.Insight.Steps;

/// <summary>Spread of the noise that neither outliers nor steps nor trends inflate.</summary>
/// <remarks>Hampel 1974, Journal of the American Statistical Association 69, 383-393: 1.4826 times the median distance
/// from the median estimates the standard deviation of normal noise; differences of neighbours spread √2 as much.</remarks>
public static class RobustScale
{
    const double NormalFactor = 1.4826;

    /// <summary>1.4826·median |x - median x|: one standard deviation of normal noise.</summary>
    /// <param name="values">At least one, no NaN.</param>
    /// <exception cref="ArgumentException">No value.</exception>
    public static double Of(IReadOnlyList<double> values)
    {
        var middle = Median.Of(values);
        return NormalFactor * Median.Of(values.Select(value => Math.Abs(value - middle)));
    }

    /// <summary>The same from the differences of neighbours, divided by √2: blind to steps and slow trends.</summary>
    /// <param name="values">In time order, at least two, no NaN.</param>
    /// <exception cref="ArgumentException">Fewer than two values.</exception>
    public static double OfDifferences(IReadOnlyList<double> values)
    {
        if (values.Count < 2) throw new ArgumentException("Needs two values.", nameof(values));
        return Of([.. values.Skip(1).Select((value, i) => value - values[i])]) / Math.Sqrt(2);
    }
}
