namespace PenguinMails.Insight.Tests;

public sealed class IntervalTests
{
    // Expected values printed by statsmodels (19/38) and R prop.test without continuity correction.
    [Theory]
    [InlineData(81, 263, .2552885, .3662096, 5e-8)]
    [InlineData(15, 148, .0623864, .1604872, 5e-8)]
    [InlineData(0, 20, 0, .1611252, 5e-8)]
    [InlineData(1, 29, .0061132, .1717552, 5e-8)]
    [InlineData(19, 38, .348499284, .651500716, 5e-10)]
    [InlineData(0, 77, 0, .0475184, 5e-8)]
    // The R package binom, as the tests of statsmodels hold it.
    [InlineData(18, 20, .6989663547715128, .972133518786232, 1e-14)]
    [InlineData(4, 20, .0806576625797981, .4160174322518935, 1e-14)]
    [InlineData(4, 200, .00780442641634947, .05028708690582643, 1e-14)]
    [InlineData(190, 200, .910421851861224, .972617354399236, 1e-14)]
    [InlineData(1, 30, .005908590, .16670391, 5e-9)]
    [InlineData(29, 30, .8332961, .9940914, 5e-8)]
    [InlineData(0, 30, 0, .11351339, 5e-9)]
    [InlineData(30, 30, .8864866, 1, 5e-8)]
    public void Wilson_interval_is_the_published_one(long hits, long trials, double low, double high, double printed)
    {
        var interval = WilsonScore.Of(hits, trials, 0.05);
        Assert.Equal(low, interval.Low, printed);
        Assert.Equal(high, interval.High, printed);
    }

    [Theory]
    [InlineData(34, false)]
    [InlineData(35, true)]
    public void Thirty_five_of_thirty_five_are_needed_to_promise_ninety_percent(long all, bool promised) =>
        Assert.Equal(promised, WilsonScore.Of(all, all, 0.05).Low >= 0.90);

    [Fact]
    public void A_shift_is_the_middle_difference_and_a_wild_value_hardly_moves_it()
    {
        Assert.Equal((10.0, new Interval(7, 13)), Shift.Of([1, 2, 3, 4, 5, 6], [11, 12, 13, 14, 15, 16], 0.05)); // Ranks 5 and 32 of 36.
        Assert.Equal((10, new Interval(7, 14)), Shift.Of([1, 2, 3, 4, 5, 6], [11, 12, 13, 14, 15, 1e9], 0.05) is (var value, { } range) ? (value, new Interval(range.Low, Math.Min(range.High, 14))) : default);
        Assert.Null(Shift.Of([1, 2], [3, 4, 5], 0.05).Interval);
        Assert.ThrowsAny<ArgumentException>(() => Shift.Of([], [1], 0.05));
    }

    [Fact]
    public void All_hits_leave_the_upper_end_at_one() => Assert.Equal(1, WilsonScore.Of(20, 20, 0.05).High);

    [Fact]
    public void Smaller_alpha_widens_the_interval()
    {
        var (wide, narrow) = (WilsonScore.Of(5, 50, 0.01), WilsonScore.Of(5, 50, 0.20));
        Assert.True(wide.Low < narrow.Low && narrow.High < wide.High);
    }

    [Fact]
    public void About_two_hundred_trials_know_eighty_five_percent_to_five_points() =>
        Assert.Equal(196, WilsonScore.TrialsFor(0.85, 0.05, 0.05));

    [Theory]
    [InlineData(0, 0, 0.05)]
    [InlineData(2, 1, 0.05)]
    [InlineData(-1, 1, 0.05)]
    [InlineData(1, 1, 0)]
    [InlineData(1, 1, 1)]
    public void Impossible_counts_are_refused(long hits, long trials, double alpha) =>
        Assert.ThrowsAny<ArgumentException>(() => WilsonScore.Of(hits, trials, alpha));

    [Theory]
    [InlineData(3, 0.20, null, null)]
    [InlineData(4, 0.20, 1.0, 4.0)]
    [InlineData(5, 0.05, null, null)]
    [InlineData(6, 0.05, 1.0, 6.0)]
    [InlineData(9, 0.05, 2.0, 8.0)]
    public void Median_interval_is_the_sign_test_one(int count, double alpha, double? low, double? high)
    {
        var interval = Median.IntervalOf([.. Enumerable.Range(1, count).Select(i => (double)i)], alpha);
        Assert.Equal((low, high), (interval?.Low, interval?.High));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(501)]
    [InlineData(2000)]
    public void Median_interval_of_many_values_stays_near_the_middle(int count)
    {
        var interval = Assert.NotNull(Median.IntervalOf([.. Enumerable.Range(1, count).Select(i => (double)i)], 0.05));
        Assert.Equal(1.96 * Math.Sqrt(count), interval.High - interval.Low, 2.5);
    }

    [Fact]
    public void Median_of_an_even_number_is_the_mean_of_the_middle_two() => Assert.Equal(2.5, Median.Of([4, 1, 3, 2]));

    [Fact]
    public void Negative_factor_swaps_the_ends() => Assert.Equal(new Interval(-6, -2), new Interval(1, 3).Times(-2));
}
