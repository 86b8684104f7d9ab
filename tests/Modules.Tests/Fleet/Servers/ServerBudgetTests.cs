using System.Globalization;
using PenguinMails.Core;
using PenguinMails.Fleet.Servers;

namespace PenguinMails.Modules.Tests.Fleet.Servers;

/// <summary>What is shown before anything is bought, and the budget that holds whoever orders.</summary>
public sealed class ServerBudgetTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Offers_show_price_and_policy_before_and_the_budget_is_kept_also_by_two_orders_at_once()
    {
        await using var peer = HostPeer.Of("hetzner");
        var world = new ServerWorld(database, peer);
        Assert.Equal("server.host_not_connected", (await ListOffers.Handle(world.Actor, "hetzner", world.Db, world.Reach, Ct)).Problem?.Code);
        Assert.Equal("server.credential_refused", (await ConnectServerHost.Handle(world.Actor, new("hetzner", "wrong"), world.Db, world.Reach, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("server.token_invalid", (await ConnectServerHost.Handle(world.Actor, new("hetzner", "two words"), world.Db, world.Reach, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("server.host_unknown", (await ConnectServerHost.Handle(world.Actor, new("own", "x"), world.Db, world.Reach, world.Clock, Ct)).Problem?.Code);
        Assert.True((await ConnectServerHost.Handle(world.Actor, new("hetzner", HostPeer.Token), world.Db, world.Reach, world.Clock, Ct)).IsOk);
        var offers = (await ListOffers.Handle(world.Actor, "hetzner", world.Db, world.Reach, Ct)).Value;
        Assert.Equal(("request", 5, new Money(10_000, Currency.Eur)), (offers.Host.Port25.Outbound, offers.Budget.ServersMax, offers.Budget.MonthlyMax));
        Assert.NotNull(offers.Host.ConnectedAt);

        Assert.Equal("server.offer_unknown", (await Try(OrderServerTests.Wish("hetzner") with { Region = "nowhere" }))?.Code);
        Assert.Equal("server.price_changed", (await Try(OrderServerTests.Wish("hetzner") with { MonthlyPrice = 451 }))?.Code);
        await SetServerBudget.Handle(world.Actor, new(5, 9.03m, "EUR"), world.Db, world.Clock, Ct);
        Assert.Null(await Try(OrderServerTests.Wish("hetzner", "a.acme.test") with { MonthlyPrice = 452 }));
        Assert.Equal("server.budget_exceeded", (await Try(OrderServerTests.Wish("hetzner", "b.acme.test")))?.Code);
        await SetServerBudget.Handle(world.Actor, new(5, 9.04m, "EUR"), world.Db, world.Clock, Ct);
        var both = await Task.WhenAll(Try(OrderServerTests.Wish("hetzner", "b.acme.test")), Try(OrderServerTests.Wish("hetzner", "c.acme.test")));
        Assert.Equal("server.budget_exceeded", Assert.Single(both, problem => problem is not null)?.Code);
        await SetServerBudget.Handle(world.Actor, new(2, 1000, "EUR"), world.Db, world.Clock, Ct);
        Assert.Equal("server.too_many", (await Try(OrderServerTests.Wish("hetzner", "d.acme.test")))?.Code);
        Assert.Equal("server.budget_currency", (await SetServerBudget.Handle(world.Actor, new(5, 100, "USD"), world.Db, world.Clock, Ct)).Problem?.Code);
        var budget = (await SetServerBudget.Look(world.Actor, world.Db, Ct)).Value;
        Assert.Equal((2, new Money(904, Currency.Eur)), (budget.Servers, Assert.Single(budget.Spent)));

        async Task<Problem?> Try(OrderServer.Input input) => (await OrderServer.Handle(world.Actor, input, world.Db, world.Reach, world.Clock, Ct)).Problem;
    }

    [Fact]
    public async Task A_price_in_another_currency_than_the_budget_is_not_guessed()
    {
        await using var peer = HostPeer.Of("vultr");
        var world = new ServerWorld(database, peer);
        await ConnectServerHost.Handle(world.Actor, new("vultr", HostPeer.Token), world.Db, world.Reach, world.Clock, Ct);
        var problem = (await OrderServer.Handle(world.Actor, OrderServerTests.Wish("vultr"), world.Db, world.Reach, world.Clock, Ct)).Problem;
        Assert.Equal("server.budget_currency", problem?.Code);
        Assert.Contains("5.00 USD", problem?.Detail);
    }

    [Theory]
    [InlineData(-1, "1", "EUR", "servers_max")]
    [InlineData(1001, "1", "EUR", "servers_max")]
    [InlineData(1, "-0.01", "EUR", "monthly_max")]
    [InlineData(1, "1000000.01", "EUR", "monthly_max")]
    [InlineData(1, "1", "XXX", "currency")]
    [InlineData(0, "0", "usd", null)]
    [InlineData(1000, "1000000", "EUR", null)]
    public async Task A_budget_has_limits(int servers, string monthly, string currency, string? field)
    {
        var world = new ServerWorld(database);
        var set = await SetServerBudget.Handle(world.Actor, new(servers, decimal.Parse(monthly, CultureInfo.InvariantCulture), currency), world.Db, world.Clock, Ct);
        Assert.Equal(field, set.Problem?.Fields[0].Field);
    }
}
