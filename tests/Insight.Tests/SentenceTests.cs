namespace PenguinMails.Insight.Tests;

/// <summary>Sentences held against what a reader sees in the chart.</summary>
public sealed class SentenceTests
{
    static readonly MetricSpec Queue = new("Queue age", MetricKind.Duration, Better.Down, Grain.Week, Materiality.Of(1));

    // Pre-whitening takes a steep line for memory: a lean, and then the mean of 45 must not promise that 62 stays under 60.
    [Fact]
    public void A_lean_promises_only_what_mean_and_line_agree_on()
    {
        double[] waits = [33, 34, 31, 37, 31, 35, 39, 41, 42, 36, 35, 42, 38, 43, 40, 48, 48, 49, 48, 49, 49, 52, 53, 54, 53, 61, 57, 61, 62, 56];
        Verdict Against(double target) => DirectionVerdict.Of(Levels(waits), Queue with { Target = TargetPath.Always(target) }, null);
        Assert.Equal((Direction.Flat, Trend.Rising, Assurance.HitOrMiss), (Against(60).Direction, Against(60).Lean, Against(60).Assurance));
        Assert.Equal((Assurance.Pass, Assurance.Fail), (Against(90).Assurance, Against(20).Assurance));
    }

    [Fact]
    public void Sentences_tell_gaps_small_prices_and_the_path_of_a_target()
    {
        var gaps = Enumerable.Range(0, 24).Where(i => i is < 9 or > 13).Select(i => SeriesPoint.Level(Week(i), 100)).ToArray();
        Assert.StartsWith("Queue age is not yet judgeable: 19 weeks, 79.2 % of the calendar filled where 80.0 % are needed. ", DirectionVerdict.Of(gaps, Queue, null).Sentence, StringComparison.Ordinal);
        var price = new MetricSpec("Cost per mail", MetricKind.Level, Better.Down, Grain.Week, default);
        Assert.StartsWith("Cost per mail is worsening: 0.02 → 0.043 over 24 weeks (+0.023, ", DirectionVerdict.Of(Levels([.. Enumerable.Range(0, 24).Select(i => 0.02 + (0.001 * i))]), price, null).Sentence, StringComparison.Ordinal);
        Assert.StartsWith("Cost per mail is worsening: −23 → 0 over 24 weeks (+23, ", DirectionVerdict.Of(Levels([.. Enumerable.Range(0, 24).Select(i => i - 23.0)]), price, null).Sentence, StringComparison.Ordinal);
        var path = price with { Target = new("plan", [new(Week(0), 1), new(Week(100), 101)]) };
        Assert.Contains(" Against the plan of 24 by now: ", DirectionVerdict.Of(Levels([.. Enumerable.Range(0, 24).Select(i => (double)i)]), path, null).Sentence, StringComparison.Ordinal);
    }

    static DateOnly Week(int index) => new DateOnly(2026, 1, 5).AddDays(7 * index);

    static SeriesPoint[] Levels(double[] values) => [.. values.Select((value, i) => SeriesPoint.Level(Week(i), value))];
}
