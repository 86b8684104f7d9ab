using PenguinMails.Insight.Rates;
using PenguinMails.Insight.Survival;

namespace PenguinMails.Insight.Tests;

public sealed class RateTests
{
    static readonly long[] Binomial = [12, 11, 18, 11, 10, 16, 9, 11, 14, 15, 11, 9, 10, 13, 12, 8, 12, 13, 10, 12, 13, 16, 12, 18, 16, 10, 16, 10, 12, 14];
    static readonly long[] Poisson = [11, 8, 13, 11, 13, 17, 25, 23, 11, 16, 9, 15, 10, 16, 12, 8, 9, 15, 4, 12, 12, 12, 15, 17, 14, 17, 12, 12, 7, 16];

    [Fact]
    public void Dispersion_is_the_published_one()
    {
        var binomial = Overdispersion.Binomial(Binomial, [.. Binomial.Select(_ => 50L)]);
        Assert.Equal((22.16924, .81311), (Math.Round(binomial.Statistic, 5), Math.Round(binomial.P, 5)));
        var poisson = Overdispersion.Poisson(Poisson);
        Assert.Equal((42.69388, .0485791), (Math.Round(poisson.Statistic, 5), Math.Round(poisson.P, 7)));
        Assert.Equal(1, Overdispersion.Binomial([0, 0], [5, 5]).P);
    }

    [Theory]
    [InlineData(66, 182, .3231651)]
    [InlineData(1, 5, .1983261)]
    [InlineData(223, 1259, .1780440)]
    public void Posterior_is_the_published_one(long hits, long trials, double mean) =>
        Assert.Equal(mean, Math.Round(new BetaPrior(11.39115, 46.0875, false).Posterior(hits, trials), 7));

    [Fact]
    public void Prior_is_found_again_in_rates_drawn_from_it()
    {
        var random = new Random(7);
        long[] trials = [.. Enumerable.Range(0, 400).Select(_ => (long)random.Next(50, 400))];
        long[] hits = [.. trials.Select(n => Draw(random, BetaFunction.Quantile(1e-9 + random.NextDouble() * 0.999999, 20, 80), n))];
        var prior = BetaBinomial.Fit(hits, trials);
        Assert.False(prior.IsPooled);
        Assert.Equal(0.2, prior.Mean, 0.01);
        Assert.InRange(prior.Alpha + prior.Beta, 75, 135);
        // No neighbour is more likely: the likelihood has its top here.
        foreach (var (a, b) in new[] { (1.01, 1.0), (0.99, 1.0), (1.0, 1.01), (1.0, 0.99) })
            Assert.True(Likelihood(prior.Alpha * a, prior.Beta * b) < Likelihood(prior.Alpha, prior.Beta));

        double Likelihood(double a, double b) => hits.Zip(trials).Sum(one => BetaFunction.Log(one.First + a, one.Second - one.First + b) - BetaFunction.Log(a, b));
    }

    [Fact]
    public void Units_that_do_not_differ_beyond_chance_are_pooled_and_it_is_said()
    {
        var prior = BetaBinomial.Fit([10, 11, 9, 10, 10, 11], [100, 100, 100, 100, 100, 100]);
        Assert.True(prior.IsPooled);
        Assert.Equal(61.5 / 601, prior.Mean, 1e-9);
        Assert.Equal(prior.Mean, prior.Posterior(3, 10), 1e-4);
        Assert.True(BetaBinomial.Fit([0, 0], [10, 10]).IsPooled);
        Assert.ThrowsAny<ArgumentException>(() => BetaBinomial.Fit([1], [2]));
    }

    [Fact]
    public void Posterior_interval_holds_its_mean_and_the_chance_asked_for()
    {
        var range = new BetaPrior(2, 8, false).PosteriorInterval(3, 10, 0.2);
        Assert.Equal(0.8, BetaFunction.Lower(range.High, 5, 15) - BetaFunction.Lower(range.Low, 5, 15), 1e-9);
    }

    // Eighteen players' first 45 times at bat and the rest of their season: shrinking halves the error and more.
    [Fact]
    public void Shrunken_averages_beat_raw_ones_as_published()
    {
        double[] raw = [.400, .378, .356, .333, .311, .311, .289, .267, .244, .244, .222, .222, .222, .222, .222, .200, .178, .156];
        double[] truth = [.346, .298, .276, .222, .273, .270, .263, .210, .269, .230, .264, .256, .303, .264, .226, .285, .316, .200];
        var mean = raw.Average();
        var shrunken = JamesStein.Of(raw, mean * (1 - mean) / 45);
        Assert.Equal((.26539, .21239, .29398), (Math.Round(shrunken.Mean, 5), Math.Round(shrunken.Kept, 5), Math.Round(shrunken.Values[0], 5)));
        Assert.Equal((.075374, .021310), (Math.Round(Error(raw), 6), Math.Round(Error(shrunken.Values), 6)));

        double Error(IEnumerable<double> guesses) => guesses.Zip(truth).Sum(pair => Math.Pow(pair.First - pair.Second, 2));
    }

    [Theory]
    [InlineData(0, 0, 3.688879)]
    [InlineData(3, .618672, 8.767273)]
    [InlineData(10, 4.795389, 18.390356)]
    public void Poisson_interval_is_the_published_one(long count, double low, double high)
    {
        var interval = PoissonExact.Of(count, 0.05);
        Assert.Equal((low, high), (Math.Round(interval.Low, 6), Math.Round(interval.High, 6)));
    }

    [Theory]
    [InlineData(56, 70, 48, 80, .2, .0524315, .3338727)]
    [InlineData(9, 10, 3, 10, .6, .1705227, .8090180)]
    [InlineData(6, 7, 2, 7, .5714286, .0582279, .8062496)]
    public void Difference_of_proportions_is_the_published_one(long h1, long n1, long h2, long n2, double value, double low, double high)
    {
        var difference = Newcombe.Of(h1, n1, h2, n2, 0.05);
        Assert.Equal((value, low, high), (Math.Round(difference.Value, 7), Math.Round(difference.Range.Low, 7), Math.Round(difference.Range.High, 7)));
    }

    // Freireich and others 1963: weeks in remission under 6-MP, + still in remission.
    [Fact]
    public void Remissions_have_the_published_curve()
    {
        Duration[] weeks =
        [
            .. new double[] { 6, 6, 6, 7, 10, 13, 16, 22, 23 }.Select(t => new Duration(t, true)),
            .. new double[] { 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35 }.Select(t => new Duration(t, false)),
        ];
        var curve = KaplanMeier.Of(weeks, 0.05);
        Assert.Equal([.857, .807, .753, .690, .627, .538, .448], curve.Steps.Select(s => Math.Round(s.Survival, 3)));
        Assert.Equal([.0764, .0869, .0963, .1068, .1141, .1282, .1346], curve.Steps.Select(s => Math.Round(s.StandardError, 4)));
        Assert.Equal((.720, 1.0), (Math.Round(curve.Steps[0].Range.Low, 3), curve.Steps[0].Range.High));
        Assert.Equal(23, curve.Median);
        Assert.Equal((1, .857), (curve.At(5.9), Math.Round(curve.At(6.5), 3)));
    }

    // Data set 1 in the appendix of Therneau and Grambsch, out of order and with a tie of an event and a censoring.
    [Fact]
    public void Six_subjects_have_the_curve_of_the_textbook()
    {
        var curve = KaplanMeier.Of([new(9, true), new(1, true), new(1, false), new(6, true), new(6, true), new(8, false)], 0.05);
        Assert.Equal([(1.0, 6, 1), (6, 4, 2), (9, 1, 1)], curve.Steps.Select(s => (s.Time, (int)s.AtRisk, (int)s.Events)));
        Assert.Equal([5.0 / 6, 5.0 / 12, 0], curve.Steps.Select(s => s.Survival));
    }

    // Miller 1981, as printed by survfit of the R package survival for aml, maintained group.
    [Fact]
    public void Maintained_leukaemia_has_the_published_curve()
    {
        var curve = KaplanMeier.Of([new(9, true), new(13, true), new(13, false), new(18, true), new(23, true), new(28, false), new(31, true), new(34, true), new(45, false), new(48, true), new(161, false)], 0.05);
        Assert.Equal([.909, .818, .716, .614, .491, .368, .184], curve.Steps.Select(s => Math.Round(s.Survival, 3)));
        Assert.Equal([.0867, .1163, .1397, .1526, .1642, .1627, .1535], curve.Steps.Select(s => Math.Round(s.StandardError, 4)));
        Assert.Equal(31, curve.Median);
    }

    [Fact]
    public void Without_censoring_the_curve_is_the_share_left()
    {
        var curve = KaplanMeier.Of([new(4, true), new(1, true), new(3, true), new(2, true)], 0.2);
        Assert.Equal([.75, .5, .25, 0], curve.Steps.Select(s => Math.Round(s.Survival, 12)));
        Assert.Equal(2.5, curve.Median);
        Assert.Null(KaplanMeier.Of([new(4, false), new(1, true), new(3, false), new(2, false)], 0.2).Median);
        Assert.ThrowsAny<ArgumentException>(() => KaplanMeier.Of(Array.Empty<Duration>(), 0.2));
        Assert.ThrowsAny<ArgumentException>(() => KaplanMeier.Of([new(-1, true)], 0.2));
        Assert.ThrowsAny<ArgumentException>(() => KaplanMeier.OfTable([(1, 5, 6)], 0.2));
    }

    static long Draw(Random random, double rate, long trials) => Enumerable.Range(0, (int)trials).LongCount(_ => random.NextDouble() < rate);
}
