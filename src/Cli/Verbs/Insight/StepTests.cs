using PenguinMails.Insight.Steps;

namespace PenguinMails.Cli.Verbs.Insight;

/// <summary>Changes of level. A break counts the observations before it; last_before is the start of the last of them.</summary>
static class StepTests
{
    sealed record Pettitted(int Break, string LastBefore, double Statistic, double P, bool H, string Trend, int N);

    sealed record Weighed(double? Flat, double? Linear, double? Step, string Best, int? Break, int? BreakLow, int? BreakHigh, string? LastBefore, double? Before, double? After, double? Rss, double? T, int N);

    sealed record Found(double Scale, IReadOnlyList<int> Breaks, IReadOnlyList<string> LastBefore, int N);

    public static object PettittTest(SeriesFile file, TestOptions options)
    {
        var result = Pettitt.Test(file.Known());
        var sure = result.P < options.Alpha;
        return new Pettitted(result.Break, Starts(file)[result.Break - 1], result.U, result.P, sure, !sure ? "no change" : result.Rises ? "increasing" : "decreasing", file.Known().Length);
    }

    public static object Bic(SeriesFile file, TestOptions options)
    {
        var shape = SingleStep.Weigh(file.Values(), SingleStep.SegmentMin);
        var step = shape.BestStep;
        var range = step is null ? (BreakRange?)null : BreakInterval.Of(file.Known(), step, options.Alpha);
        var best = shape.IsStep ? "step" : shape.Linear < shape.Flat ? "linear" : "flat";
        return new Weighed(
            Told.Number(shape.Flat), Told.Number(shape.Linear), Told.Number(shape.Step), best, step?.Break, range?.Low, range?.High, step is null ? null : Starts(file)[step.Break - 1],
            step?.Before, step?.After, step?.SquaresLeft, step is null ? null : Told.Number(step.T), file.Known().Length);
    }

    public static object PeltMeans(SeriesFile file, TestOptions options)
    {
        var values = file.Known();
        var scale = options.Scale ?? RobustScale.OfDifferences(values);
        if (scale == 0) throw new SeriesRefused($"{file.Path}: half of all neighbours are equal, so the noise has no spread to measure steps by; give --scale.");
        var breaks = Pelt.Means(values, scale);
        return new Found(scale, breaks, [.. breaks.Select(at => Starts(file)[at - 1])], values.Length);
    }

    static string[] Starts(SeriesFile file) => [.. file.Rows.Zip(file.Values()).Where(one => !double.IsNaN(one.Second)).Select(one => one.First.Start)];
}
