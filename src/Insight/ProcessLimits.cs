using PenguinMails.Insight.Charts;

namespace PenguinMails.Insight;

/// <summary>Centre and limits of every period around what the series is claimed to do.</summary>
/// <param name="Centre">On the calendar, the scale that is shown.</param>
/// <param name="Low">Lower limits.</param>
/// <param name="High">Upper limits.</param>
/// <param name="Range">Mean moving range of what is left over.</param>
/// <param name="IsScreened">Ranges that are no noise were left out of it, as far as that left any above 0.</param>
sealed record ProcessLimits(double[] Centre, double[] Low, double[] High, double Range, bool IsScreened)
{
    internal static ProcessLimits Of(PreparedSeries series, MetricSpec metric, double[] centre)
    {
        if (!metric.IsRate)
        {
            var (range, isScreened) = MeanRange([.. series.Values.Select((value, i) => value - centre[i])]);
            return new(centre, [.. centre.Select(c => c - IndividualsChart.Factor * range)], [.. centre.Select(c => c + IndividualsChart.Factor * range)], range, isScreened);
        }
        // Laney's way: in units of what chance alone would do with so many trials.
        var middles = centre.Select(c => Math.Clamp(c, 0, 1)).ToArray();
        var chance = Chance(series, metric, middles);
        var (mean, screened) = MeanRange([.. series.Values.Select((value, i) => chance[i] == 0 ? double.NaN : (value - middles[i]) / chance[i])]);
        var spread = mean / 1.128;
        return new(middles, [.. middles.Select((c, i) => Math.Max(0, c - 3 * spread * chance[i]))], [.. middles.Select((c, i) => Math.Min(1, c + 3 * spread * chance[i]))], spread, screened);
    }

    /// <summary>Breaks of the rules; positions on the calendar.</summary>
    internal IReadOnlyList<RuleBreak> Rules(PreparedSeries series)
    {
        var at = Enumerable.Range(0, series.Values.Length).Where(i => !double.IsNaN(series.Values[i])).ToArray();
        double[] Of(double[] all) => [.. at.Select(i => all[i])];
        return [.. RunRules.Check(Of(series.Values), Of(Centre), Of(Low), Of(High)).Select(one => new RuleBreak(one.Rule, at[one.Index]))];
    }

    static (double Mean, bool IsScreened) MeanRange(double[] rest)
    {
        var known = rest.Where(value => !double.IsNaN(value)).ToArray();
        return known.Length < 2 ? (0, false) : IndividualsChart.MeanRange(known, true);
    }

    static double[] Chance(PreparedSeries series, MetricSpec metric, double[] middles)
    {
        var usual = series.Points.Average(point => (double)point.Denominator.GetValueOrDefault(1));
        var trials = new double[middles.Length];
        Array.Fill(trials, usual);
        foreach (var point in series.Points) trials[metric.Grain.Between(series.Points[0].Start, point.Start)] = point.Denominator.GetValueOrDefault(1);
        var pooled = (double)series.Points.Sum(point => point.Numerator.GetValueOrDefault()) / series.Points.Sum(point => point.Denominator.GetValueOrDefault());
        return [.. middles.Select((c, i) => Math.Sqrt((c is > 0 and < 1 ? c * (1 - c) : pooled * (1 - pooled)) / trials[i]))];
    }
}
