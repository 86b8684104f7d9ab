using PenguinMails.Core;
using PenguinMails.Delivery.Pacing;

namespace PenguinMails.Modules.Tests.Delivery.Pacing;

/// <summary>Places are divided fairly, whoever has how much waiting.</summary>
public sealed class FairSharesTests
{
    static TenantId Tenant(int number) => new(new Guid(number, 0, 0, new byte[8]));

    // 1 when all got the same, 1/n when one got everything (Jain, Chiu, Hawe 1984).
    static double Jain(IEnumerable<double> shares)
    {
        var list = shares.ToList();
        return list.Sum() * list.Sum() / (list.Count * list.Sum(share => share * share));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(10)]
    [InlineData(100)]
    [InlineData(333)]
    public void Tenant_with_a_million_rows_gets_no_more_than_the_other_99(int places)
    {
        var (fair, got, waiting) = (new FairShares(), new long[100], new long[100]);
        for (var i = 0; i < 100; i++) waiting[i] = i == 0 ? 1_000_000 : 500;
        for (var round = 0; got.Sum() < 100 * 400; round++)
            foreach (var (tenant, count) in fair.Divide([.. waiting.Select((left, i) => new Demand(Tenant(i), left, 1))], places))
            {
                var i = Enumerable.Range(0, 100).First(number => Tenant(number) == tenant);
                got[i] += count;
                waiting[i] -= count;
            }

        Assert.True(Jain(got.Select(count => (double)count)) > 0.999, $"Jain {Jain(got.Select(count => (double)count))}");
        Assert.InRange(got[0], (got.Sum() / 100) - 1, (got.Sum() / 100) + 1);
    }

    [Fact]
    public void What_some_do_not_need_goes_to_the_others()
    {
        var given = new FairShares().Divide([new(Tenant(1), 3, 1), new(Tenant(2), 1000, 1), new(Tenant(3), 1000, 1)], 31);
        Assert.Equal((3, 14, 14), (given[Tenant(1)], given[Tenant(2)], given[Tenant(3)]));
    }

    [Fact]
    public void Weight_counts()
    {
        var given = new FairShares().Divide([new(Tenant(1), 1000, 1), new(Tenant(2), 1000, 3)], 100);
        Assert.Equal((25, 75), (given[Tenant(1)], given[Tenant(2)]));
    }

    [Fact]
    public void With_fewer_places_than_tenants_all_have_their_turn()
    {
        var (fair, got) = (new FairShares(), new Dictionary<TenantId, int>());
        for (var round = 0; round < 10; round++)
            foreach (var (tenant, count) in fair.Divide([.. Enumerable.Range(0, 10).Select(i => new Demand(Tenant(i), 1000, 1))], 1)) got[tenant] = got.GetValueOrDefault(tenant) + count;
        Assert.Equal(10, got.Count);
        Assert.All(got.Values, count => Assert.Equal(1, count));
    }

    [Fact]
    public void Nobody_saves_up_by_waiting()
    {
        var fair = new FairShares();
        for (var round = 0; round < 50; round++) fair.Divide([new(Tenant(1), 1000, 1), new(Tenant(2), 0, 1)], 10);
        var given = fair.Divide([new(Tenant(1), 1000, 1), new(Tenant(2), 1000, 1)], 10);
        Assert.Equal((5, 5), (given[Tenant(1)], given[Tenant(2)]));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Nothing_is_wasted_nothing_invented_and_nobody_starves(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 20; round++)
        {
            var (fair, tenants) = (new FairShares(), random.Next(2, 120));
            var weights = Enumerable.Range(0, tenants).Select(_ => random.Next(3) == 0 ? random.Next(1, 5) : 1).ToArray();
            var busy = Enumerable.Range(0, tenants).Select(_ => random.Next(2) == 0).ToArray();
            var (got, due) = (new double[tenants], 0.0);
            for (var turn = 0; turn < 60; turn++)
            {
                var places = random.Next(0, 80);
                var demands = Enumerable.Range(0, tenants).Select(i => new Demand(Tenant(i), busy[i] ? 1_000_000 : random.Next(4) == 0 ? random.Next(20) : 0, weights[i])).ToList();
                var given = fair.Divide(demands, places);
                Assert.Equal(Math.Min(places, demands.Sum(demand => demand.Waiting)), given.Values.Sum());
                Assert.All(demands, demand => Assert.InRange(given.GetValueOrDefault(demand.Tenant), 0, demand.Waiting));
                for (var i = 0; i < tenants; i++) got[i] += given.GetValueOrDefault(Tenant(i));
                due += places;
            }

            var always = Enumerable.Range(0, tenants).Where(i => busy[i]).ToList();
            var fewest = always.Count == 0 ? 0 : always.Min(i => got[i] / weights[i]);
            if (always.Count > 1 && fewest >= 5) Assert.True(Jain(always.Select(i => got[i] / weights[i])) > 0.95, $"seed {seed}, round {round}: Jain {Jain(always.Select(i => got[i] / weights[i]))}");
            Assert.All(always, i => Assert.True(got[i] >= (due * weights[i] / weights.Sum()) - 2 - weights[i], $"seed {seed}, round {round}: tenant {i} of weight {weights[i]} got {got[i]}"));
        }
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];
}
