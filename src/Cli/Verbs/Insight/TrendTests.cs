using PenguinMails.Insight.Trends;

namespace PenguinMails.Cli.Verbs.Insight;

/// <summary>The Mann-Kendall family and its slopes, under the names of the common Python package.</summary>
static class TrendTests
{
    const int MonthsInYear = 12;

    sealed record Family(string Trend, bool H, double? P, double? Z, double Tau, double S, double VarS, double? Slope, double? Intercept, int N);

    sealed record Sen(double Slope, double Intercept, double? Low, double? High, int N);

    public static object Original(SeriesFile file, TestOptions options) => Of(file, MannKendall.Test(file.Values(), options.Alpha), options);

    public static object PreWhitened(SeriesFile file, TestOptions options) => Of(file, PreWhitening.Test(file.Values(), options.Alpha), options);

    public static object TrendFree(SeriesFile file, TestOptions options) => Of(file, PreWhitening.TestTrendFree(file.Values(), options.Alpha), options);

    public static object HamedRaoTest(SeriesFile file, TestOptions options) => Of(file, HamedRao.Test(file.Values(), options.Alpha, options.Lag), options);

    public static object YueWangTest(SeriesFile file, TestOptions options) => Of(file, YueWang.Test(file.Values(), options.Alpha, options.Lag), options);

    public static object Seasonal(SeriesFile file, TestOptions options) =>
        Told(SeasonalMannKendall.Test(file.Values(), Period(options), options.Alpha), SeasonalSlope.Fit(file.Values(), Period(options), options.Alpha));

    public static object CorrelatedSeasonal(SeriesFile file, TestOptions options) =>
        Told(SeasonalMannKendall.TestCorrelated(file.Values(), Period(options), options.Alpha), SeasonalSlope.Fit(file.Values(), Period(options), options.Alpha));

    public static object Regional(SeriesFile file, TestOptions options) => Told(RegionalMannKendall.Test(Columns(file), options.Alpha), InTurn(file, options));

    public static object CorrelatedRegional(SeriesFile file, TestOptions options) => Told(RegionalMannKendall.TestCorrelated(Columns(file), options.Alpha), InTurn(file, options));

    public static object Partial(SeriesFile file, TestOptions options)
    {
        if (file.Columns.Count != 2) throw new SeriesRefused($"{file.Path}:1: mk-partial needs the columns start,value,covariate; it has start,{string.Join(',', file.Columns)}.");
        var columns = Columns(file);
        return Told(PartialMannKendall.Test(columns[0], columns[1], options.Alpha), TheilSen.Fit(columns[0], options.Alpha));
    }

    public static object Sens(SeriesFile file, TestOptions options) => Line(TheilSen.Fit(file.Values(), options.Alpha), file);

    public static object SensSeasonal(SeriesFile file, TestOptions options) => Line(SeasonalSlope.Fit(file.Values(), Period(options), options.Alpha), file);

    static int Period(TestOptions options) => options.Period ?? MonthsInYear;

    static double[][] Columns(SeriesFile file) => [.. file.Columns.Select((_, k) => file.Rows.Select(row => row.Numbers[k]).ToArray())];

    // The common slope compares each site with itself, as seasons do.
    static TheilSenLine InTurn(SeriesFile file, TestOptions options) =>
        SeasonalSlope.Fit([.. file.Rows.SelectMany(row => row.Numbers)], file.Columns.Count, options.Alpha);

    static Family Of(SeriesFile file, MannKendallResult result, TestOptions options) => Told(result, TheilSen.Fit(file.Values(), options.Alpha));

    static Family Told(MannKendallResult result, TheilSenLine line) => new(
        result.Trend switch { Trend.Rising => "increasing", Trend.Falling => "decreasing", Trend.None => "no trend" }, result.IsTrend,
        Insight.Told.Number(result.P), Insight.Told.Number(result.Z), result.Tau, result.S, result.Variance, line.Slope, line.Intercept, result.Count);

    static Sen Line(TheilSenLine line, SeriesFile file) => new(line.Slope, line.Intercept, line.SlopeInterval?.Low, line.SlopeInterval?.High, file.Known().Length);
}
