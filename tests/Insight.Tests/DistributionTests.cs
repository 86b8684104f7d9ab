namespace PenguinMails.Insight.Tests;

public sealed class DistributionTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(5, 3.1780538303479458)] // ln 24
    [InlineData(0.5, 0.57236494292470008)] // ln sqrt(pi)
    [InlineData(0.25, 1.2880225246980774)]
    [InlineData(171, 706.57306224578736)] // ln 170!
    [InlineData(1e5, 1051287.7089736538)]
    public void Log_gamma_is_right_to_twelve_digits(double x, double log) =>
        Assert.Equal(log, GammaFunction.Log(x), 1e-12 * Math.Max(1, Math.Abs(log)));

    // For a whole shape the upper ratio is a Poisson sum, for half a one it is a normal tail.
    [Theory]
    [InlineData(1, 0.5)]
    [InlineData(3, 2.5)]
    [InlineData(3, 12)]
    [InlineData(20, 19)]
    [InlineData(20, 35)]
    [InlineData(150, 140)]
    public void Gamma_ratio_is_the_Poisson_sum(int shape, double x)
    {
        double term = Math.Exp(-x), sum = 0;
        for (var k = 0; k < shape; k++)
        {
            sum += term;
            term *= x / (k + 1);
        }
        Assert.Equal(1, GammaFunction.Upper(shape, x) / sum, 1e-11);
        Assert.Equal(1, GammaFunction.Upper(shape, x) + GammaFunction.Lower(shape, x), 1e-14);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(1.0)]
    [InlineData(3.0)]
    [InlineData(6.0)]
    public void Chi_square_with_one_degree_is_a_squared_normal(double z) =>
        Assert.Equal(1, GammaFunction.ChiSquareTail(z * z, 1) / (2 * NormalDistribution.Tail(z)), 1e-11);

    [Theory]
    [InlineData(0.5)]
    [InlineData(3)]
    [InlineData(1000)]
    [InlineData(300000)]
    public void Gamma_quantile_undoes_the_ratio(double shape)
    {
        foreach (var p in new[] { 0.001, 0.025, 0.5, 0.975, 0.999 })
            Assert.Equal(p, GammaFunction.Lower(shape, GammaFunction.Quantile(shape, p)), 1e-10);
    }

    // With whole a and b the beta ratio is a binomial tail.
    [Theory]
    [InlineData(0.2, 3, 5)]
    [InlineData(0.7, 3, 5)]
    [InlineData(0.05, 1, 20)]
    [InlineData(0.5, 40, 40)]
    public void Beta_ratio_is_the_binomial_tail(double x, int a, int b)
    {
        var n = a + b - 1;
        var tail = Enumerable.Range(a, n - a + 1).Sum(k => Math.Exp(GammaFunction.Log(n + 1) - GammaFunction.Log(k + 1) - GammaFunction.Log(n - k + 1)) * Math.Pow(x, k) * Math.Pow(1 - x, n - k));
        Assert.Equal(tail, BetaFunction.Lower(x, a, b), 1e-11);
        Assert.Equal(1 - tail, BetaFunction.Lower(1 - x, b, a), 1e-11);
    }

    [Theory]
    [InlineData(0.5, 0.5)]
    [InlineData(11.39115, 46.0875)]
    [InlineData(20000, 80000)]
    public void Beta_quantile_undoes_the_ratio(double a, double b)
    {
        foreach (var p in new[] { 0.001, 0.1, 0.5, 0.975 })
            Assert.Equal(p, BetaFunction.Lower(BetaFunction.Quantile(p, a, b), a, b), 1e-10);
        Assert.Equal(Math.Pow(Math.Sin(Math.PI * 0.2 / 2), 2), BetaFunction.Quantile(0.2, 0.5, 0.5), 1e-12); // The arcsine law.
    }

    [Fact]
    public void Ends_are_certain_and_impossible_arguments_are_refused()
    {
        Assert.Equal((0.0, 1.0), (GammaFunction.Lower(2, 0), GammaFunction.Lower(2, double.PositiveInfinity)));
        Assert.Equal((0.0, 1.0), (BetaFunction.Lower(0, 2, 3), BetaFunction.Lower(1, 2, 3)));
        Assert.ThrowsAny<ArgumentException>(() => GammaFunction.Lower(0, 1));
        Assert.ThrowsAny<ArgumentException>(() => GammaFunction.Lower(1, -1));
        Assert.ThrowsAny<ArgumentException>(() => GammaFunction.Quantile(1, 1));
        Assert.ThrowsAny<ArgumentException>(() => BetaFunction.Lower(1.1, 1, 1));
        Assert.ThrowsAny<ArgumentException>(() => BetaFunction.Quantile(0, 1, 1));
    }
}
