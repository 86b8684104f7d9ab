using PenguinMails.Core;
using PenguinMails.Fleet.Dns;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Modules.Tests.Fleet.Dns;

/// <summary>Against BIND: every way an update can be taken or refused, and the whole road from plan to roll-back.</summary>
[Trait("Needs", "peers")]
public sealed class Rfc2136Tests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("hmac-sha256")]
    [InlineData("hmac-sha512")]
    public async Task A_plan_is_written_seen_at_every_server_and_verifies_the_domain(string algorithm)
    {
        await using var world = await DnsWorld.Bind(database, ["@ TXT \"google-site-verification=abc\"", "@ TXT \"v=spf1 ip4:198.51.100.7 -all\"", "@ MX 10 mail", "mail A 192.0.2.1"], algorithm: algorithm);
        Assert.Null((await world.Connect(world.Key with { Algorithm = algorithm })).Problem);
        var plan = await world.Plan();
        Assert.Equal("ready", plan.State);
        Assert.Equal(("change", "create"), (plan.Items.Single(item => item.Purpose == "spf").Action, plan.Items.Single(item => item.Purpose == "dkim").Action));
        var after = await world.Apply(plan.Id);
        Assert.Equal(("verified", ""), (after.State, after.Problem));
        Assert.Equal(["google-site-verification=abc", "v=spf1 ip4:198.51.100.7 include:mx.penguin.test -all"], await world.Served("", DnsType.Txt));
        Assert.Equal(["10 mx.penguin.test"], await world.Served("bounce", DnsType.Mx));
        Assert.Equal(["10 mail." + world.Name], await world.Served("", DnsType.Mx));
        Assert.Equal([("ns1." + world.Name, true), ("resolver", true)], after.Seen.Select(seen => (seen.Server, seen.IsAnswering && seen.Wrong.Count == 0)));
        Assert.Equal(PenguinMails.Fleet.Domains.DomainState.Verified, (await PenguinMails.Fleet.Domains.ListDomains.One(world.Fleet.Actor, world.Domain, world.Fleet.Db, Ct)).Value.Domain.State);
        Assert.NotNull((await ReadDns.Handle(world.Fleet.Actor, world.Domain, world.Fleet.Db, world.Reach, world.Clock, Ct)).Value.Setup.ProvedAt);
    }

    [Fact]
    public async Task Undo_restores_what_stood_there_and_nothing_else()
    {
        await using var world = await DnsWorld.Bind(database, ["@ TXT \"v=spf1 ip4:198.51.100.7 -all\"", "@ 777 MX 10 mail", "mail A 192.0.2.1", "_dmarc 4321 TXT \"v=DMARC1; p=quarantine; rua=mailto:me@else.test; pct=50\""]);
        await world.Connect(world.Key);
        var plan = await world.Plan();
        await world.Apply(plan.Id);
        Assert.Equal(["v=DMARC1; p=quarantine; rua=mailto:me@else.test,mailto:dmarc@bounce." + world.Name + "; pct=50"], await world.Served("_dmarc", DnsType.Txt));
        var undo = (await UndoDnsPlan.Handle(world.Fleet.Actor, world.Domain, plan.Id, world.Fleet.Db, world.Reach, world.Clock, Ct)).Value;
        Assert.Equal("verified", (await world.Apply(undo.Id)).State);
        Assert.Equal("undone", (await world.Find(plan.Id)).State);
        Assert.Equal(["v=spf1 ip4:198.51.100.7 -all"], await world.Served("", DnsType.Txt));
        Assert.Equal(["v=DMARC1; p=quarantine; rua=mailto:me@else.test; pct=50"], await world.Served("_dmarc", DnsType.Txt));
        Assert.Empty(await world.Served("bounce", DnsType.Mx));
        Assert.Equal(4321, plan.Items.Single(item => item.Purpose == "dmarc").TtlSeconds);
    }

    [Fact]
    public async Task A_zone_that_changed_meanwhile_is_not_written_and_a_new_plan_shows_the_difference()
    {
        await using var world = await DnsWorld.Bind(database, ["@ TXT \"v=spf1 -all\"", "@ MX 10 mail", "mail A 192.0.2.1"]);
        await world.Connect(world.Key);
        var plan = await world.Plan();
        await world.Meddle(DnsType.Txt, "", "v=spf1 -all", "v=spf1 ip4:203.0.113.9 -all");
        var refused = (await world.TryApply(plan.Id)).Problem;
        Assert.Equal("dns.zone_changed", refused?.Code);
        Assert.Equal("stale", (await world.Find(plan.Id)).State);
        Assert.Equal(["v=spf1 ip4:203.0.113.9 -all"], await world.Served("", DnsType.Txt));
        var newest = (await ReadDns.Plans(world.Fleet.Actor, world.Domain, null, null, world.Fleet.Db, Ct)).Value.Items[0];
        Assert.Contains(newest.Id.ToString(), refused?.Detail);
        Assert.Equal(["v=spf1 ip4:203.0.113.9 include:mx.penguin.test -all"], (await world.Find(newest.Id)).Items.Single(item => item.Purpose == "spf").After);
    }

    [Fact]
    public async Task A_change_in_the_last_moment_is_caught_by_the_server_itself()
    {
        await using var world = await DnsWorld.Bind(database, ["@ TXT \"v=spf1 -all\""]);
        await world.Connect(world.Key);
        using var host = world.Reach.Open("rfc2136", world.Name, new($"127.0.0.1:{world.Server.Port}", DnsServerProcess.KeyName, "hmac-sha256"), DnsServerProcess.Secret, TimeProvider.System).Value;
        DnsRecordSet Text(string name, string text) => new(name, DnsType.Txt, 60, [text]);
        var first = new DnsChange(null, Text("a." + world.Name, "one"));
        Assert.Equal("dns.zone_changed", (await host.Write([first, new(Text(world.Name, "v=spf1 ?all"), Text(world.Name, "x"))], Ct)).Problem?.Code);
        Assert.Empty(await world.Served("a", DnsType.Txt)); // All or nothing.
        await world.Meddle(DnsType.Cname, "b", null, "elsewhere.test");
        Assert.Equal("dns.zone_changed", (await host.Write([new(null, Text("b." + world.Name, "beside an alias"))], Ct)).Problem?.Code);
    }

    [Fact]
    public async Task A_job_killed_between_writing_and_saying_so_goes_on_without_doing_anything_twice()
    {
        await using var world = await DnsWorld.Bind(database);
        await world.Connect(world.Key);
        var plan = await world.Plan();
        Assert.Null((await world.TryApply(plan.Id)).Problem);
        using (var host = world.Reach.Open("rfc2136", world.Name, new($"127.0.0.1:{world.Server.Port}", DnsServerProcess.KeyName, "hmac-sha256"), DnsServerProcess.Secret, TimeProvider.System).Value)
            Assert.Null((await host.Write([.. plan.Items.Where(item => item.Action == "create").Take(4).Select(item => item.Change)], Ct)).Problem);
        await world.Write(plan.Id);
        await world.Write(plan.Id); // Once more after the end.
        Assert.Equal("verified", (await world.Watch(plan.Id)).State);
        Assert.DoesNotContain((await world.Plan()).Items, item => item.Action is "create" or "change");
    }

    [Theory]
    [InlineData("wrong-name", "dns.credential_refused", "knows no key")]
    [InlineData("wrong-secret", "dns.credential_refused", "secret")]
    [InlineData("wrong-algorithm", "dns.credential_refused", "algorithm")]
    [InlineData("other-key", "dns.credential_refused", "refuses updates")]
    [InlineData("wrong-time", "dns.clock_wrong", "60 minutes ahead")]
    [InlineData("closed-port", "dns.host_silent", "does not answer")]
    [InlineData("private-host", "dns.host_unreachable", "private")]
    [InlineData("short-secret", "dns.host_invalid", "16 to 1024")]
    public async Task Every_refusal_of_the_server_says_what_to_do_and_keeps_the_secret(string fault, string code, string words)
    {
        await using var world = await DnsWorld.Bind(database);
        var key = world.Key;
        if (fault == "wrong-time") world.Clock = new Late();
        if (fault is "closed-port") world.Reach = world.Reach with { HostTimeout = TimeSpan.FromMilliseconds(200) };
        if (fault is "private-host") world.Reach = world.Reach with { Outbound = Outbound.From(null) };
        var problem = (await world.Connect(fault switch
        {
            "wrong-name" => key with { KeyName = "nobodys-key" },
            "wrong-secret" => key with { Secret = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=" },
            "wrong-algorithm" => key with { Algorithm = "hmac-sha512" },
            "other-key" => key with { KeyName = "other-key" },
            "closed-port" => key with { Endpoint = "127.0.0.1:1", Zone = world.Name },
            "short-secret" => key with { Secret = "c2hvcnQ=" },
            _ => key with { Zone = world.Name },
        })).Problem;
        Assert.Equal(code, problem?.Code);
        Assert.Contains(words, problem?.Detail);
        Assert.DoesNotContain(DnsServerProcess.Secret, problem?.Detail);
    }

    [Fact]
    public async Task A_server_that_is_not_authoritative_for_the_zone_is_named()
    {
        await using var world = await DnsWorld.Bind(database, zone: "elsewhere.example");
        Assert.Equal("dns.zone_missing", (await world.Connect(world.Key with { Zone = world.Name })).Problem?.Code);
    }

    [Fact]
    public async Task A_silent_server_is_waited_for_and_the_plan_says_so()
    {
        await using var world = await DnsWorld.Bind(database);
        await world.Connect(world.Key);
        world.Reach = world.Reach with { HostTimeout = TimeSpan.FromMilliseconds(200), Dns = world.Reach.Dns with { Timeout = TimeSpan.FromMilliseconds(100) } };
        var plan = await world.Plan();
        Assert.Null((await world.TryApply(plan.Id)).Problem);
        world.Server.Freeze();
        await world.Write(plan.Id);
        var waiting = await world.Find(plan.Id);
        Assert.Equal("applying", waiting.State);
        Assert.NotEmpty(waiting.Problem);
        await world.Write(plan.Id, round: 20); // The last round.
        Assert.Equal("failed", (await world.Find(plan.Id)).State);
        world.Server.Thaw();
        Assert.Equal("verified", (await world.Apply(plan.Id)).State);
    }

    /// <summary>An hour behind.</summary>
    sealed class Late : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddHours(-1);
    }
}
