using System.CommandLine;
using PenguinMails.Insight.Forecasts;

namespace PenguinMails.Cli.Verbs.Insight;

/// <summary>What the statistics may be told beside the series; null takes each one's own default.</summary>
sealed record TestOptions(
    double Alpha, int? Lag, int? Period, int? Horizon, double? Target, double? Slack, double? Decision, double? Lambda, double? Sigma, double? Width, string? Prior, SeasonKind Season, double? Scale);

/// <summary>One statistic on a series, by its usual name.</summary>
static class TestVerb
{
    static readonly Dictionary<string, Func<SeriesFile, TestOptions, object>> Tests = new(StringComparer.Ordinal)
    {
        ["mk"] = TrendTests.Original, ["mk-pw"] = TrendTests.PreWhitened, ["mk-tfpw"] = TrendTests.TrendFree, ["mk-hr"] = TrendTests.HamedRaoTest, ["mk-yw"] = TrendTests.YueWangTest,
        ["mk-seasonal"] = TrendTests.Seasonal, ["mk-correlated-seasonal"] = TrendTests.CorrelatedSeasonal, ["mk-regional"] = TrendTests.Regional,
        ["mk-correlated-regional"] = TrendTests.CorrelatedRegional, ["mk-partial"] = TrendTests.Partial, ["sens"] = TrendTests.Sens, ["sens-seasonal"] = TrendTests.SensSeasonal,
        ["pettitt"] = StepTests.PettittTest, ["bic"] = StepTests.Bic, ["pelt"] = StepTests.PeltMeans,
        ["xmr"] = ChartTests.Xmr, ["p"] = ChartTests.P, ["laney-p"] = ChartTests.LaneyP, ["cusum"] = ChartTests.CusumTest, ["ewma"] = ChartTests.EwmaTest,
        ["wilson"] = RateTests.Wilson, ["newcombe"] = RateTests.NewcombeTest, ["poisson"] = RateTests.Poisson, ["eb"] = RateTests.EmpiricalBayes,
        ["overdispersion"] = RateTests.Dispersion, ["km"] = RateTests.Survival,
        ["hw"] = ForecastTests.HoltWintersTest, ["ets"] = ForecastTests.EtsTest, ["theta"] = ForecastTests.ThetaTest, ["damped"] = ForecastTests.Damped, ["local-level"] = ForecastTests.Local,
    };

    public static Command Command()
    {
        var name = new Argument<string>("name") { Description = string.Join(", ", Tests.Keys) + ".", HelpName = "NAME" };
        name.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } asked && !Tests.ContainsKey(asked)) result.AddError($"'{asked}' is no statistic; take one of {string.Join(", ", Tests.Keys)}.");
        });
        var path = new Argument<string>("series") { Description = "CSV with columns start,value or start,num,den; - for standard input.", HelpName = "SERIES.csv" };
        var alpha = new Option<double>("--alpha") { Description = "Level of the test; intervals miss this often. Default 0.05.", DefaultValueFactory = _ => 0.05, HelpName = "P" };
        alpha.Validators.Add(result =>
        {
            if (!(result.GetValueOrDefault<double>() is > 0 and < 1)) result.AddError("--alpha lies between 0 and 1.");
        });
        var lag = new Option<int?>("--lag") { Description = "mk-hr, mk-yw: first lags considered. Default: all.", HelpName = "N" };
        var period = new Option<int?>("--period") { Description = "Periods in a cycle. Default 12 (1 for mk-regional: one column a site).", HelpName = "N" };
        var horizon = new Option<int?>("--horizon") { Description = "hw, ets, theta, damped, local-level: periods ahead. Default: one cycle.", HelpName = "N" };
        var target = new Option<double?>("--target") { Description = "cusum, ewma: the level that is right. Default: the mean.", HelpName = "X" };
        var slack = new Option<double?>("--k") { Description = "cusum: slack, unit of the values. Default: half a sigma.", HelpName = "X" };
        var decision = new Option<double?>("--h") { Description = "cusum: decision interval, unit of the values. Default: five sigma.", HelpName = "X" };
        var lambda = new Option<double?>("--lambda") { Description = "ewma: weight of the newest value. Default 0.2.", HelpName = "X" };
        var sigma = new Option<double?>("--sigma") { Description = "cusum, ewma: spread of one value. Default: mean moving range / 1.128.", HelpName = "X" };
        var width = new Option<double?>("--width") { Description = "ewma: half width in sigmas. Default 3.", HelpName = "X" };
        var prior = new Option<string>("--prior") { Description = "eb: a prior that is known, instead of the fitted one.", HelpName = "ALPHA,BETA" };
        var season = new Option<SeasonKind>("--seasonal") { Description = "hw: additive or multiplicative. Default: multiplicative.", DefaultValueFactory = _ => SeasonKind.Multiplicative, HelpName = "KIND" };
        var scale = new Option<double?>("--scale") { Description = "pelt: spread of the noise. Default: by the differences of neighbours.", HelpName = "X" };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        var command = new Command("test", "Run one statistic on a series.") { name, path, alpha, lag, period, horizon, target, slack, decision, lambda, sigma, width, prior, season, scale, json };
        command.SetAction((parsed, ct) => Told.Run(parsed.GetRequiredValue(path), parsed.GetValue(json), file => Tests[parsed.GetRequiredValue(name)](file, new TestOptions(
            parsed.GetValue(alpha), parsed.GetValue(lag), parsed.GetValue(period), parsed.GetValue(horizon), parsed.GetValue(target), parsed.GetValue(slack), parsed.GetValue(decision),
            parsed.GetValue(lambda), parsed.GetValue(sigma), parsed.GetValue(width), parsed.GetValue(prior), parsed.GetValue(season), parsed.GetValue(scale))), ct));
        return command;
    }
}
