using PenguinMails.Core;
using PenguinMails.Oversight.Costs;
using PenguinMails.Oversight.Margins;

namespace PenguinMails.Modules.Tests.Oversight.Registers;

/// <summary>Shares that add up to the minor unit, and margins that can be counted by hand.</summary>
public sealed class MarginSumTests
{
    static readonly DateOnly Month = new(2026, 2, 1);

    [Theory]
    [InlineData(100, new long[] { 1, 1, 1 }, new long[] { 34, 33, 33 })] // Equal remainders: the earlier first.
    [InlineData(100, new long[] { 1, 2, 4 }, new long[] { 14, 29, 57 })] // 14.28, 28.57, 57.14: the second has the largest remainder.
    [InlineData(-100, new long[] { 1, 1, 1 }, new long[] { -34, -33, -33 })]
    [InlineData(2, new long[] { 1, 1, 1 }, new long[] { 1, 1, 0 })]
    [InlineData(99, new long[] { 0, 5 }, new long[] { 0, 99 })]
    [InlineData(0, new long[] { 3, 4 }, new long[] { 0, 0 })]
    public void An_amount_is_shared_by_largest_remainder(long amount, long[] weights, long[] parts) => Assert.Equal(parts, Allocation.Share(amount, weights));

    [Theory]
    [InlineData(new long[0])]
    [InlineData(new long[] { 0, 0 })]
    public void Nothing_is_shared_where_nobody_weighs_anything(long[] weights) => Assert.Null(Allocation.Share(100, weights));

    [Fact]
    public void Shares_of_any_amount_add_up_exactly()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var turn = 0; turn < 500; turn++)
        {
            var weights = Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.NextInt64(0, 1_000_000_000)).Append(1).ToArray();
            var amount = random.NextInt64(-100_000_000_000_000, 100_000_000_000_000);
            var parts = Allocation.Share(amount, weights) ?? [];
            Assert.True(amount == parts.Sum(), $"seed {seed}, turn {turn}");
            var sum = weights.Sum();
            Assert.True(parts.Zip(weights).All(one => Math.Abs(one.First - ((decimal)amount * one.Second / sum)) < 1), $"seed {seed}, turn {turn}");
        }
    }

    static Customer Of(string name, DateTimeOffset? until = null) => new(new(Guid.CreateVersion7()), name, new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero), until, []);

    static RevenueLine Paid(Customer by, long amount, string currency = "EUR") => new(Month, "invoices", 2, by.Id, null, amount, currency, "");

    static CostRow Billed(string centre, long amount, string currency = "EUR") => new(Guid.Empty, 2, Month, "Rack", "", "", amount, currency, centre, false);

    static MarginMonth Sum(Customer[] customers, long[] weights, RevenueLine[] revenue, params CostRow[] costs) =>
        MarginSums.Of(Month, "EUR", customers, customers.Zip(weights).ToDictionary(one => one.First.Id, one => one.Second), revenue, costs);

    [Fact]
    public void A_customer_bears_what_names_it_and_its_part_of_the_rest_worst_first()
    {
        var (north, south) = (Of("North"), Of("South"));
        var month = Sum([north, south], [3, 1], [Paid(north, 120_000), Paid(south, 1_000)], Billed("North", 20_000), Billed(south.Id.ToString(), 500), Billed("", 8_000), Billed("nobody", 2_000));
        Assert.Equal([("South", -2_000L, 2_500L), ("North", 92_500L, 7_500L)], month.Lines.Select(line => (line.Name, line.Margin.GetValueOrDefault(), line.Shared)));
        Assert.Equal((10_000, 4, true), (month.SharedTotal, month.Denominator, month.IsShared));
        Assert.Equal((true, -200m), (month.Lines[0].IsLoss, month.Lines[0].MarginPercent));
    }

    [Fact]
    public void Currencies_are_never_added_and_no_margin_is_told_with_one_left_out()
    {
        var (north, south) = (Of("North"), Of("South"));
        var month = Sum([north, south], [1, 1], [Paid(north, 100), Paid(south, 100), Paid(south, 900, "USD")], Billed("", 50), Billed("", 70, "USD"));
        Assert.Equal((50, 2), (month.SharedTotal, month.LeftOut));
        Assert.Null(month.Lines.Single(line => line.Name == "South").Margin);
        Assert.Equal(75, month.Lines.Single(line => line.Name == "North").Margin);
    }

    [Fact]
    public void Shared_costs_that_nobody_weighs_for_are_in_no_margin_and_that_is_told()
    {
        var north = Of("North");
        var month = Sum([north], [0], [Paid(north, 100)], Billed("", 50));
        Assert.Equal((false, 100), (month.IsShared, month.Lines[0].Margin));
        var said = AnswerMargins.Say(new("EUR", AllocationKey.Messages, false, month, month, null)).Sentence;
        Assert.EndsWith("0.50 EUR of shared costs is in no margin, because nobody has any of what it is shared by: choose another key.", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_left_before_the_month_bears_its_part_only_when_it_paid_for_the_month()
    {
        var (north, gone) = (Of("North"), Of("Gone", new(2026, 1, 31, 0, 0, 0, TimeSpan.Zero)));
        Assert.Equal([("North", 51L), ("Gone", 0L)], Sum([north, gone], [1, 1], [], Billed("", 51), Billed("Gone", 1)).Lines.Select(line => (line.Name, line.Shared)));
        Assert.Equal([("North", 26L), ("Gone", 25L)], Sum([north, gone], [1, 1], [Paid(gone, 100)], Billed("", 51)).Lines.Select(line => (line.Name, line.Shared)));
    }
}
