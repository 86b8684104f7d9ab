using PenguinMails.Insight.Charts;

namespace PenguinMails.Insight.Tests;

public sealed class ChartTests
{
    static readonly double[] Screened = [1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1];
    static readonly double[] Batches = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1];

    static readonly double[] Weights =
    [
        324.925, 324.675, 324.725, 324.350, 325.350, 325.225, 324.125, 324.525, 325.225, 324.600,
        324.625, 325.150, 328.325, 327.250, 327.825, 328.500, 326.675, 327.775, 326.875, 328.350,
    ];

    [Theory]
    [InlineData(true, 4.6044, -0.7156)]
    [InlineData(false, 6.9515, -3.0626)]
    public void One_wild_value_is_screened_out_of_the_limits(bool screen, double high, double low)
    {
        // The mean 35/18 of the published chart needs a total of 35; its 18th value is a 1.
        var limits = IndividualsChart.Of(Screened, screen, IndividualsChart.Factor);
        Assert.Equal(1.9444, limits.Mean, 5e-5);
        Assert.Equal((high, low), (Math.Round(limits.High, 4), Math.Round(limits.Low, 4)));
        Assert.Equal(screen || 10 > high, RunRules.Check(Screened, limits).Contains(new(RunRule.Outside, 4)));
    }

    [Fact]
    public void Ten_batches_have_the_published_limits()
    {
        var limits = IndividualsChart.Of(Batches, false, IndividualsChart.ExactFactor);
        Assert.Equal((50.81, 1.87778), (Math.Round(limits.Mean, 2), Math.Round(limits.MovingRange, 5)));
        Assert.Equal((55.8041, 45.8159), (Math.Round(limits.High, 4), Math.Round(limits.Low, 4)));
    }

    [Fact]
    public void Juice_has_the_published_limits_and_two_samples_outside()
    {
        var limits = ProportionChart.Plain(ReferenceSeries.Juice, [.. Enumerable.Repeat(50L, 30)]);
        Assert.Equal((.2313333, .0524275, .4102391), (Math.Round(limits.Centre, 7), Math.Round(limits.Low[0], 7), Math.Round(limits.High[0], 7)));
        Assert.Equal([15, 23], limits.Outside.Select(i => i + 1));
    }

    [Fact]
    public void Laney_widens_by_the_spread_between_periods()
    {
        long[] trials = [.. Enumerable.Repeat(50L, 30)];
        var (plain, laney) = (ProportionChart.Plain(ReferenceSeries.Juice, trials), ProportionChart.Laney(ReferenceSeries.Juice, trials, false));
        var ranges = ReferenceSeries.Juice.Skip(1).Select((hit, i) => Math.Abs(hit - ReferenceSeries.Juice[i]) / 50.0).Average();
        var sigma = Math.Sqrt(plain.Centre * (1 - plain.Centre) / 50);
        Assert.Equal(ranges / sigma / 1.128, laney.SigmaZ, 1e-12);
        Assert.Equal(plain.Centre + 3 * sigma * laney.SigmaZ, laney.High[0], 1e-12);
    }

    [Fact]
    public void Proportion_limits_stay_within_what_a_proportion_can_be()
    {
        var limits = ProportionChart.Plain([0, 1, 0, 1], [2, 2, 2, 2]);
        Assert.All(limits.Low, low => Assert.Equal(0, low));
        Assert.True(ProportionChart.Laney([0, 0], [5, 5], true) is { Centre: 0, Outside.Count: 0 });
    }

    [Fact]
    public void Weights_have_the_published_sums_and_first_alarm()
    {
        var sums = Cusum.Of(Weights, 325, .3175, 4.1959);
        Assert.Equal([3.0075, 4.94, 7.4475, 10.63, 11.9875, 14.445, 16.0025, 19.035], sums.High.Skip(12).Select(sum => Math.Round(sum, 4)));
        Assert.Equal(13, sums.Alarms[0]); // The fourteenth.
        Assert.All(sums.Low.Zip(Enumerable.Range(0, 20).Select(i => Cusum.Of([.. Weights.Select(w => 650 - w)], 325, .3175, 4.1959).High[i])), pair => Assert.Equal(pair.Second, pair.First, 1e-9));
    }

    [Fact]
    public void Smoothed_batches_have_the_published_values_and_limits()
    {
        double[] values = [52.0, 47.0, 53.0, 49.3, 50.1, 47.0, 51.0, 50.1, 51.2, 50.5, 49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1];
        var chart = Ewma.Of(values, .3, 50, 2.0539, 3);
        Assert.Equal([50.6, 49.52, 50.56], chart.Smoothed.Take(3).Select(v => Math.Round(v, 2)));
        Assert.Equal((51.99, 52.5884, 47.4115), (Math.Round(chart.Smoothed[^1], 2), Math.Round(chart.High, 4), Math.Floor(chart.Low * 1e4) / 1e4));
        Assert.Empty(chart.Outside);
        Assert.Equal(50 + 3 * 2.0539 * .3, chart.HighEach[0], 1e-12);
        Assert.True(chart.HighEach[^1] < chart.High);
    }

    [Fact]
    public void Runs_of_seven_break_a_rule_and_runs_of_six_do_not()
    {
        var limits = new IndividualsLimits(0, 1, -3, 3, true);
        Assert.Empty(RunRules.Check([1, 1, 1, 1, 1, 1, -1], limits));
        Assert.Equal(Enumerable.Range(0, 7), RunRules.Check([1, 1, 1, 1, 1, 1, 1, -1], limits).Where(b => b.Rule == RunRule.SevenOneSide).Select(b => b.Index));
        Assert.DoesNotContain(RunRules.Check([-3, -2, -1, 0, 1, 2, 2], limits), b => b.Rule == RunRule.SevenTrending);
        Assert.Equal(Enumerable.Range(0, 7), RunRules.Check([-3, -2, -1, 0, 1, 1.5, 1.8], limits).Where(b => b.Rule == RunRule.SevenTrending).Select(b => b.Index));
    }

    [Fact]
    public void Two_of_three_in_the_outer_third_break_a_rule()
    {
        var limits = new IndividualsLimits(0, 1, -3, 3, true);
        Assert.Equal([0, 2], RunRules.Check([2.5, 0, 2.5, 0], limits).Select(b => b.Index));
        Assert.Empty(RunRules.Check([2.5, 0, 0, 2.5], limits));
        Assert.Empty(RunRules.Check([2.5, -2.5, 0], limits));
        Assert.Equal([RunRule.Outside], RunRules.Check([3.5, 2.5, 0], limits).Select(b => b.Rule)); // Outside is not near.
    }

    [Fact]
    public void Value_far_out_of_its_neighbours_is_flagged()
    {
        Assert.Equal([4], Hampel.Flag([1, 2, 1, 2, 50, 1, 2, 1, 2, 1]));
        Assert.Empty(Hampel.Flag([1, 2, 3, 4, 5, 6, 7, 8]));
        Assert.Empty(Hampel.Flag([1, 1, 1, double.NaN, 1, 1]));
    }

    // Of 12 ranges 10 are 0: their mean is 10/12, both fives lie above 3.267 times that, and without them nothing is left.
    [Fact]
    public void Screening_that_leaves_only_zeros_is_not_done()
    {
        double[] values = [2, 2, 2, 2, 2, 2, 7, 2, 2, 2, 2, 2, 2];
        var limits = IndividualsChart.Of(values, true, IndividualsChart.Factor);
        Assert.False(limits.IsScreened);
        Assert.Equal((10.0 / 12, 31.0 / 13), (limits.MovingRange, limits.Mean));
        Assert.Equal([6], RunRules.Check(values, limits).Where(one => one.Rule == RunRule.Outside).Select(one => one.Index));
        Assert.True(IndividualsChart.Of(Screened, true, IndividualsChart.Factor).IsScreened);
        Assert.Equal((0, true), (IndividualsChart.Of([3, 3, 3], true, IndividualsChart.Factor).MovingRange, IndividualsChart.Of([3, 3, 3], true, IndividualsChart.Factor).IsScreened));
    }

    [Fact]
    public void Ranges_over_a_gap_do_not_count() =>
        Assert.Equal(1, IndividualsChart.Of([1, 2, double.NaN, 50, 51], false, IndividualsChart.Factor).MovingRange);

    [Fact]
    public void Impossible_arguments_are_refused()
    {
        Assert.ThrowsAny<ArgumentException>(() => IndividualsChart.Of([1], true, 2.66));
        Assert.ThrowsAny<ArgumentException>(() => ProportionChart.Plain([3], [2]));
        Assert.ThrowsAny<ArgumentException>(() => Ewma.Of([1], 0, 1, 1, 3));
        Assert.ThrowsAny<ArgumentException>(() => Cusum.Of([1], 1, -1, 1));
        Assert.ThrowsAny<ArgumentException>(() => Cusum.Of([double.NaN], 1, 1, 1));
    }
}
