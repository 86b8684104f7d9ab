namespace PenguinMails.Insight.Tests;

/// <summary>Each test of the family on the series its published software is tested with.</summary>
public sealed class TrendFamilyTests
{
    const double Alpha = 0.05;
    static readonly double[] Constant = [.. Enumerable.Repeat(7.0, 360)];
    static readonly double[] Rising = [.. Enumerable.Range(0, 360).Select(i => (double)i)];

    [Fact]
    public void Births_rise() => Near(MannKendall.Test(ReferenceSeries.Births, Alpha), Trend.Rising, 5.302131199, 5e-10, 1.144585e-07, 5e-14);

    [Fact]
    public void A_jump_between_two_pieces_leaves_the_slope_they_share()
    {
        var (slope, interval) = TheilSen.Shared([[0, 2, double.NaN, 6, 8, 10], [100, 102, 104, 106, 108, 110]], Alpha);
        Assert.Equal((2, new Interval(2, 2)), (slope, interval));
        Assert.Null(TheilSen.Shared([[1, 2, 4], [9, 11, 12]], Alpha).Interval); // Too few to know.
        Assert.Equal(TheilSen.FitRemembering(ReferenceSeries.Nile, Alpha) is var whole ? (whole.Slope, whole.SlopeInterval) : default, TheilSen.Shared([ReferenceSeries.Nile], Alpha));
    }

    [Fact]
    public void Births_have_the_published_slope() => Assert.Equal(0.01923077, TheilSen.Fit(ReferenceSeries.Births, Alpha).Slope, 5e-9);

    [Theory]
    [InlineData(null, -3.8419950613710894, 0.00012203829241275166, 259723.81316716125, Trend.Falling)]
    [InlineData(3, -0.5190709455046154, 0.6037112685123898, 14228919.889368296, Trend.None)]
    public void Rain_has_the_published_Hamed_Rao_test(int? lag, double z, double p, double variance, Trend trend) =>
        Holds(HamedRao.Test(ReferenceSeries.Rain, Alpha, lag), trend, z, p, -1959, variance);

    [Theory]
    [InlineData(null, -2.6354977553857504, 0.008401398144858296, 551950.4269211816, Trend.Falling)]
    [InlineData(1, -0.6078133313683783, 0.5433112864060043, 10377313.384506395, Trend.None)]
    public void Rain_has_the_published_Yue_Wang_test(int? lag, double z, double p, double variance, Trend trend) =>
        Holds(YueWang.Test(ReferenceSeries.Rain, Alpha, lag), trend, z, p, -1959, variance);

    [Fact]
    public void Rain_has_the_published_whitened_tests()
    {
        Holds(PreWhitening.Test(ReferenceSeries.Rain, Alpha), Trend.None, -0.09882867695903437, 0.9212742990272651, -219, 4865719);
        Holds(PreWhitening.TestTrendFree(ReferenceSeries.Rain, Alpha), Trend.None, -0.28512735834365455, 0.7755465706913385, -630, 4866576);
    }

    [Fact]
    public void Rain_has_the_published_seasonal_tests()
    {
        Holds(SeasonalMannKendall.Test(ReferenceSeries.Rain, 12, Alpha), Trend.Falling, -2.136504114534638, 0.03263834596177739, -399, 34702.333333333336);
        Holds(SeasonalMannKendall.TestCorrelated(ReferenceSeries.Rain, 12, Alpha), Trend.None, -1.878400366918792, 0.06032641537423844, -333, 31427.666666666664);
        var line = SeasonalSlope.Fit(ReferenceSeries.Rain, 12, Alpha);
        Assert.Equal((-0.08695652173913043, 96.31159420289855), (line.Slope, line.Intercept));
    }

    [Fact]
    public void Two_columns_have_the_published_regional_correlated_and_partial_tests()
    {
        double[][] water = [ReferenceSeries.Water(0), ReferenceSeries.Water(1)];
        Holds(RegionalMannKendall.Test(water, Alpha), Trend.None, -1.1233194854000186, 0.2613018311185482, -362, 103278);
        Holds(RegionalMannKendall.TestCorrelated(water, Alpha), Trend.None, -1.8973873659119118, 0.05777683185903615, -317, 27913);
        var partial = PartialMannKendall.Test(water[0], water[1], Alpha);
        Holds(partial, Trend.None, -1.8336567432191642, 0.06670496348739152, -282.53012319329804, 23740.695506142725);
        Assert.Equal(-0.07552758237689744, partial.Tau, 1e-15);
        Assert.Equal(-0.680446465481604, SeasonalSlope.Fit(ReferenceSeries.WaterPairs, 2, Alpha).Slope, 1e-14);
        Assert.Equal(-0.5634921, TheilSen.Fit(water[0], Alpha).Slope, 5e-8);
    }

    [Fact]
    public void Airline_passengers_rise_in_every_month()
    {
        var result = SeasonalMannKendall.Test(ReferenceSeries.Airline, 12, Alpha);
        Assert.Equal((784.0, Trend.Rising), (result.S, result.Trend));
        Assert.Equal(15.50571, result.Z, 5e-6);
        Assert.Equal(30.23611111, SeasonalSlope.Fit(ReferenceSeries.Airline, 12, Alpha).Slope, 5e-9);
    }

    [Fact]
    public void Constant_series_has_no_trend_in_any_test()
    {
        MannKendallResult[] all =
        [
            MannKendall.Test(Constant, Alpha), HamedRao.Test(Constant, Alpha, null), YueWang.Test(Constant, Alpha, null), PreWhitening.Test(Constant, Alpha),
            PreWhitening.TestTrendFree(Constant, Alpha), SeasonalMannKendall.Test(Constant, 12, Alpha), SeasonalMannKendall.TestCorrelated(Constant, 12, Alpha),
            RegionalMannKendall.Test([Constant, Constant], Alpha),
        ];
        Assert.All(all, result => Assert.Equal((0.0, 1.0, Trend.None), (result.Z, result.P, result.Trend)));
    }

    [Fact]
    public void Rising_series_rises_in_every_test()
    {
        MannKendallResult[] all =
        [
            HamedRao.Test(Rising, Alpha, null), HamedRao.Test(Rising, Alpha, 3), YueWang.Test(Rising, Alpha, 1), PreWhitening.Test(Rising, Alpha),
            PreWhitening.TestTrendFree(Rising, Alpha), SeasonalMannKendall.TestCorrelated(Rising, 12, Alpha),
        ];
        Assert.All(all, result => Assert.Equal(Trend.Rising, result.Trend));
        var seasonal = SeasonalMannKendall.Test(Rising, 12, Alpha);
        Assert.Equal((5220.0, 1.0, Trend.Rising), (seasonal.S, seasonal.Tau, seasonal.Trend));
        var line = SeasonalSlope.Fit(Rising, 12, Alpha);
        Assert.Equal((12.0, 0.0), (line.Slope, line.Intercept));
    }

    // With one value of each rank in both columns, all orders of the second are equally likely: the variance of its S
    // and the covariance over all of them are known by counting.
    [Fact]
    public void Variance_of_correlated_columns_is_that_of_counting_all_orders()
    {
        double[] values = [1, 2, 3, 4, 5], other = [3, 1, 2, 5, 4];
        var variance = Orders(values, 0).Average(order => Score(order) * Score(order));
        Assert.Equal(variance, MannKendall.Test(values, Alpha).Variance, 1e-9);
        var covariance = Orders([0, 1, 2, 3, 4], 0).Average(order => Score(order.Select(i => values[(int)i])) * Score(order.Select(i => other[(int)i])));
        Assert.Equal(2 * variance + 2 * covariance, RegionalMannKendall.TestCorrelated([values, other], Alpha).Variance, 1e-9);

        static double Score(IEnumerable<double> order) => MannKendall.Test([.. order], Alpha).S;
    }

    [Fact]
    public void Series_that_ends_within_a_cycle_is_filled_up() =>
        Assert.Equal(SeasonalMannKendall.Test([.. Rising[..30], double.NaN, double.NaN], 4, Alpha), SeasonalMannKendall.Test(Rising[..30], 4, Alpha));

    [Fact]
    public void Variance_that_a_correction_made_negative_claims_nothing()
    {
        double[] saw = [.. Enumerable.Range(0, 21).Select(i => i % 2 == 0 ? 1.0 : -1.0).Append(-1.5)];
        var result = YueWang.Test(saw, Alpha, 1);
        Assert.True(result.Variance < 0);
        Assert.Equal((double.NaN, double.NaN, Trend.None), (result.Z, result.P, result.Trend));
    }

    [Fact]
    public void Impossible_arguments_are_refused()
    {
        Assert.ThrowsAny<ArgumentException>(() => SeasonalMannKendall.Test(Rising, 0, Alpha));
        Assert.ThrowsAny<ArgumentException>(() => SeasonalMannKendall.Test([1, 2, 3], 12, Alpha));
        Assert.ThrowsAny<ArgumentException>(() => HamedRao.Test(Rising, Alpha, 0));
        Assert.ThrowsAny<ArgumentException>(() => PartialMannKendall.Test([1, 2, 3], [1, 2], Alpha));
        Assert.ThrowsAny<ArgumentException>(() => RegionalMannKendall.TestCorrelated([[1, double.NaN], [double.NaN, 2]], Alpha));
        Assert.ThrowsAny<ArgumentException>(() => RegionalMannKendall.Test([], Alpha));
    }

    static IEnumerable<double[]> Orders(double[] values, int from)
    {
        if (from == values.Length) yield return [.. values];
        for (var i = from; i < values.Length; i++)
        {
            (values[from], values[i]) = (values[i], values[from]);
            foreach (var order in Orders(values, from + 1)) yield return order;
            (values[from], values[i]) = (values[i], values[from]);
        }
    }

    static void Near(MannKendallResult result, Trend trend, double z, double zPrinted, double p, double pPrinted)
    {
        Assert.Equal(trend, result.Trend);
        Assert.Equal(z, result.Z, zPrinted);
        Assert.Equal(p, result.P, pPrinted);
    }

    static void Holds(MannKendallResult result, Trend trend, double z, double p, double s, double variance)
    {
        Near(result, trend, z, 1e-12, p, 1e-13);
        Assert.Equal(s, result.S, 1e-9);
        Assert.Equal(1, result.Variance / variance, 1e-12);
    }
}
