namespace PenguinMails.Insight.Steps;

/// <summary>Finds any number of steps at once, each worth its penalty.</summary>
/// <remarks>
/// Killick, Fearnhead and Eckley 2012, Journal of the American Statistical Association 107, 1590-1598, with the modified
/// Bayes penalty of Zhang and Siegmund 2007, Biometrics 63, 22-32: (p+2)·ln n for each break, and ln of its length for
/// each segment. Costs are minus twice the normal log-likelihood.
/// </remarks>
public static class Pelt
{
    /// <summary>Steps of the mean, noise of known spread.</summary>
    /// <param name="values">In time order, no NaN; 2 to <see cref="MannKendall.ObservationsMax"/>.</param>
    /// <param name="scale">Standard deviation of the noise, above 0. Without a fitting one every wiggle of a large
    /// series is a step (Nile with 1: 94 of them): take <see cref="RobustScale.OfDifferences"/>.</param>
    /// <returns>Observations before each break, ascending; empty when there is none.</returns>
    /// <exception cref="ArgumentException">Too few values, too many, or a scale not above 0.</exception>
    public static IReadOnlyList<int> Means(IReadOnlyList<double> values, double scale)
    {
        if (!(scale > 0 && double.IsFinite(scale))) throw new ArgumentOutOfRangeException(nameof(scale), scale, "Must be above 0.");
        var sums = new Sums(values);
        return Partition(values.Count, 1, 3 * Math.Log(values.Count), (from, to) => sums.Squares(from, to) / (scale * scale) + Math.Log(to - from));
    }

    /// <summary>Steps of mean, spread or both.</summary>
    /// <param name="values">As <see cref="Means"/>; at least 4.</param>
    /// <param name="segmentMin">Observations in a segment, at least 2.</param>
    /// <returns>As <see cref="Means"/>.</returns>
    /// <exception cref="ArgumentException">Too few values, too many, or segments below 2.</exception>
    public static IReadOnlyList<int> MeansAndVariances(IReadOnlyList<double> values, int segmentMin)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(segmentMin, 2);
        var sums = new Sums(values);
        return Partition(values.Count, segmentMin, 4 * Math.Log(values.Count), (from, to) =>
        {
            double n = to - from, variance = Math.Max(sums.Squares(from, to) / n, 1e-11);
            return n * (Math.Log(2 * Math.PI) + Math.Log(variance) + 1) + Math.Log(n);
        });
    }

    static List<int> Partition(int count, int segmentMin, double penalty, Func<int, int, double> cost)
    {
        if (count < 2 * segmentMin) throw new ArgumentException($"Needs {2 * segmentMin} values, has {count}.", nameof(count));
        var best = new double[count + 1];
        var last = new int[count + 1];
        best[0] = -penalty;
        for (var end = segmentMin; end < 2 * segmentMin; end++) best[end] = cost(0, end);
        var candidates = new List<int> { 0, segmentMin };
        for (var end = 2 * segmentMin; end <= count; end++)
        {
            var costs = candidates.ConvertAll(start => best[start] + cost(start, end) + penalty);
            best[end] = costs.Min();
            last[end] = candidates[costs.IndexOf(best[end])];
            var limit = best[end] + penalty; // A start that is worse by a whole penalty is never the last break again.
            candidates = [.. candidates.Where((_, i) => costs[i] <= limit), end - segmentMin + 1];
        }
        var breaks = new List<int>();
        for (var at = last[count]; at > 0; at = last[at]) breaks.Insert(0, at);
        return breaks;
    }

    sealed class Sums
    {
        readonly double[] _values;
        readonly double[] _squares;

        public Sums(IReadOnlyList<double> values)
        {
            if (values.Any(double.IsNaN)) throw new ArgumentException("Leave missing values out first.", nameof(values));
            var mean = MannKendall.Known(values).Average(); // Around the mean, so that squares of a high level do not cancel.
            (_values, _squares) = (new double[values.Count + 1], new double[values.Count + 1]);
            for (var i = 0; i < values.Count; i++)
            {
                var value = values[i] - mean;
                (_values[i + 1], _squares[i + 1]) = (_values[i] + value, _squares[i] + value * value);
            }
        }

        public double Squares(int from, int to)
        {
            var sum = _values[to] - _values[from];
            return Math.Max(0, _squares[to] - _squares[from] - sum * sum / (to - from));
        }
    }
}
