using PenguinMails.Insight.Charts;
using PenguinMails.Insight.Steps;

namespace PenguinMails.Insight.Tests;

/// <summary>What the engine says of series whose truth is known.</summary>
public sealed class EngineTests
{
    static readonly DateOnly First = new(2024, 1, 1);
    static readonly MetricSpec Level = new("Score", MetricKind.Level, Better.Up, Grain.Month, default);

    [Fact]
    public void Nile_fell_in_a_step_after_1898_and_is_flat_since()
    {
        var verdict = DirectionVerdict.Of(
            [.. ReferenceSeries.Nile.Select((flow, i) => SeriesPoint.Level(new(1871 + i, 1, 1), flow))], Level with { Name = "Flow", Grain = Grain.Year }, null);
        Assert.Equal((Direction.Worsening, Shape.Step, new DateOnly(1899, 1, 1)), (verdict.Direction, verdict.Shape, verdict.Since));
        Assert.Equal((new DateOnly(1898, 1, 1), Trend.None), (verdict.Evidence.LastBefore, verdict.Evidence.SinceStep));
        Assert.Equal("Flow is worsening: 1,097.75 → 849.97 over 100 years (−247.78, 80 %: −291.83 to −203.73); a step down on 1899-01-01 (last before: 1898-01-01), flat since; high confidence (100 years).",
            verdict.Sentence);
    }

    [Fact]
    public void Steady_rise_is_a_trend_and_a_jump_is_a_step()
    {
        Assert.Equal(Shape.Trend, Of(30, i => i + Noise(i)).Shape);
        var jump = Of(30, i => (i < 17 ? 0 : 9) + Noise(i));
        Assert.Equal((Direction.Improving, Shape.Step, First.AddMonths(17)), (jump.Direction, jump.Shape, jump.Since));
        Assert.InRange(jump.Delta.GetValueOrDefault(), 8, 10);
    }

    [Theory]
    [InlineData(5, 20)]
    [InlineData(20, 5)]
    public void Airline_money_grows_by_a_share_and_its_season_is_taken_out(double better, double worse)
    {
        var money = Level with { Kind = MetricKind.Money, SeasonPeriod = 12, Better = better > worse ? Better.Up : Better.Down };
        var verdict = DirectionVerdict.Of([.. ReferenceSeries.Airline.Select((v, i) => SeriesPoint.Level(First.AddMonths(i), v))], money, null);
        Assert.Equal((better > worse ? Direction.Improving : Direction.Worsening, SeasonState.Corrected, true), (verdict.Direction, verdict.Evidence.Season, verdict.Evidence.IsLog));
        Assert.InRange(verdict.Evidence.Growth.GetValueOrDefault(), 0.009, 0.012); // About an eighth a year.
        Assert.Equal(432 - 405, verdict.Evidence.YearOnYear);
    }

    [Theory]
    [InlineData(12, SeasonState.NotKnown, "Season not yet known.")]
    [InlineData(13, SeasonState.OneYear, "Against one cycle before: +")]
    [InlineData(23, SeasonState.OneYear, "season not yet known.")]
    [InlineData(24, SeasonState.None, "confidence (24 months).")]
    public void Young_series_says_that_its_season_is_not_known(int months, SeasonState state, string said)
    {
        var verdict = DirectionVerdict.Of(Series(months, i => i + Noise(i)), Level with { SeasonPeriod = 12 }, null);
        Assert.Equal(state, verdict.Evidence.Season);
        Assert.Contains(said, verdict.Sentence);
    }

    [Fact]
    public void Season_alone_is_no_trend_though_the_window_ends_high()
    {
        double[] year = [0, 0, 1, 2, 4, 6, 8, 9, 9, 8, 10, 12];
        var verdict = DirectionVerdict.Of(Series(36, i => 10 * year[i % 12] + Noise(i)), Level with { SeasonPeriod = 12 }, null);
        Assert.Equal((Direction.Flat, SeasonState.Corrected), (verdict.Direction, verdict.Evidence.Season));
        Assert.True(SeasonTest.P([.. Enumerable.Range(0, 36).Select(i => year[i % 12] + Noise(i))], 12) < 0.01);
        Assert.True(SeasonTest.P([.. Enumerable.Range(0, 36).Select(Noise)], 12) > 0.05);
    }

    [Theory]
    [InlineData(Better.Up, 4, Assurance.Pass, "will meet it")]
    [InlineData(Better.Up, 10, Assurance.HitOrMiss, "may or may not meet it")]
    [InlineData(Better.Up, 16, Assurance.Fail, "will not meet it")]
    [InlineData(Better.Down, 4, Assurance.Fail, "will not meet it")]
    [InlineData(Better.Down, 16, Assurance.Pass, "will meet it")]
    public void Target_is_weighed_against_the_limits(Better better, double target, Assurance assurance, string said)
    {
        var verdict = DirectionVerdict.Of(Series(20, i => 10 + Noise(i)), Level with { Better = better, Target = TargetPath.Always(target) }, null);
        Assert.Equal(assurance, verdict.Assurance);
        Assert.EndsWith($" Against the target of {target}: {said}, if nothing changes.", verdict.Sentence);
    }

    [Fact]
    public void Dated_target_asks_what_its_path_asks_in_the_last_period()
    {
        var path = new TargetPath("plan", [new(First, 0), new(First.AddMonths(38), 38)]);
        Assert.Equal((0.0, 38.0), (path.At(First.AddYears(-1)), path.At(First.AddYears(9))));
        var verdict = DirectionVerdict.Of(Series(20, i => 10 + Noise(i)), Level with { Target = path }, null);
        Assert.Equal(path.At(First.AddMonths(19)), verdict.Evidence.TargetNow);
        Assert.Equal(Assurance.Fail, verdict.Assurance); // About 19 is asked for, 10 is there.
        Assert.Contains("Against the plan of 19", verdict.Sentence);
    }

    [Fact]
    public void Nearer_to_its_band_is_better_from_both_sides()
    {
        var band = Level with { Better = Better.Band, Band = new(40, 60) };
        Assert.Equal(Direction.Improving, DirectionVerdict.Of(Series(20, i => 90 - i + Noise(i)), band, null).Direction);
        Assert.Equal(Direction.Improving, DirectionVerdict.Of(Series(20, i => 10 + i + Noise(i)), band, null).Direction);
        Assert.Equal(Direction.Worsening, DirectionVerdict.Of(Series(20, i => 62 + i + Noise(i)), band, null).Direction);
        var within = DirectionVerdict.Of(Series(20, i => 50 + Noise(i)), band, null);
        Assert.Equal((Direction.Flat, Assurance.Pass), (within.Direction, within.Assurance));
        Assert.Throws<ArgumentException>(() => DirectionVerdict.Of(Series(20, Noise), Level with { Better = Better.Band }, null));
    }

    [Theory]
    [InlineData(0.2, Shape.Trend)]
    [InlineData(0.3, Shape.None)]
    public void Materiality_may_be_a_share_of_where_it_began(double relative, Shape shape) =>
        Assert.Equal(shape, DirectionVerdict.Of(Series(26, i => 100 + i + Noise(i) / 10), Level with { Materiality = new(0, relative) }, null).Shape);

    [Fact]
    public void Wild_last_value_is_called_special_and_kept()
    {
        var verdict = DirectionVerdict.Of(Series(20, i => i == 19 ? 40 : 10 + Noise(i)), Level, null);
        Assert.True(verdict.LatestIsSpecialCause);
        Assert.Contains(new RuleBreak(RunRule.Outside, 19), verdict.Evidence.Rules);
        Assert.False(DirectionVerdict.Of(Series(20, i => 10 + Noise(i)), Level, null).LatestIsSpecialCause);
    }

    [Fact]
    public void Periods_of_few_trials_are_joined_and_nothing_is_lost()
    {
        var rate = Level with { Kind = MetricKind.Rate, Grain = Grain.Week };
        SeriesPoint[] thin = [.. Enumerable.Range(0, 48).Select(i => SeriesPoint.Rate(First.AddDays(7 * i), 2, 5))];
        var gate = Gate.Check(thin, rate, null);
        Assert.Equal((24, 240L, true), (gate.Points, gate.Denominator, gate.IsOpen));
        var verdict = DirectionVerdict.Of(thin, rate, null);
        Assert.Equal((Direction.Flat, 0.4), (verdict.Direction, verdict.Level));
        Assert.False(Gate.Check(thin[..23], rate with { DenominatorMin = 1 }, null).IsOpen);
        Assert.Equal(2, Gate.Check(thin[..22], rate with { DenominatorMin = 1 }, null).PeriodsToWait);
    }

    [Fact]
    public void Busy_month_is_no_growth_once_working_days_count()
    {
        // Ten a working day, always: months of 20 to 23 working days.
        SeriesPoint[] months = [.. Enumerable.Range(0, 24).Select(i => SeriesPoint.Level(First.AddMonths(i), 10 * WorkingDays(First.AddMonths(i))))];
        var verdict = DirectionVerdict.Of(months, Level with { Kind = MetricKind.Count, IsPerWorkingDay = true }, null);
        Assert.Equal((Direction.Flat, Confidence.Medium), (verdict.Direction, verdict.Confidence));
        Assert.Equal(verdict.Evidence.Limits?.Low ?? 0, verdict.Evidence.Limits?.High ?? 1, 1e-9);
    }

    [Fact]
    public void Fewer_points_than_four_are_never_judged() =>
        Assert.Equal((Direction.NotEnoughData, Direction.Flat), (
            DirectionVerdict.Of(Series(3, i => i), Level with { PointsMin = 1 }, null).Direction, DirectionVerdict.Of(Series(4, i => i), Level with { PointsMin = 1 }, null).Direction));

    [Fact]
    public void Of_many_claims_on_a_page_only_those_that_hold_together_stay()
    {
        Assert.Equal([true, true, true, true, false, false], Multiplicity.Rejected([0.01, 0.02, 0.03, 0.04, 0.09, 0.5], 0.10));
        Assert.Equal([true, true], Multiplicity.Rejected([0.06, 0.10], 0.10)); // The larger one lifts the smaller.
        Assert.Equal([false, false], Multiplicity.Rejected([0.06, 0.2], 0.10));

        var claim = new Tile(Level, Of(14, i => 0.25 * i + Noise(i)));
        Assert.Equal(Shape.Trend, claim.Verdict.Shape);
        Assert.Equal(claim.Verdict, Multiplicity.Weigh([claim])[0]);
        var noise = Enumerable.Range(1, 30).Select(k => new Tile(Level, Of(14, i => Noise(i * 31 + k * 7)))).ToList();
        var weighed = Multiplicity.Weigh([claim, .. noise])[0];
        Assert.Equal((Direction.Flat, Trend.Rising, Confidence.Low), (weighed.Direction, weighed.Lean, weighed.Confidence));
        Assert.StartsWith("Score is flat, leaning up: ", weighed.Sentence);
    }

    [Fact]
    public void Flip_is_announced_when_two_evaluations_in_a_row_say_so()
    {
        var told = Announcement.None.Next(Direction.Flat);
        Assert.Equal(Direction.Flat, told.Announced);
        var once = told.Next(Direction.Worsening);
        Assert.Equal((Direction.Flat, Direction.Worsening), (once.Announced, once.Pending));
        Assert.Equal(new(Direction.Worsening, null), once.Next(Direction.Worsening));
        Assert.Equal(new(Direction.Flat, null), once.Next(Direction.Flat));
        Assert.Equal(new(Direction.Flat, Direction.Improving), once.Next(Direction.Improving));
        Assert.Equal(new(Direction.NotEnoughData, null), once.Next(Direction.NotEnoughData));
    }

    [Fact]
    public void Interval_of_the_change_is_wider_for_noise_that_remembers_itself()
    {
        double[] swing = [.. Enumerable.Range(0, 40).Select(i => Math.Sin(i / 3.0) + 0.05 * i)];
        var (plain, careful) = (TheilSen.Fit(swing, 0.2), TheilSen.FitRemembering(swing, 0.2));
        Assert.Equal((plain.Slope, plain.Intercept), (careful.Slope, careful.Intercept));
        Assert.True(careful.SlopeInterval?.High - careful.SlopeInterval?.Low > 1.5 * (plain.SlopeInterval?.High - plain.SlopeInterval?.Low));
        Assert.False(SingleStep.Weigh(swing, 6).IsStep);
    }

    // Repeats itself too late to matter, and looks like noise.
    static double Noise(int i) => Math.Sin(12.9898 * (i + 1)) * 43758.5453 is var x ? 2 * (x - Math.Floor(x)) - 1 : 0;

    static Verdict Of(int count, Func<int, double> value) => DirectionVerdict.Of(Series(count, value), Level, null);

    static SeriesPoint[] Series(int count, Func<int, double> value) => [.. Enumerable.Range(0, count).Select(i => SeriesPoint.Level(First.AddMonths(i), value(i)))];

    static int WorkingDays(DateOnly month) => Enumerable.Range(0, DateTime.DaysInMonth(month.Year, month.Month)).Count(d => month.AddDays(d).DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday));
}
