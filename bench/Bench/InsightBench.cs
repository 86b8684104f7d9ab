using System.Diagnostics;
using System.Globalization;
using PenguinMails.Insight;
using PenguinMails.Insight.Trends;

namespace PenguinMails.Bench;

/// <summary>How often the engine is wrong: verdicts on series whose truth is known, drawn with fixed seeds.</summary>
static class InsightBench
{
    const double Alpha = 0.05;
    static readonly int[] Lengths = [12, 24, 36, 52];
    static readonly double[] Memories = [0, 0.3, 0.6];
    static readonly DateOnly Monday = new(2020, 1, 6);

    // A change below one standard deviation of the noise is none that anybody would act on.
    static readonly MetricSpec Metric = new("Series", MetricKind.Level, Better.Up, Grain.Week, Materiality.Of(1));

    /// <param name="runs">Series for each cell.</param>
    /// <param name="guide">Page whose table is replaced; null prints only.</param>
    public static void Run(int runs, string? guide)
    {
        List<string> lines =
        [
            $"{runs:#,0} series for each number, AR(1) noise of standard deviation 1 and lag-1 correlation φ, seeds fixed, materiality one standard deviation.", "",
            "**Nothing happens: how often something is claimed.**", "", Head("claimed by"), Rule(),
            Row("Mann–Kendall alone, p < 0.05", Null(runs, series => MannKendall.Test(series, Alpha).IsTrend)),
            Row("Hamed–Rao", Null(runs, series => HamedRao.Test(series, Alpha, null).IsTrend)),
            Row("Yue–Wang, lag 1", Null(runs, series => YueWang.Test(series, Alpha, 1).IsTrend)),
            Row("trend-free pre-whitening", Null(runs, series => PreWhitening.TestTrendFree(series, Alpha).IsTrend)),
            Row("pre-whitening", Null(runs, series => PreWhitening.Test(series, Alpha).IsTrend)),
            Row("**the engine: improving or worsening**", Null(runs, series => Judge(series).Shape != Shape.None)),
            Row("of these: called a step", Null(runs, series => Judge(series).Shape == Shape.Step)),
            Row("the engine: flat, leaning", Null(runs, series => Judge(series).Lean != Trend.None)), "",
            .. Found("A steady rise of 3 standard deviations over the window", runs, (i, n) => 3.0 * i / (n - 1)),
            .. Found("A steady rise of 2 standard deviations over the window", runs, (i, n) => 2.0 * i / (n - 1)),
            .. Found("A step up of 3 standard deviations in the middle", runs, (i, n) => i < n / 2 ? 0 : 3.0),
            "**The 80 % interval of the change holds the true one (steady rise of 2 standard deviations, when a trend is told).**", "", Head("share"), Rule(),
            Row("holds", Cells(runs, (n, phi) => Cover(runs, n, phi))), "", .. DecisionBench.Lines(runs), Speed(),
        ];
        foreach (var line in lines) Console.WriteLine(line);
        if (guide is not null) Publish(guide, lines);
    }

    static IEnumerable<string> Found(string what, int runs, Func<int, int, double> truth) =>
    [
        $"**{what}: how often it is found.**", "", Head("answer"), Rule(),
        Row("pre-whitening alone", Share(runs, truth, series => PreWhitening.Test(series, Alpha).Trend == Trend.Rising)),
        Row("**the engine: improving**", Share(runs, truth, series => Judge(series).Direction == Direction.Improving)),
        Row("of these: called a step", Share(runs, truth, series => Judge(series) is { Direction: Direction.Improving, Shape: Shape.Step })),
        Row("the engine: flat, leaning up", Share(runs, truth, series => Judge(series) is { Direction: Direction.Flat, Lean: Trend.Rising })),
        Row("the engine: worsening, which is false", Share(runs, truth, series => Judge(series).Direction == Direction.Worsening)), "",
    ];

    static string[] Null(int runs, Func<double[], bool> claims) => Share(runs, (_, _) => 0, claims);

    static string[] Share(int runs, Func<int, int, double> truth, Func<double[], bool> claims) =>
        Cells(runs, (n, phi) => (double)Series(runs, n, phi, truth).AsParallel().Count(claims) / runs);

    static double Cover(int runs, int n, double phi)
    {
        var told = Series(runs, n, phi, (i, length) => 2.0 * i / (length - 1)).AsParallel().Select(Judge).Where(verdict => verdict.Shape != Shape.Step).ToList();
        return told.Count == 0 ? 0 : told.Average(verdict => verdict.DeltaInterval is { } range && range.Low <= 2 && 2 <= range.High ? 1.0 : 0);
    }

    static string[] Cells(int runs, Func<int, double, double> share) =>
        [.. Lengths.SelectMany(n => Memories.Select(phi => share(n, phi).ToString("0.000", CultureInfo.InvariantCulture)))];

    static Verdict Judge(double[] series) => DirectionVerdict.Of([.. series.Select((value, i) => SeriesPoint.Level(Monday.AddDays(7 * i), value))], Metric, null);

    /// <summary>The same series for every method and every machine.</summary>
    internal static IEnumerable<double[]> Series(int runs, int n, double phi, Func<int, int, double> truth)
    {
        var random = new Random(1_000 * n + (int)(10 * phi));
        for (var run = 0; run < runs; run++)
        {
            var series = new double[n];
            var noise = Normal(random);
            for (var i = 0; i < n; i++)
            {
                series[i] = truth(i, n) + noise;
                noise = phi * noise + Math.Sqrt(1 - phi * phi) * Normal(random);
            }
            yield return series;
        }
    }

    static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    static string Speed()
    {
        const int series = 20_000;
        var metric = new MetricSpec("Rate", MetricKind.Rate, Better.Up, Grain.Week, Materiality.Of(0.01));
        var random = new Random(1);
        var all = Enumerable.Range(0, 200).Select(_ => Enumerable.Range(0, 52).Select(i => SeriesPoint.Rate(Monday.AddDays(7 * i), random.Next(700, 900), 1000)).ToArray()).ToList();
        _ = DirectionVerdict.Of(all[0], metric, null);
        var started = Stopwatch.GetTimestamp();
        _ = Enumerable.Range(0, series).AsParallel().Sum(i => DirectionVerdict.Of(all[i % all.Count], metric, null).Sentence.Length);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return $"{series:#,0} verdicts on a year of weekly rates took {seconds:0.0} s on {Environment.ProcessorCount} cores.";
    }

    static string Head(string first) => $"| {first} | {string.Join(" | ", Lengths.SelectMany(n => Memories.Select(phi => $"n={n} φ={phi.ToString(CultureInfo.InvariantCulture)}")))} |";

    static string Rule() => "|---" + string.Concat(Enumerable.Repeat("|---:", Lengths.Length * Memories.Length)) + "|";

    static string Row(string first, string[] cells) => $"| {first} | {string.Join(" | ", cells)} |";

    static void Publish(string guide, List<string> lines)
    {
        const string start = "<!-- measured -->", end = "<!-- /measured -->";
        var text = File.ReadAllText(guide);
        int from = text.IndexOf(start, StringComparison.Ordinal), to = text.IndexOf(end, StringComparison.Ordinal);
        if (from < 0 || to < from) throw new InvalidOperationException($"{guide} has no place for the table: {start} … {end}.");
        File.WriteAllText(guide, text[..(from + start.Length)] + "\n" + string.Join('\n', lines) + "\n" + text[to..]);
    }
}
