using System.CommandLine;
using PenguinMails.Insight;

namespace PenguinMails.Cli.Verbs.Insight;

/// <summary>Is it getting better? One sentence, with the numbers behind it.</summary>
static class VerdictVerb
{
    public static Command Command()
    {
        var path = new Argument<string>("series") { Description = "CSV with columns start,value or start,num,den (also partial and rebase); - for standard input.", HelpName = "SERIES.csv" };
        var kind = new Option<MetricKind?>("--kind") { Description = "rate, count, level, money or duration. Default: rate for num,den, else level.", HelpName = "KIND" };
        var better = new Option<Better>("--better") { Description = "up, down or band. Default: up.", DefaultValueFactory = _ => Better.Up, HelpName = "WAY" };
        var grain = new Option<Grain?>("--grain") { Description = "day, week, month, quarter or year. Default: what the first two starts are apart.", HelpName = "GRAIN" };
        var target = new Option<string>("--target") { Description = "A value (0.9 or 90%), or a path DAY:VALUE,DAY:VALUE.", HelpName = "TARGET" };
        var band = new Option<string>("--band") { Description = "LOW,HIGH for --better band.", HelpName = "LOW,HIGH" };
        var name = new Option<string>("--name") { Description = "Begins the sentence. Default: the file's name.", HelpName = "NAME" };
        var materiality = new Option<double>("--materiality") { Description = "Smallest change worth a verdict, metric's unit (0.01 is one point of a rate). Default 0.", HelpName = "ABS" };
        var relative = new Option<double>("--materiality-relative") { Description = "The same as a share of the starting level. Default 0.", HelpName = "REL" };
        var points = new Option<int>("--min-points") { Description = "Points needed. Default 12, at least 4.", DefaultValueFactory = _ => 12, HelpName = "N" };
        var trials = new Option<long>("--min-den") { Description = "Trials needed, rates only. Default 200.", DefaultValueFactory = _ => 200, HelpName = "N" };
        var pool = new Option<long>("--pool-min") { Description = "Trials a period needs to stand by itself. Default 10.", DefaultValueFactory = _ => 10, HelpName = "N" };
        var period = new Option<int?>("--period") { Description = "Periods in a cycle; 0 looks for no season. Default: 12 for months, 4 for quarters, else none.", HelpName = "N" };
        var days = new Option<bool>("--working-days") { Description = "Adjust to the working days of each period." };
        var json = new Option<bool>("--json") { Description = "Print the verdict and its evidence as JSON." };
        var command = new Command("verdict", "Judge a series: improving, worsening, flat, or not enough data.")
        {
            path, kind, better, grain, target, band, name, materiality, relative, points, trials, pool, period, days, json,
        };
        command.SetAction((parsed, ct) => Told.Run(parsed.GetRequiredValue(path), parsed.GetValue(json), file =>
        {
            var series = VerdictSeries.Of(file, parsed.GetValue(grain), parsed.GetValue(kind));
            var cycle = parsed.GetValue(period) ?? (series.Grain switch { Grain.Month => 12, Grain.Quarter => 4, _ => 0 });
            if (cycle is < 0 or 1) throw new SeriesRefused($"--period {cycle}: a cycle has at least 2 periods; 0 looks for none.");
            var metric = new MetricSpec(
                parsed.GetValue(name) ?? Named(file.Path), series.Kind, parsed.GetValue(better), series.Grain,
                new Materiality(parsed.GetValue(materiality), parsed.GetValue(relative)))
            {
                PointsMin = parsed.GetValue(points), DenominatorMin = parsed.GetValue(trials), PoolTrialsMin = parsed.GetValue(pool), IsPerWorkingDay = parsed.GetValue(days),
                SeasonPeriod = cycle == 0 ? null : cycle, DenominatorNoun = "trials",
                Target = VerdictSeries.Path(parsed.GetValue(target)), Band = VerdictSeries.Band(parsed.GetValue(band), parsed.GetValue(better)),
            };
            return VerdictTold.Of(DirectionVerdict.Of(series.Points, metric, null), Gate.Usable(series.Points, metric) is [var first, ..] ? first.Start : null, series.Grain);
        }, ct));
        return command;
    }

    static string Named(string path) => path == "-" ? "Series" : Path.GetFileNameWithoutExtension(path) is { Length: > 0 } file ? char.ToUpperInvariant(file[0]) + file[1..] : "Series";
}
