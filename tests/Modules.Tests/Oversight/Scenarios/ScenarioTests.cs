using PenguinMails.Insight;
using PenguinMails.Modules.Tests.Oversight.Reports;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Scenarios;

namespace PenguinMails.Modules.Tests.Oversight.Scenarios;

/// <summary>Drivers, forecasts and what it takes: each number here can be counted by hand.</summary>
public sealed class ScenarioTests(TestDatabase database)
{
    static readonly DateOnly Today = new(2026, 3, 10);
    static readonly Drivers Now = new(100, 200, 0.05, 10, 1000, 5, 4000);

    static Kpi Kpi(string key) => KpiCatalog.Find(key) ?? throw new InvalidOperationException(key);

    static List<KpiValue> Months(int count, Func<int, double> value) => [.. Enumerable.Range(0, count).Select(i => new KpiValue(new DateOnly(2024, 3, 1).AddMonths(i), null, null, value(i), "USD", 1))];

    [Fact]
    public void Customers_stay_and_come_and_revenue_is_theirs()
    {
        var path = Now.Path(2);
        Assert.Equal((105.0, 21_000.0, 21_000.0, 0.0), (path[0].Customers, path[0].Revenue, path[0].Cost, path[0].Left)); // 95 stay, 10 come.
        Assert.Equal(109.75, path[1].Customers);
        Assert.Equal((114.26, 22852.5, 1852.5), (Now.Path(3)[2].Customers, Now.Path(3)[2].Revenue, Now.Path(3)[2].Left)); // 114.2625, and no 22852.499999999996.
        Assert.Equal(4000, new Overrides(Arpa: 400, Churn: 1).On(Now).Path(1)[0].Revenue, 9); // Nobody stays; 10 come.
    }

    [Fact]
    public void The_smallest_change_is_found_to_the_edge_and_what_would_not_do_comes_last()
    {
        // Likely as soon as next month's revenue reaches 22,000: ARPA 22,000 / 105, or 15 new ones, or no churn at all.
        var changes = SmallestChange.Of(Now, drivers => drivers.RevenueAfter(1) >= 22_000 ? 1 : 0, 0.8);
        Assert.Equal(209.53, changes.Single(change => change.Driver == "arpa").To); // 209.5238, to the next cent.
        Assert.Equal(15, changes.Single(change => change.Driver == "new_customers").To);
        Assert.Equal(0, changes.Single(change => change.Driver == "churn").To ?? -1, 6);
        Assert.Equal("arpa", changes[0].Driver);
        Assert.Null(SmallestChange.Of(Now, drivers => drivers.RevenueAfter(1) >= 22_001 ? 1 : 0, 0.8).Single(change => change.Driver == "churn").To);
        Assert.Empty(SmallestChange.Of(Now, _ => 0.81, 0.8));
    }

    [Fact]
    public void A_forecast_of_steady_growth_goes_on_and_its_middle_has_even_chances()
    {
        var forecast = KpiForecast.Of(Kpi("mrr"), Months(24, i => 10_000 * Math.Pow(1.05, i) * (1 + 0.01 * (i % 3 - 1))), 6) ?? throw new InvalidOperationException();
        Assert.True(forecast.IsLog && forecast.Errors > 10);
        Assert.All(forecast.Periods, period => Assert.True(period.Low < period.Middle && period.Middle < period.High));
        var last = forecast.Periods[^1];
        Assert.Equal(new DateOnly(2026, 8, 1), last.Start);
        Assert.Equal(0.5, forecast.ChanceOf(last, last.Middle, mustBeAbove: true), 6);
        Assert.Equal(0.9, forecast.ChanceOf(last, last.Low, mustBeAbove: true), 6); // An 80 % interval has a tenth on each side.
        Assert.Equal(0.1, forecast.ChanceOf(last, last.Low, mustBeAbove: false), 6);
        Assert.Null(KpiForecast.Of(Kpi("mrr"), Months(7, i => 100 + i), 3));
        Assert.Null(KpiForecast.Of(Kpi("mrr"), [.. Months(20, i => 100 + i).Where((_, i) => i != 15)], 3)); // Four periods since the gap.
    }

    [Fact]
    public void Ten_times_in_six_months_is_said_to_need_47_percent_a_month()
    {
        var reach = Reachability.Of(Kpi("mrr"), Months(24, i => 10_000 + 100 * i + 40 * (i % 3)), new("Target/ten", "Ten times", new DateOnly(2026, 8, 31), 10 * 12_380), Today, (Now, Now));
        Assert.Equal(6, reach.Periods);
        Assert.Equal(Math.Pow(10, 1 / 6.0) - 1, reach.NeededRate ?? 0, 9);
        Assert.Equal("exceptionally unlikely", reach.Likelihood);
        Assert.Contains("+46.8 % a month", reach.Sentence, StringComparison.Ordinal);
        Assert.True(reach.Changes[0].To > 5 * reach.Changes[0].From);
    }

    [Fact]
    public void Without_a_series_the_drivers_themselves_are_held_against_the_target_and_no_chance_is_claimed()
    {
        // 20,000 now; two months on 21,950 (109.75 customers at 200), so 24,145 takes an ARPA of 220.
        var reach = Reachability.Of(Kpi("mrr"), [], new("Target/t", "t", new DateOnly(2026, 5, 31), 24_145), Today, (Now, Now));
        Assert.Equal((2, 20_000.0, null, "not known"), (reach.Periods, reach.Now, reach.Chance, reach.Likelihood));
        Assert.Equal(Math.Sqrt(24_145 / 20_000.0) - 1, reach.NeededRate ?? 0, 9);
        Assert.Equal(220, reach.Changes.Single(change => change.Driver == "arpa").To ?? 0, 6);
        Assert.Contains("lead to 21,950 by then", reach.Sentence, StringComparison.Ordinal);
        Assert.Contains("cannot be said without past values", reach.Sentence, StringComparison.Ordinal);
        var met = Reachability.Of(Kpi("mrr"), [], new("Target/t", "t", new DateOnly(2026, 5, 31), 21_950), Today, (Now, Now));
        Assert.Empty(met.Changes);
        Assert.Contains("is over", Reachability.Of(Kpi("mrr"), [], new("Target/t", "t", new DateOnly(2026, 3, 31), 1), Today, (Now, Now)).Sentence, StringComparison.Ordinal);
        Assert.Contains("no value yet", Reachability.Of(Kpi("mrr"), [], new("Target/t", "t", new DateOnly(2026, 5, 31), 1), Today, null).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Drivers_are_read_as_people_write_them_and_wrong_names_come_with_the_right_ones()
    {
        var (set, faults) = Overrides.Read([("customers", "1.2k"), ("churn", "5%"), ("arpa", "$25")]);
        Assert.Empty(faults);
        Assert.Equal(new Overrides(Customers: 1200, Arpa: 25, Churn: 0.05), set);
        var wrong = Overrides.Read([("costumers", "1"), ("arpa", "1"), ("arpa", "2"), ("people", ""), ("vendor_cost", "3%"), ("churn", "1.01"), ("customers", "-1")]).Faults;
        Assert.Equal(["costumers", "arpa", "people", "vendor_cost", "customers", "churn"], wrong.Select(fault => fault.Field));
        Assert.Contains("did you mean \"customers\"?", wrong[0].Detail, StringComparison.Ordinal);
        Assert.All(Overrides.Names, name => Assert.Contains(name, wrong[0].Detail, StringComparison.Ordinal));
        Assert.Empty(Overrides.Read([("churn", "1"), ("customers", "0")]).Faults);
    }

    [Theory]
    [InlineData(0.995, "virtually certain")]
    [InlineData(0.99, "virtually certain")]
    [InlineData(0.9, "very likely")]
    [InlineData(0.66, "likely")]
    [InlineData(0.33, "about as likely as not")]
    [InlineData(0.329, "unlikely")]
    [InlineData(0.0999, "very unlikely")]
    [InlineData(0.001, "exceptionally unlikely")]
    public void Likelihood_has_fixed_words(double chance, string words) => Assert.Equal(words, Reachability.Words(chance));

    [Fact]
    public async Task The_plans_dated_targets_are_judged_and_a_scenario_changes_the_chance()
    {
        var world = new ReportWorld(database);
        await world.Fill();
        var asIs = (await ReadScenario.Handle(world.Actor, new(), database.Db, world.Company, world.Clock, ReportWorld.Ct)).Value;
        Assert.Equal(["mrr-2026-q1", "mrr-2026-q4", "uptime-contract"], asIs.Reaches.Select(reach => reach.Target).Order());
        var revenue = asIs.Reaches.Single(reach => reach.Target == "mrr-2026-q4");
        Assert.Equal(10, revenue.Periods);
        Assert.InRange(revenue.Chance ?? 1, 0, 0.2);
        Assert.Contains("customers", asIs.Unknown); // Nothing counts them in this account, so no driver can be told.
        Assert.Empty(revenue.Changes);
        Assert.Equal("scenario.invalid", (await ReadScenario.Handle(world.Actor, new(Churn: 1.5), database.Db, world.Company, world.Clock, ReportWorld.Ct)).Problem?.Code);
        Assert.Equal("scenario.invalid", (await ReadScenario.Handle(world.Actor, new(Customers: double.NaN), database.Db, world.Company, world.Clock, ReportWorld.Ct)).Problem?.Code);
        var nobody = world.Actor with { Kind = PenguinMails.Core.ActorKind.Person };
        Assert.Equal("permission.missing", (await ReadScenario.Handle(nobody, new(), database.Db, world.Company, world.Clock, ReportWorld.Ct)).Problem?.Code);
    }

    [Fact]
    public void A_dearer_price_makes_a_target_likelier()
    {
        var values = Months(24, i => 10_000 + 400 * i + 150 * (i % 3));
        double Chance(Drivers then) => Reachability.Of(Kpi("mrr"), values, new("Target/t", "t", new DateOnly(2026, 8, 31), 25_000), Today, (Now, then)).Chance ?? -1;
        Assert.True(Chance(Now) < Chance(Now with { Arpa = 260 }));
        Assert.True(Chance(Now with { Churn = 0.2 }) < Chance(Now));
    }
}
