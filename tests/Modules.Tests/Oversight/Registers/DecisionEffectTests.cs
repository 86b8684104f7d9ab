using PenguinMails.Oversight.Decisions;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Modules.Tests.Oversight.Registers;

/// <summary>What came of a decision, on series whose truth is known.</summary>
public sealed class DecisionEffectTests
{
    static readonly Kpi Rate = KpiCatalog.Find("answer_rate")!;
    static readonly Kpi Money = KpiCatalog.Find("spend")!;
    static readonly DateOnly Monday = new(2025, 9, 1);

    static ExpectedChange Expect(string? quantity, string? baseline = null) => new(Written(quantity), Written(baseline));

    static Quantity? Written(string? text) => text is null ? null : Quantity.Of(new ScalarNode(default, text, quoted: true));

    static List<KpiValue> Weeks(params (long Hits, long Trials)[] weeks) => [.. weeks.Select((one, i) => new KpiValue(Monday.AddDays(7 * i), one.Hits, one.Trials, null, "percent", 1))];

    static List<KpiValue> Months(params double[] months) => [.. months.Select((value, i) => new KpiValue(new DateOnly(2025, 1, 1).AddMonths(i), null, null, value, "EUR", 1))];

    static EffectVerdict OfRate(long before, long after, string? expected, int weeks = 6, long trials = 1000)
    {
        var values = Weeks([.. Enumerable.Repeat((before, trials), weeks), .. Enumerable.Repeat((after, trials), weeks + 1)]);
        return DecisionEffect.Of(Rate, values, Monday.AddDays(7 * weeks), Monday.AddDays(7 * 40), Expect(expected));
    }

    [Theory]
    [InlineData(50, 70, "2 %", "as_expected")]
    [InlineData(50, 70, null, "as_expected")]
    [InlineData(50, 70, ">= 7 %", "as_expected")] // At least is a level, not a change.
    [InlineData(50, 70, "5 %", "less_than_expected")]
    [InlineData(70, 50, "2 %", "other_direction")]
    [InlineData(50, 51, "2 %", "no_effect_seen")]
    public void A_rate_is_compared_by_its_counts(long before, long after, string? expected, string verdict)
    {
        var found = OfRate(before, after, expected);
        Assert.Equal(verdict, found.Verdict);
        Assert.Equal((6, 6, 6000L, 6000L), (found.PointsBefore, found.PointsAfter, found.CasesBefore, found.CasesAfter));
        Assert.InRange((after - before) / 1000.0, found.Range!.Value.Low, found.Range!.Value.High);
    }

    [Fact]
    public void The_week_of_the_decision_counts_on_neither_side() => Assert.Equal(6, OfRate(50, 70, null).PointsAfter);

    [Theory]
    [InlineData(2, 1000, "2 closed periods before")]
    [InlineData(6, 10, "60 messages sent before")]
    public void Too_little_is_said_with_what_is_needed(int weeks, long trials, string words)
    {
        var found = OfRate(1, 2, "2 %", weeks, trials);
        Assert.Equal("not_enough_data", found.Verdict);
        Assert.Contains(words, found.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Weeks_that_differ_by_more_than_chance_say_less()
    {
        List<KpiValue> Of(long swing) => Weeks([.. Enumerable.Range(0, 6).Select(i => (50 + (i % 2 == 0 ? swing : -swing), 1000L)), (50, 1000), .. Enumerable.Range(0, 6).Select(i => (62 + (i % 2 == 0 ? swing : -swing), 1000L))]);
        EffectVerdict Judged(long swing) => DecisionEffect.Of(Rate, Of(swing), Monday.AddDays(42), Monday.AddDays(200), Expect("1 %"));
        Assert.Equal("as_expected", Judged(0).Verdict);
        Assert.Equal("no_effect_seen", Judged(40).Verdict);
    }

    [Theory]
    [InlineData("200 EUR", "other_direction")] // A rise was expected, and it fell.
    [InlineData(null, "as_expected")] // Less spend is good.
    [InlineData("<= 700 EUR", "as_expected")]
    [InlineData("<= 100 EUR", "less_than_expected")]
    [InlineData("0.7x", "as_expected")]
    public void A_level_is_compared_by_its_medians(string? expected, string verdict)
    {
        var values = Months(1000, 1010, 990, 1005, 995, 1000, 1002, 700, 705, 695, 700, 702, 698, 701);
        Assert.Equal(verdict, DecisionEffect.Of(Money, values, new DateOnly(2025, 7, 15), new DateOnly(2026, 12, 31), Expect(expected)).Verdict);
    }

    [Fact]
    public void A_trend_that_ran_before_is_no_effect()
    {
        var falling = Months([.. Enumerable.Range(0, 20).Select(i => 1000.0 - (20 * i) + (3 * (i % 3)))]);
        var found = DecisionEffect.Of(Money, falling, new DateOnly(2025, 10, 15), new DateOnly(2027, 1, 1), Expect(null));
        Assert.True(found.IsBeyondTrend);
        Assert.Equal("no_effect_seen", found.Verdict);
        Assert.EndsWith(". What came after cannot be told apart from the fall before.", found.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_jump_on_a_line_is_an_effect()
    {
        var months = Months([.. Enumerable.Range(0, 27).Select(i => 1000 + (5.0 * i) + (6 * ((i % 3) - 1)) + (i > 13 ? 150 : 0))]);
        var jump = DecisionEffect.Of(Money, months, new DateOnly(2026, 2, 15), new DateOnly(2028, 1, 1), Expect("100 EUR"));
        Assert.Equal(("as_expected", true), (jump.Verdict, jump.IsBeyondTrend));
        Assert.InRange(150, jump.Range!.Value.Low, jump.Range.Value.High);
    }

    [Fact]
    public void Too_few_weeks_to_know_a_slope_are_said_to_be_too_few()
    {
        var found = DecisionEffect.Of(Rate, Weeks((40, 1000), (50, 1000), (60, 1000), (65, 1000), (70, 1000), (80, 1000), (90, 1000)), Monday.AddDays(21), Monday.AddDays(100), Expect(null));
        Assert.Equal(("not_enough_data", "Answer rate rose before the decision, and 3 closed periods are too few to know how fast: what came after cannot be told apart from it."), (found.Verdict, found.Sentence));
    }

    [Fact]
    public void Periods_after_the_review_date_are_left_out() =>
        Assert.Equal("not_enough_data", DecisionEffect.Of(Money, Months([.. Enumerable.Repeat(10.0, 14)]), new DateOnly(2025, 7, 15), new DateOnly(2025, 12, 31), Expect(null)).Verdict);

    [Theory]
    [InlineData("1 %", null, 0.01)]
    [InlineData(">= 6 %", null, 0.01)]
    [InlineData("6 %", "5.5 %", 0.005)]
    [InlineData("2x", null, 0.05)]
    [InlineData("10 EUR", null, null)] // Money is no share.
    public void What_is_expected_of_a_rate_of_five_percent(string quantity, string? baseline, double? change)
    {
        var found = Expect(quantity, baseline).Of(Rate, 0.05);
        if (change is null) Assert.Null(found);
        else Assert.Equal(change.Value, found!.Value, 9);
    }

    [Fact]
    public void Percent_of_money_is_relative() => Assert.Equal(100, Expect("10 %").Of(Money, 1000));

    /// <summary>Decisions that changed nothing, 400 of each kind. The second number is the most that may be told to have an effect.</summary>
    [Theory]
    [InlineData("level", 28)]
    [InlineData("level with a trend", 28)]
    [InlineData("level that remembers", 36)]
    [InlineData("rate", 28)]
    [InlineData("rate that varies", 32)]
    public void By_chance_alone_few_are_told(string kind, int most)
    {
        var random = new Random(20261126);
        var told = 0;
        for (var i = 0; i < 400; i++)
            if ((kind.StartsWith("rate", StringComparison.Ordinal) ? Chance(random, kind) : Drift(random, kind)).Verdict is not ("no_effect_seen" or "not_enough_data")) told++;
        TestContext.Current.TestOutputHelper?.WriteLine($"{kind}: {told} of 400");
        Assert.InRange(told, 0, most);
    }

    static double Noise(Random random) => 10 * (random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5);

    static EffectVerdict Drift(Random random, string kind)
    {
        var (memory, slope) = (kind.EndsWith("remembers", StringComparison.Ordinal) ? 0.5 : 0, kind.EndsWith("trend", StringComparison.Ordinal) ? 2.0 : 0);
        var last = 0.0;
        double Next(int i) => 100 + (slope * i) + (last = (memory * last) + Noise(random));
        return DecisionEffect.Of(Money, Months([.. Enumerable.Range(0, 25).Select(Next)]), new DateOnly(2026, 1, 10), new DateOnly(2027, 6, 1), Expect(null));
    }

    static EffectVerdict Chance(Random random, string kind)
    {
        (long, long) Week()
        {
            var rate = 0.05 * (kind.EndsWith("varies", StringComparison.Ordinal) ? 0.6 + (0.8 * random.NextDouble()) : 1);
            return (Enumerable.Range(0, 1000).Count(_ => random.NextDouble() < rate), 1000);
        }

        return DecisionEffect.Of(Rate, Weeks([.. Enumerable.Range(0, 17).Select(_ => Week())]), Monday.AddDays(56), Monday.AddDays(300), Expect(null));
    }
}
