using PenguinMails.Fleet.Dns;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Modules.Tests.Fleet.Dns;

/// <summary>Against PowerDNS and its HTTP API.</summary>
[Trait("Needs", "peers")]
public sealed class PowerDnsTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_plan_is_written_verified_and_undone()
    {
        await using var world = await DnsWorld.PowerDns(database, ("", "TXT", ["\"v=spf1 ip4:198.51.100.7 ~all\"", "\"say \\\"hello\\\" twice\""]), ("", "MX", ["10 mail.provider.test."]), ("www", "A", ["192.0.2.80"]));
        Assert.Null((await world.Connect(world.Api)).Problem);
        var plan = await world.Plan();
        Assert.Equal("verified", (await world.Apply(plan.Id)).State);
        Assert.Equal(["say \"hello\" twice", "v=spf1 ip4:198.51.100.7 include:mx.penguin.test ~all"], await world.Served("", DnsType.Txt));
        var key = Assert.Single(await world.Served(plan.Items.Single(item => item.Purpose == "dkim").Name.Replace("." + world.Name, ""), DnsType.Txt));
        Assert.True(key.Length > 255);
        Assert.Equal(["app.penguin.test"], await world.Served("track", DnsType.Cname));
        var undo = (await UndoDnsPlan.Handle(world.Fleet.Actor, world.Domain, plan.Id, world.Fleet.Db, world.Reach, world.Clock, Ct)).Value;
        Assert.Equal("verified", (await world.Apply(undo.Id)).State);
        Assert.Equal(["say \"hello\" twice", "v=spf1 ip4:198.51.100.7 ~all"], await world.Served("", DnsType.Txt));
        Assert.Empty(await world.Served("track", DnsType.Cname));
        Assert.Equal(["192.0.2.80"], await world.Served("www", DnsType.A));
    }

    [Fact]
    public async Task A_wrong_key_and_an_unknown_zone_are_told_apart()
    {
        await using var world = await DnsWorld.PowerDns(database);
        var refused = (await world.Connect(world.Api with { Secret = "another-key" })).Problem;
        Assert.Equal("dns.credential_refused", refused?.Code);
        Assert.DoesNotContain("another-key", refused?.Detail);
        await using var other = await DnsServerProcess.PowerDns(Ct);
        Assert.Equal("dns.zone_missing", (await world.Connect(world.Api with { Endpoint = $"http://127.0.0.1:{other.ApiPort}", Zone = world.Name })).Problem?.Code);
        Assert.Equal("dns.host_unreachable", (await world.Connect(world.Api with { Endpoint = "http://127.0.0.1:1" })).Problem?.Code);
    }

    [Fact]
    public async Task A_zone_the_world_does_not_ask_gets_the_proof_and_nothing_else()
    {
        await using var world = await DnsWorld.PowerDns(database);
        await using var real = await DnsServerProcess.Bind(world.Name, [], ct: Ct); // The servers the world knows are others.
        await world.Connect(world.Api);
        world.Reach = world.Reach with { Dns = new PenguinMails.Fleet.Domains.DnsSettings(real.EndPoint) { AuthorityPort = real.Port } };
        var plan = await world.Plan();
        Assert.Null((await world.TryApply(plan.Id)).Problem);
        await world.Write(plan.Id);
        var waiting = await world.Find(plan.Id);
        Assert.Equal("applying", waiting.State);
        Assert.Contains("the world does not see it", waiting.Problem);
        Assert.NotEmpty(await world.Served("_penguin", DnsType.Txt));
        Assert.Empty(await world.Served("bounce", DnsType.Mx));
        await world.Write(plan.Id, round: 20);
        Assert.Equal("failed", (await world.Find(plan.Id)).State);
    }
}
