using PenguinMails.Insight.Charts;

namespace PenguinMails.Cli.Verbs.Insight;

/// <summary>Control charts. Positions count from 1 over the rows that have a value.</summary>
static class ChartTests
{
    sealed record Marked(int Position, string Start, double Value, IReadOnlyList<RunRule> Rules);

    sealed record Individuals(double Mean, double MrMean, bool IsScreened, double Upl, double Lpl, double MrMeanUnscreened, double Ucl, double Lcl, IReadOnlyList<int> Special, IReadOnlyList<Marked> Points);

    sealed record Rated(int Position, string Start, double Rate, double Lcl, double Ucl);

    sealed record Proportions(double Center, double SigmaZ, double? Ucl, double? Lcl, IReadOnlyList<int> Out, IReadOnlyList<Rated> Points);

    sealed record Sums(double Target, double K, double H, double Sigma, IReadOnlyList<double> SHi, IReadOnlyList<double> SLo, IReadOnlyList<int> Alarms);

    sealed record Smoothed(double Center, double Lambda, double Sigma, IReadOnlyList<double> Ewma, double Ucl, double Lcl, IReadOnlyList<double> UclEach, IReadOnlyList<double> LclEach, IReadOnlyList<int> Out);

    /// <summary>Limits as the NHS draws them (upl, lpl: 2.66, screened where that leaves a range) and as NIST does (ucl, lcl: 3/1.128, not screened); rules by the first.</summary>
    public static object Xmr(SeriesFile file, TestOptions options)
    {
        var values = file.Known();
        var (screened, plain) = (IndividualsChart.Of(values, true, IndividualsChart.Factor), IndividualsChart.Of(values, false, IndividualsChart.ExactFactor));
        var rules = RunRules.Check(values, screened).ToLookup(one => one.Index, one => one.Rule);
        var starts = file.Rows.Zip(file.Values()).Where(one => !double.IsNaN(one.Second)).Select(one => one.First.Start).ToArray();
        return new Individuals(
            screened.Mean, screened.MovingRange, screened.IsScreened, screened.High, screened.Low, plain.MovingRange, plain.High, plain.Low,
            [.. rules.Select(group => group.Key + 1).Order()], [.. values.Select((value, i) => new Marked(i + 1, starts[i], value, [.. rules[i]]))]);
    }

    public static object P(SeriesFile file, TestOptions options)
    {
        var (hits, trials, rows) = file.Counts();
        return Of(ProportionChart.Plain(hits, trials), hits, trials, rows);
    }

    public static object LaneyP(SeriesFile file, TestOptions options)
    {
        var (hits, trials, rows) = file.Counts();
        return Of(ProportionChart.Laney(hits, trials, false), hits, trials, rows);
    }

    public static object CusumTest(SeriesFile file, TestOptions options)
    {
        var values = Enough(file, options);
        var (sigma, target) = (Sigma(values, options), options.Target ?? values.Average());
        if (sigma == 0 && options.Decision is null) throw new SeriesRefused($"{file.Path}: every value is like the one before, so there is no spread to decide by; give --k and --h.");
        var (slack, decision) = (options.Slack ?? 0.5 * sigma, options.Decision ?? 5 * sigma);
        var sums = Cusum.Of(values, target, slack, decision);
        return new Sums(target, slack, decision, sigma, sums.High, sums.Low, [.. sums.Alarms.Select(i => i + 1)]);
    }

    public static object EwmaTest(SeriesFile file, TestOptions options)
    {
        var values = Enough(file, options);
        var (sigma, centre, lambda) = (Sigma(values, options), options.Target ?? values.Average(), options.Lambda ?? 0.2);
        var chart = Ewma.Of(values, lambda, centre, sigma, options.Width ?? 3);
        return new Smoothed(centre, lambda, sigma, chart.Smoothed, chart.High, chart.Low, chart.HighEach, chart.LowEach, [.. chart.Outside.Select(i => i + 1)]);
    }

    // One value has no spread, unless it is given.
    static double[] Enough(SeriesFile file, TestOptions options) =>
        file.Known() is var values && values.Length >= (options.Sigma is null ? 2 : 1) ? values : throw new SeriesRefused($"{file.Path}: {values.Length} values, and a spread takes two; add periods, or give --sigma.");

    static Proportions Of(ProportionLimits limits, long[] hits, long[] trials, SeriesRow[] rows)
    {
        var same = trials.Distinct().Count() == 1;
        return new(
            limits.Centre, limits.SigmaZ, same ? limits.High[0] : null, same ? limits.Low[0] : null, [.. limits.Outside.Select(i => i + 1)],
            [.. rows.Select((row, i) => new Rated(i + 1, row.Start, (double)hits[i] / trials[i], limits.Low[i], limits.High[i]))]);
    }

    static double Sigma(double[] values, TestOptions options) =>
        options.Sigma ?? (values.Length < 2 ? 0 : IndividualsChart.Of(values, false, IndividualsChart.ExactFactor).MovingRange / 1.128);
}
