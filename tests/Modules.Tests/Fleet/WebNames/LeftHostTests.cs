using PenguinMails.Fleet.Dns;
using PenguinMails.Modules.Tests.Fleet.Dns;

namespace PenguinMails.Modules.Tests.Fleet.WebNames;

/// <summary>Mail hosts that were left, against a name server that takes updates: the policy of MTA-STS forgets them when every server shows the new ones, and not before.</summary>
public sealed class LeftHostTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Left_hosts_are_forgotten_when_every_server_shows_the_new_ones()
    {
        await using var world = await DnsWorld.Bind(database);
        Assert.Null((await world.Connect(world.Key)).Problem);
        async Task<DnsSetup> Set(params string[] hosts)
        {
            var changed = await ChangeDnsSettings.Handle(world.Fleet.Actor, world.Domain, new(MxHosts: hosts, HasMtaSts: true, MtaStsMode: "enforce"), world.Fleet.Db, world.Reach, world.Clock, Ct);
            Assert.Null(changed.Problem);
            return changed.Value.Setup;
        }

        async Task<DnsSetup> Now() => (await ReadDns.Handle(world.Fleet.Actor, world.Domain, world.Fleet.Db, world.Reach, world.Clock, Ct)).Value.Setup;
        await Set("old.acme.test");
        Assert.Equal("verified", (await world.Apply((await world.Plan()).Id)).State);
        Assert.Equal(["old.acme.test"], (await Set("new.acme.test")).MxHostsLeft);
        var plan = await world.Plan();
        Assert.Null((await world.TryApply(plan.Id)).Problem);
        await world.Write(plan.Id);
        var both = await Now();
        Assert.Equal(["old.acme.test"], both.MxHostsLeft); // Written is not seen.
        Assert.Equal("verified", (await world.Watch(plan.Id)).State);
        var one = await Now();
        Assert.Empty(one.MxHostsLeft);
        var next = (await world.Plan()).Items.Single(item => item.Purpose == "mta_sts");
        Assert.Equal(("change", $"v=STSv1; id={MtaStsText.Of(true, "enforce", ["new.acme.test"], [])?.Id}"), (next.Action, next.After.Single()));
    }
}
