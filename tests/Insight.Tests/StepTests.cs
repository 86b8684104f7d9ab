using PenguinMails.Insight.Steps;

namespace PenguinMails.Insight.Tests;

public sealed class StepTests
{
    [Fact]
    public void Nile_has_the_published_break_and_weights()
    {
        var shape = SingleStep.Weigh(ReferenceSeries.Nile, SingleStep.SegmentMin);
        var step = Assert.IsType<StepFit>(shape.BestStep);
        Assert.Equal(28, step.Break); // 1898
        Assert.Equal(1597457, step.SquaresLeft, 0.5);
        Assert.Equal((1097.75, 849.97), (step.Before, Math.Round(step.After, 2)));
        Assert.Equal(-22.6, Math.Round(100 * step.Height / step.Before, 1));
        Assert.Equal((1318, 1298, 1270), ((int)Math.Round(shape.Flat), (int)Math.Round(shape.Linear), (int)Math.Round(shape.Step)));
        Assert.True(shape.IsStep);
        var total = ReferenceSeries.Nile.Sum(v => Math.Pow(v - ReferenceSeries.Nile.Average(), 2));
        Assert.Equal(2835157, total, 0.5);
        Assert.Equal(75.93, (total - step.SquaresLeft) / (step.SquaresLeft / 98), 0.005); // supF
    }

    [Fact]
    public void Nile_broke_between_1895_and_1902_as_published()
    {
        var step = Assert.IsType<StepFit>(SingleStep.Weigh(ReferenceSeries.Nile, 6).BestStep);
        Assert.Equal(new(25, 32), BreakInterval.Of(ReferenceSeries.Nile, step, 0.05));
        Assert.Equal(new(6, 6), BreakInterval.Of([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1], new(6, 0, 1, 0, double.PositiveInfinity), 0.05));
        Assert.ThrowsAny<ArgumentException>(() => BreakInterval.Of([1, 2], step, 0.05));
    }

    [Fact]
    public void Nile_is_one_step_on_a_fitting_scale_and_a_trap_on_none()
    {
        var scale = RobustScale.OfDifferences(ReferenceSeries.Nile);
        Assert.Equal(115.3, scale, 0.05);
        Assert.Equal(94, Pelt.Means(ReferenceSeries.Nile, 1).Count);
        Assert.Equal([28], Pelt.Means(ReferenceSeries.Nile, scale));
        Assert.Equal([28], Pelt.Means(ReferenceSeries.Nile, Math.Sqrt(ReferenceSeries.Nile.Sum(v => Math.Pow(v - ReferenceSeries.Nile.Average(), 2)) / 99)));
        Assert.Equal([4, 6, 28], Pelt.MeansAndVariances(ReferenceSeries.Nile, 2));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Fast_search_finds_what_trying_every_partition_finds(int seed)
    {
        var random = new Random(seed);
        double[] values = [.. Enumerable.Range(0, 13).Select(i => (i / 5) * 4.0 * (seed % 2 == 0 ? 1 : -1) + random.NextDouble())];
        Assert.Equal(BestByTrying(values, 0.5), Pelt.Means(values, 0.5));
    }

    [Fact]
    public void Pettitt_finds_the_Nile_step_by_its_definition()
    {
        var result = Pettitt.Test(ReferenceSeries.Nile);
        Assert.Equal((28, false), (result.Break, result.Rises));
        var naive = Enumerable.Range(1, 99).Max(t => Math.Abs(Enumerable.Range(0, t).Sum(i =>
            Enumerable.Range(t, 100 - t).Sum(j => Math.Sign(ReferenceSeries.Nile[i] - ReferenceSeries.Nile[j])))));
        Assert.Equal(naive, result.U);
        Assert.Equal(2 * Math.Exp(-6.0 * naive * naive / (1_000_000 + 10_000)), result.P, 1e-15);
    }

    // As pettitt.test of the R package trend prints it.
    [Fact]
    public void Pettitt_finds_the_published_step_in_accidents_of_drivers()
    {
        var result = Pettitt.Test(ReferenceSeries.Drivers);
        Assert.Equal((72, 5178.0, false), (result.Break, result.U, result.Rises));
        Assert.Equal(3.029e-10, result.P, 5e-14);
    }

    // Two rising halves of 10 and 15 years: the break lies two years into the second, as the R package and a port of it to Julia print it.
    [Fact]
    public void Pettitt_breaks_a_rising_series_in_its_middle()
    {
        var result = Pettitt.Test([.. Enumerable.Range(0, 10).Select(i => 10 + (0.01 * i)), .. Enumerable.Range(0, 15).Select(i => 20 + (0.01 * i))]);
        Assert.Equal((12, 156.0), (result.Break, result.U));
        Assert.Equal(0.00025039952406474066, result.P, 1e-17);
    }

    [Fact]
    public void Pettitt_says_which_way_and_is_sure_of_nothing_on_a_constant()
    {
        Assert.True(Pettitt.Test([1, 1, 1, 1, 5, 5, 5, 5]).Rises);
        Assert.Equal((0.0, 1.0), (Pettitt.Test([3, 3, 3, 3]).U, Pettitt.Test([3, 3, 3, 3]).P));
    }

    [Theory]
    [InlineData(11, false)]
    [InlineData(12, true)]
    public void Step_needs_six_values_on_both_sides(int count, bool has) =>
        Assert.Equal(has, SingleStep.Weigh([.. Enumerable.Range(0, count).Select(i => i < 6 ? 0.0 : 1)], SingleStep.SegmentMin).BestStep is not null);

    [Fact]
    public void Best_step_is_that_of_trying_every_place()
    {
        var values = ReferenceSeries.Births[..60];
        var tried = Enumerable.Range(6, 49).MinBy(at => Squares(values[..at]) + Squares(values[at..]));
        Assert.Equal(tried, SingleStep.Weigh(values, 6).BestStep?.Break);
    }

    [Fact]
    public void Perfect_lines_and_constants_have_finite_weights()
    {
        var line = SingleStep.Weigh([.. Enumerable.Range(0, 20).Select(i => (double)i)], 6);
        Assert.True(line.Linear < line.Step && line.Linear < line.Flat && double.IsFinite(line.Linear));
        var constant = SingleStep.Weigh([.. Enumerable.Repeat(4.0, 20)], 6);
        Assert.True(constant.Flat < constant.Linear && !constant.IsStep && double.IsFinite(constant.Flat));
        Assert.Equal(0, constant.BestStep?.T);
    }

    [Fact]
    public void Impossible_arguments_are_refused()
    {
        Assert.ThrowsAny<ArgumentException>(() => Pettitt.Test([1, double.NaN, 2]));
        Assert.ThrowsAny<ArgumentException>(() => Pelt.Means([1, 2, 3], 0));
        Assert.ThrowsAny<ArgumentException>(() => Pelt.MeansAndVariances([1, 2, 3], 2));
        Assert.ThrowsAny<ArgumentException>(() => SingleStep.Weigh([1, 2], 6));
        Assert.ThrowsAny<ArgumentException>(() => RobustScale.OfDifferences([1]));
    }

    static double Squares(double[] part) => part.Sum(v => Math.Pow(v - part.Average(), 2));

    static List<int> BestByTrying(double[] values, double scale)
    {
        var n = values.Length;
        var best = Enumerable.Range(0, 1 << (n - 1)).MinBy(mask =>
        {
            int[] cuts = [0, .. Enumerable.Range(1, n - 1).Where(i => (mask >> (i - 1) & 1) == 1), n];
            return cuts.Zip(cuts.Skip(1)).Sum(cut => Squares(values[cut.First..cut.Second]) / (scale * scale) + Math.Log(cut.Second - cut.First) + 3 * Math.Log(n));
        });
        return [.. Enumerable.Range(1, n - 1).Where(i => (best >> (i - 1) & 1) == 1)];
    }
}
