namespace PenguinMails.Insight.Tests;

public sealed class TrendTests
{
    const double Printed = 5e-11; // Half a unit of the last digit printed.

    [Fact]
    public void Rain_has_the_published_plain_test()
    {
        var result = MannKendall.Test(ReferenceSeries.Rain, 0.05);
        Assert.Equal(-1959, result.S);
        Assert.Equal(4889800.333, result.Variance, 5e-4);
        Assert.Equal(-0.8854562843, result.Z, Printed);
        Assert.Equal(0.3759105874, result.P, Printed);
        Assert.Equal(-0.0315316765, result.Tau, Printed);
        Assert.Equal(Trend.None, result.Trend);
    }

    [Fact]
    public void Rain_has_the_published_pre_whitened_test()
    {
        var result = PreWhitening.Test(ReferenceSeries.Rain, 0.05);
        Assert.Equal(-219, result.S);
        Assert.Equal(0.921274299, result.P, 5e-10);
    }

    [Fact]
    public void Rain_has_the_published_line_though_months_are_missing()
    {
        var line = TheilSen.Fit(ReferenceSeries.Rain, 0.05);
        Assert.Equal(-0.0063694268, line.Slope, Printed);
        Assert.Equal(96.1528662, line.Intercept, 5e-8);
    }

    [Fact]
    public void Nile_has_the_published_test_line_and_interval()
    {
        var result = MannKendall.Test(ReferenceSeries.Nile, 0.05);
        Assert.Equal(-1387, result.S);
        Assert.Equal(-4.128066523, result.Z, 5e-10);
        Assert.Equal(3.658263e-05, result.P, 5e-12);
        Assert.Equal(Trend.Falling, result.Trend);

        var line = TheilSen.Fit(ReferenceSeries.Nile, 0.05);
        Assert.Equal(-2.6, line.Slope, 1e-12);
        var interval = Assert.NotNull(line.SlopeInterval);
        Assert.Equal(-3.627907, interval.Low, 5e-7);
        Assert.Equal(-1.428571, interval.High, 5e-7);
        Assert.Equal(0.498, PreWhitening.LagOne(ReferenceSeries.Nile), 5e-4);
    }

    [Theory]
    [InlineData(0, 27, 0.376)]
    [InlineData(28, 99, 1.016)]
    public void Neither_side_of_the_Nile_step_has_a_trend(int first, int last, double z) =>
        Assert.Equal(z, MannKendall.Test(ReferenceSeries.Nile[first..(last + 1)], 0.05).Z, 5e-4);

    [Fact]
    public void Constant_series_has_no_trend_and_no_doubt()
    {
        var constant = Enumerable.Repeat(7.0, 360).ToArray();
        var result = MannKendall.Test(constant, 0.05);
        Assert.Equal((1.0, 0.0, 0.0, Trend.None), (result.P, result.Z, result.S, result.Trend));
        Assert.Equal(0, TheilSen.Fit(constant, 0.05).Slope);
        Assert.Equal(0, PreWhitening.LagOne(constant));
    }

    [Fact]
    public void Rising_series_rises_with_every_pair()
    {
        var rising = Enumerable.Range(0, 360).Select(i => (double)i).ToArray();
        var result = MannKendall.Test(rising, 0.05);
        Assert.Equal((64620.0, 1.0, Trend.Rising), (result.S, result.Tau, result.Trend));
        Assert.Equal(new TheilSenLine(1, 0, new(1, 1)), TheilSen.Fit(rising, 0.05));
    }

    [Theory]
    [InlineData(5, 0.0275, Trend.Rising)]
    [InlineData(4, 0.0894, Trend.None)]
    public void Five_rising_points_are_already_significant(int count, double p, Trend trend)
    {
        var result = MannKendall.Test([.. Enumerable.Range(0, count).Select(i => (double)i)], 0.05);
        Assert.Equal(p, result.P, 5e-5);
        Assert.Equal(trend, result.Trend);
    }

    [Fact]
    public void Line_keeps_its_place_over_a_gap()
    {
        var line = TheilSen.Fit([0, 1, double.NaN, double.NaN, 4, 5], 0.20);
        Assert.Equal((1.0, 0.0), (line.Slope, line.Intercept));
        Assert.Equal(7, line.At(7));
    }

    [Fact]
    public void Three_points_give_a_line_without_an_interval() =>
        Assert.Null(TheilSen.Fit([1, 2, 4], 0.05).SlopeInterval);

    [Theory]
    [InlineData(1)]
    [InlineData(MannKendall.ObservationsMax + 1)]
    public void Series_outside_the_limits_is_refused(int count) =>
        Assert.Throws<ArgumentException>(() => MannKendall.Test(new double[count], 0.05));

    [Fact]
    public void Series_at_the_limit_is_taken() =>
        Assert.Equal(Trend.None, MannKendall.Test(new double[MannKendall.ObservationsMax], 0.05).Trend);
}
