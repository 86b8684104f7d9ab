using PenguinMails.Oversight.Budgets;
using PenguinMails.Oversight.Costs;

namespace PenguinMails.Modules.Tests.Oversight.Registers;

/// <summary>The arithmetic of budgets, by hand and for any numbers.</summary>
public sealed class BudgetVarianceTests
{
    static readonly DateOnly January = new(2026, 1, 1);
    static readonly DateOnly[] Year = [.. Enumerable.Range(0, 12).Select(January.AddMonths)];

    static Dictionary<DateOnly, decimal> Spent(params decimal[] months) => months.Select((amount, i) => (amount, i)).ToDictionary(one => January.AddMonths(one.i), one => one.amount);

    [Theory]
    [InlineData(99, 1000, false)] // Below the floor.
    [InlineData(100, 1000, true)]
    [InlineData(100, 1001, false)] // Below ten percent.
    [InlineData(-100, 1000, true)]
    [InlineData(100, 0, true)] // Nothing was planned: the amount alone decides.
    [InlineData(99, 0, false)]
    [InlineData(0, 0, false)]
    public void Both_the_percentage_and_the_floor_must_be_reached(int off, int planned, bool reached) => Assert.Equal(reached, new BudgetMateriality(10, 100).IsReached(off, planned));

    [Theory]
    [InlineData(150, 0)]
    [InlineData(200, 0)]
    [InlineData(500, 0)]
    [InlineData(501, 1)]
    [InlineData(80, -20)]
    public void Within_the_plans_range_nothing_is_off(int spent, int off)
    {
        var variance = BudgetVariance.Of(Spent(spent), new PlannedCost(100, 500, null, false), [January]);
        Assert.Equal((off, 300m, spent - 300m), (variance.Off, variance.Planned, variance.Delta));
    }

    [Fact]
    public void Year_goes_on_as_the_last_three_closed_months_did()
    {
        var closed = Year.Take(4).ToList();
        Assert.Equal(100 + 100 + 200 + 300 + (8 * 200m), BudgetVariance.Forecast(Spent(100, 100, 200, 300, 999), new PlannedCost(100, 100, null, false), Year, closed));
        Assert.Equal(1200, BudgetVariance.Forecast(Spent(), new PlannedCost(100, 100, null, false), Year, closed)); // Nothing billed yet: the plan.
        Assert.Equal(1200, BudgetVariance.Forecast(Spent(1100), new PlannedCost(100, 100, null, true), Year, closed)); // Paid once: the rest of it may come.
        Assert.Equal(1300, BudgetVariance.Forecast(Spent(1300), new PlannedCost(100, 100, null, true), Year, closed)); // And not again.
    }

    [Fact]
    public void Whatever_the_numbers_the_parts_agree_with_the_whole()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var i = 0; i < 500; i++)
        {
            var spent = Spent([.. Enumerable.Range(0, 12).Select(_ => (decimal)random.Next(-500, 5_000))]);
            var low = random.Next(0, 2_000);
            var planned = new PlannedCost(low, low + random.Next(0, 500), null, false);
            var all = BudgetVariance.Of(spent, planned, Year);
            var parts = Year.Select(month => BudgetVariance.Of(spent, planned, [month])).ToList();
            Assert.True(all.Actual == parts.Sum(part => part.Actual) && all.Planned == parts.Sum(part => part.Planned) && all.Delta == parts.Sum(part => part.Delta), $"seed {seed}");
            Assert.True(all.Off == 0 || Math.Abs(all.Off) <= Math.Abs(all.Delta), $"seed {seed}");
            Assert.True(all.Off == 0 || Math.Sign(all.Off) == Math.Sign(all.Delta), $"seed {seed}");
            var sure = BudgetVariance.Forecast(spent, planned, Year, Year);
            Assert.True(sure == all.Actual, $"A year that is over is what it came to; seed {seed}");
        }
    }

    [Theory]
    [InlineData("{amount: 1000 EUR/month}", "2026-05", 1000.0)]
    [InlineData("{amount: 3652.5 EUR/year}", "2026-05", 304.375)]
    [InlineData("{amount: 1200 EUR, period: 2026-Q2}", "2026-05", 400.0)]
    [InlineData("{amount: 1200 EUR, period: 2026-Q2}", "2026-07", 0.0)]
    [InlineData("{amount: 1200 EUR}", "2026-07", 100.0)]
    [InlineData("{amount: 2 EUR/mailbox, driverValue: 50 mailboxes}", "2026-05", 100.0)]
    [InlineData("{rate: 0.03, driverValue: 50000 EUR/month}", "2026-05", 1500.0)]
    [InlineData("{amount: 100 USD/month}", "2026-05", 90.0)]
    [InlineData("{vendor: null}", "2026-05", null)]
    public void Planned_cost_of_a_month(string spec, string month, double? expected)
    {
        var plan = RegisterPlan.Parsed($"apiVersion: oversight.penguinmails/v1\nkind: Plan\nmetadata: {{name: p}}\nspec: {{currency: EUR, rates: {{USD: 0.9}}}}\n---\nkind: CostLine\nmetadata: {{name: a}}\nspec: {spec}\n").Plan;
        var planned = PlannedCost.Of(plan, plan.Find("CostLine", "a")!);
        Assert.Equal((decimal?)expected, planned is null ? null : planned.Holds(DateOnly.ParseExact(month, "yyyy-MM", null)) ? decimal.Round(planned.Middle, 3) : 0);
    }

    [Theory]
    [InlineData("12.34", "EUR", 1234L)]
    [InlineData("-0.5", "EUR", -50L)]
    [InlineData("12.345", "EUR", null)]
    [InlineData("12", "JPY", 12L)]
    [InlineData("12.5", "JPY", null)]
    [InlineData("1,234.50", "EUR", null)]
    [InlineData("1e3", "EUR", null)]
    [InlineData("", "EUR", null)]
    [InlineData("9999999999999", "EUR", null)]
    public void Amounts_are_whole_minor_units(string text, string currency, long? units) => Assert.Equal(units, MinorUnits.Parse(text, currency));
}
