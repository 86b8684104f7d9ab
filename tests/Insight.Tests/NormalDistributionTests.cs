namespace PenguinMails.Insight.Tests;

public sealed class NormalDistributionTests
{
    // Tail probabilities to 17 digits from an arbitrary-precision computation of erfc(z / sqrt 2) / 2.
    [Theory]
    [InlineData(0.0, 5.0000000000000000E-1)]
    [InlineData(0.5, 3.0853753872598690E-1)]
    [InlineData(1.0, 1.5865525393145705E-1)]
    [InlineData(1.959963984540054, 2.5000000000000014E-2)]
    [InlineData(2.5, 6.2096653257761352E-3)]
    [InlineData(2.82, 2.4011824741892515E-3)]
    [InlineData(2.83, 2.3274002067315545E-3)]
    [InlineData(3.0, 1.3498980316300945E-3)]
    [InlineData(4.1280665227, 1.8291314619781652E-5)]
    [InlineData(5.302131199, 5.7229266086323999E-8)]
    [InlineData(8.0, 6.2209605742717841E-16)]
    [InlineData(20.0, 2.7536241186062337E-89)]
    [InlineData(37.0, 5.7255712225245768E-300)]
    public void Tail_is_right_to_twelve_digits_on_both_sides_of_the_switch(double z, double tail)
    {
        Assert.Equal(1, NormalDistribution.Tail(z) / tail, 1e-12);
        Assert.Equal(tail, NormalDistribution.Cumulative(-z), 1e-300 + tail * 1e-12);
        Assert.Equal(1 - tail, NormalDistribution.Cumulative(z), 1e-15);
    }

    [Theory]
    [InlineData(0.5, 0.0)]
    [InlineData(0.8, 0.8416212335729142)]
    [InlineData(0.9, 1.2815515655446004)]
    [InlineData(0.975, 1.9599639845400543)]
    [InlineData(0.995, 2.575829303548901)]
    [InlineData(0.025, -1.9599639845400543)]
    [InlineData(0.001, -3.0902323061678136)]
    [InlineData(1e-09, -5.9978070150076865)]
    [InlineData(0.9999, 3.7190164854556804)]
    public void Quantile_is_right_to_twelve_digits(double probability, double z) =>
        Assert.Equal(z, NormalDistribution.Quantile(probability), 1e-12 * Math.Max(1, Math.Abs(z)));

    [Fact]
    public void Quantile_undoes_the_tail_down_to_a_chance_in_ten_to_the_three_hundred()
    {
        for (var exponent = -300; exponent < 0; exponent++)
        {
            var p = Math.Pow(10, exponent);
            Assert.Equal(1, NormalDistribution.Tail(-NormalDistribution.Quantile(p)) / p, 1e-11);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    public void Quantile_refuses_what_is_no_inner_probability(double probability) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => NormalDistribution.Quantile(probability));

    [Fact]
    public void Infinities_are_certain()
    {
        Assert.Equal(1, NormalDistribution.Cumulative(double.PositiveInfinity));
        Assert.Equal(0, NormalDistribution.Cumulative(double.NegativeInfinity));
    }
}
