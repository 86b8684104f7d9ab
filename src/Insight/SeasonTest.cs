namespace PenguinMails.Insight;

/// <summary>Whether the places in a cycle differ: rank test on what the line leaves over.</summary>
/// <remarks>Kruskal and Wallis 1952, Journal of the American Statistical Association 47, 583-621, corrected for ties.</remarks>
public static class SeasonTest
{
    /// <summary>Chance of such differences between the seasons when there are none.</summary>
    /// <param name="values">On the calendar; NaN marks a missing period.</param>
    /// <param name="period">Periods in a cycle, at least 2.</param>
    /// <returns>0 to 1; 1 when every value is the same or a season is never seen.</returns>
    /// <exception cref="ArgumentException">A period below 2, or fewer than 3 numbers.</exception>
    public static double P(IReadOnlyList<double> values, int period)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(period, 2);
        var rest = WithoutLine(values);
        var at = Enumerable.Range(0, rest.Length).Where(i => !double.IsNaN(rest[i])).ToArray();
        var ranks = Autocorrelation.Ranks([.. at.Select(i => rest[i])]);
        double n = at.Length, sum = 0;
        foreach (var season in at.Select((i, k) => (Season: i % period, Rank: ranks[k])).GroupBy(one => one.Season))
            sum += Math.Pow(season.Sum(one => one.Rank), 2) / season.Count();
        var seasons = at.Select(i => i % period).Distinct().Count();
        var ties = ranks.GroupBy(rank => rank).Sum(group => Math.Pow(group.Count(), 3) - group.Count());
        var correction = 1 - ties / (n * n * n - n);
        if (seasons < period || correction <= 0) return 1;
        return GammaFunction.ChiSquareTail(Math.Max(0, (12 / (n * (n + 1)) * sum - 3 * (n + 1)) / correction), seasons - 1);
    }

    /// <summary>The series less the median of each season around its line.</summary>
    internal static double[] WithoutSeason(IReadOnlyList<double> values, int period)
    {
        var rest = WithoutLine(values);
        var middles = Enumerable.Range(0, period).Select(season =>
        {
            var own = rest.Where((value, i) => i % period == season && !double.IsNaN(value)).ToArray();
            return own.Length == 0 ? 0 : Median.Of(own);
        }).ToArray();
        var centre = middles.Average();
        return [.. values.Select((value, i) => value - middles[i % period] + centre)];
    }

    static double[] WithoutLine(IReadOnlyList<double> values)
    {
        var slope = TheilSen.Slope(values);
        return [.. values.Select((value, i) => value - slope * i)];
    }
}
