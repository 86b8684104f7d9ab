using System.Text.Json;

namespace PenguinMails.Insight.Tests;

public sealed class VerdictTests
{
    static readonly DateOnly Monday = new(2026, 1, 5);
    static readonly MetricSpec Accepted = new("Acceptance rate", MetricKind.Rate, Better.Up, Grain.Week, Materiality.Of(0.01)) { DenominatorNoun = "mails" };
    static readonly MetricSpec Queue = new("Queue age", MetricKind.Duration, Better.Down, Grain.Week, Materiality.Of(1));

    [Fact]
    public void Eleven_weeks_are_not_enough_and_twelve_are()
    {
        Assert.Equal(Direction.NotEnoughData, DirectionVerdict.Of(Rates(11, i => 90 + i), Accepted, null).Direction);
        Assert.Equal(Direction.Improving, DirectionVerdict.Of(Rates(12, i => 80 + i), Accepted, null).Direction);
    }

    [Fact]
    public void Closed_gate_says_what_is_missing_when_it_opens_and_what_can_be_said_now()
    {
        var verdict = DirectionVerdict.Of(Rates(5, _ => 9, trials: 10), Accepted, null);
        Assert.Equal((7, 150L), (verdict.Evidence.Gate.PointsMissing, verdict.Evidence.Gate.DenominatorMissing));
        Assert.Equal(15, verdict.Evidence.Gate.PeriodsToWait); // 150 mails at 10 a week outlast the 7 weeks.
        Assert.Equal(new DateOnly(2026, 5, 25), verdict.Evidence.Gate.OpensOn);
        Assert.Equal(
            "Acceptance rate is not yet judgeable: 5 of 12 weeks, 50 of 200 mails. Enough around 2026-05-25 at this pace. " +
            "So far 90.0 % (80 %: 83.2 % to 94.2 %).", verdict.Sentence);
    }

    [Fact]
    public void Given_pace_replaces_the_past_one()
    {
        var gate = Gate.Check(Rates(5, _ => 9, trials: 10), Accepted, 50);
        Assert.Equal((7, new DateOnly(2026, 3, 30)), (gate.PeriodsToWait, gate.OpensOn));
    }

    [Fact]
    public void No_data_at_all_claims_nothing_and_names_no_date()
    {
        var verdict = DirectionVerdict.Of([], Accepted, null);
        Assert.Equal((Direction.NotEnoughData, null, null), (verdict.Direction, verdict.Level, verdict.Since));
        Assert.Equal("Acceptance rate is not yet judgeable: 0 of 12 weeks, 0 of 200 mails. Not at this pace.", verdict.Sentence);
        Assert.Equal(12, Gate.Check([], Accepted, 1000).PeriodsToWait);
    }

    [Fact]
    public void Gate_opens_on_the_day_it_announced()
    {
        var announced = Gate.Check(Rates(5, _ => 9, trials: 10), Accepted, null);
        var wait = Assert.NotNull(announced.PeriodsToWait);
        Assert.False(Gate.Check(Rates(5 + wait - 1, _ => 9, trials: 10), Accepted, null).IsOpen);
        Assert.True(Gate.Check(Rates(5 + wait, _ => 9, trials: 10), Accepted, null).IsOpen);
    }

    [Fact]
    public void Series_with_holes_waits_until_the_calendar_is_filled()
    {
        SeriesPoint[] holed = [.. Rates(24, i => 80 + i % 3).Where((_, i) => i % 2 == 0)];
        var gate = Gate.Check(holed, Accepted, null);
        Assert.Equal((false, 0, 0L), (gate.IsOpen, gate.PointsMissing, gate.DenominatorMissing));
        Assert.Equal(12.0 / 23, gate.Coverage, 1e-12);
        Assert.Equal(32, gate.PeriodsToWait); // (12 + 32) of (23 + 32) is the first 80 %.
    }

    [Fact]
    public void Partial_and_empty_weeks_are_not_judged()
    {
        SeriesPoint[] series = [.. Rates(12, i => 80 + i), SeriesPoint.Rate(Week(12), 0, 0), SeriesPoint.Rate(Week(13), 1, 100) with { IsPartial = true }];
        var verdict = DirectionVerdict.Of(series, Accepted, null);
        Assert.Equal((12, Direction.Improving), (verdict.Evidence.Gate.Points, verdict.Direction));
    }

    [Fact]
    public void Changed_definition_starts_the_count_again()
    {
        var series = Rates(20, i => 80 + i);
        series[15] = series[15] with { RebaseReason = "opens by machines no longer count" };
        var verdict = DirectionVerdict.Of(series, Accepted, null);
        Assert.Equal((Direction.NotEnoughData, Week(15), 5), (verdict.Direction, verdict.Since, verdict.Evidence.Gate.Points));
    }

    [Theory]
    [InlineData(Better.Up, 1, Direction.Improving)]
    [InlineData(Better.Up, -1, Direction.Worsening)]
    [InlineData(Better.Down, 1, Direction.Worsening)]
    [InlineData(Better.Down, -1, Direction.Improving)]
    public void Better_decides_what_a_trend_means(Better better, int sign, Direction direction) =>
        Assert.Equal(direction, DirectionVerdict.Of(Rates(16, i => 50 + sign * 2 * i), Accepted with { Better = better }, null).Direction);

    [Fact]
    public void Firm_verdict_carries_change_interval_window_and_sentence()
    {
        var verdict = DirectionVerdict.Of(Rates(40, i => 95 - i - i % 2), Accepted, null);
        Assert.Equal((Direction.Worsening, Confidence.High, Week(0)), (verdict.Direction, verdict.Confidence, verdict.Since));
        Assert.Equal(-0.39, verdict.Delta.GetValueOrDefault(), 0.011);
        var interval = Assert.NotNull(verdict.DeltaInterval);
        Assert.True(interval.Low <= verdict.Delta && verdict.Delta <= interval.High && interval.ExcludesZero);
        Assert.StartsWith("Acceptance rate is worsening: 94.", verdict.Sentence);
        Assert.EndsWith("; high confidence (40 weeks, 4,000 mails).", verdict.Sentence);
    }

    [Theory]
    [InlineData(35, Confidence.Low)]
    [InlineData(36, Confidence.High)]
    public void Series_with_a_long_memory_needs_three_years_of_months_for_confidence(int count, Confidence confidence) =>
        Assert.Equal(confidence, DirectionVerdict.Of(Rates(count, i => 95 - i - i % 2), Accepted, null).Confidence);

    [Theory]
    [InlineData(0.10, Direction.Improving)]
    [InlineData(0.20, Direction.Flat)]
    public void Change_below_materiality_is_flat_and_leans(double materiality, Direction direction)
    {
        var verdict = DirectionVerdict.Of(Rates(16, i => 80 + i), Accepted with { Materiality = Materiality.Of(materiality) }, null);
        Assert.Equal(direction, verdict.Direction);
        Assert.Equal(direction == Direction.Flat ? Trend.Rising : Trend.None, verdict.Lean);
        Assert.Equal(direction == Direction.Flat, verdict.Sentence.Contains("is flat, leaning up: 80.0 % → 95.0 %"));
    }

    [Fact]
    public void Noise_is_flat_without_a_lean()
    {
        double[] noise = [5, 3, 6, 4, 5, 4, 6, 3, 5, 4, 6, 5, 3, 5];
        var verdict = DirectionVerdict.Of(Levels(noise), Queue, null);
        Assert.Equal((Direction.Flat, Trend.None), (verdict.Direction, verdict.Lean));
        Assert.Equal("Queue age is flat: 5 → 5 over 14 weeks (0, 80 %: −1.44 to +1.63); medium confidence (14 weeks).", verdict.Sentence);
    }

    [Fact]
    public void Long_memory_over_a_short_series_is_no_firm_trend()
    {
        // A slow swing: the plain test sees a trend, the test without memory does not.
        double[] swing = [1, 2, 3, 4, 5, 6, 7, 7, 7, 6, 6, 5, 5, 4];
        var verdict = DirectionVerdict.Of(Levels([.. swing.Select(v => 10 * v)]), Queue, null);
        Assert.NotEqual(Confidence.High, verdict.Confidence);
        Assert.NotEqual(Direction.Improving, verdict.Direction);
    }

    [Fact]
    public void Same_series_gives_the_same_verdict() => Assert.Equal(
        JsonSerializer.Serialize(DirectionVerdict.Of(Rates(16, i => 80 + i), Accepted, null)), JsonSerializer.Serialize(DirectionVerdict.Of(Rates(16, i => 80 + i), Accepted, null)));

    [Fact]
    public void Independent_noise_is_called_a_trend_less_than_one_time_in_twenty()
    {
        const int seed = 20260105, runs = 2_000;
        var random = new Random(seed);
        var falseTrends = Enumerable.Range(0, runs).Count(_ =>
        {
            var noise = Levels([.. Enumerable.Range(0, 24).Select(_ => NormalDistribution.Quantile(random.NextDouble() * 0.999998 + 1e-6))]);
            return DirectionVerdict.Of(noise, Queue with { Materiality = default }, null).Direction != Direction.Flat;
        });
        Assert.True(falseTrends < runs / 20, $"seed {seed}: {falseTrends} of {runs}");
    }

    [Fact]
    public void Points_out_of_order_or_impossible_are_a_bug()
    {
        Assert.Throws<ArgumentException>(() => Gate.Check([.. Rates(3, _ => 1).Reverse()], Accepted, null));
        Assert.Throws<ArgumentException>(() => Gate.Check([SeriesPoint.Rate(Monday, 2, 1)], Accepted, null));
        Assert.Throws<ArgumentException>(() => Gate.Check([SeriesPoint.Level(Monday, 2)], Accepted, null));
        Assert.Throws<ArgumentException>(() => Gate.Check(Levels([double.NaN]), Queue, null));
    }

    [Theory]
    [InlineData(Grain.Day, 2026, 2, 1)]
    [InlineData(Grain.Week, 2026, 2, 7)]
    [InlineData(Grain.Month, 2026, 3, 3)]
    public void Grain_counts_back_what_it_adds(Grain grain, int year, int month, int day)
    {
        var start = new DateOnly(2026, 1, 31);
        var later = grain.Add(start, 1);
        Assert.Equal(1, grain.Between(start, later));
        Assert.True(later <= new DateOnly(year, month, day));
    }

    static DateOnly Week(int index) => Monday.AddDays(7 * index);

    static SeriesPoint[] Rates(int weeks, Func<int, long> hits, long trials = 100) =>
        [.. Enumerable.Range(0, weeks).Select(i => SeriesPoint.Rate(Week(i), hits(i), trials))];

    static SeriesPoint[] Levels(double[] values) => [.. values.Select((value, i) => SeriesPoint.Level(Week(i), value))];
}
