using System.Net;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Accounts.Limits;
using PenguinMails.Core;
using PenguinMails.Delivery.Warmup;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Health;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Servers;
using PenguinMails.Fleet.Servers.Hosts;
using PenguinMails.Mail.Dns;
using PenguinMails.Modules.Tests.Fleet.Health;
using PenguinMails.Modules.Tests.Fleet.Hosted;
using PenguinMails.Modules.Tests.Fleet.Servers;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Modules.Tests.Fleet;

/// <summary>How a domain's mail leaves: who may choose it, what is refused, and what follows for its records, limits and health.</summary>
public sealed class TransportTests(TestDatabase database)
{
    static readonly Outbound Loopback = Outbound.From("127.0.0.0/8");

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static Task<Result<ReadTransport.Output>> Choose(FleetWorld world, DomainId id, string transport, string? source = null, string? ehlo = null, Actor? actor = null) =>
        ChooseTransport.Handle(actor ?? world.Actor, id, new(transport, source, ehlo), world.Db, Loopback, world.Hosts, world.Clock, Ct);

    [Fact]
    public async Task A_domain_sends_through_its_mailboxes_servers_until_somebody_chooses_otherwise()
    {
        await using var world = FleetWorld.Create(database);
        var domain = await world.AddDomain();
        Assert.Equal(("server", null), ((await ReadTransport.Handle(world.Actor, domain.Domain.Id, world.Db, Loopback, Ct)).Value.Transport, (await ReadTransport.Handle(world.Actor, domain.Domain.Id, world.Db, Loopback, Ct)).Value.ChangedAt));
        var chosen = (await Choose(world, domain.Domain.Id, "direct", " 127.0.0.1 ", "Out.Example.com")).Value;
        Assert.Equal(("direct", "127.0.0.1", "out.example.com"), (chosen.Transport, chosen.SourceAddress, chosen.EhloName));
        Assert.Contains("127.0.0.1", chosen.Sources);
        var back = (await Choose(world, domain.Domain.Id, "server", "127.0.0.1", "out.example.com")).Value;
        Assert.Equal(("server", "", ""), (back.Transport, back.SourceAddress, back.EhloName));
    }

    [Theory]
    [InlineData("pigeon", null, null, "transport")]
    [InlineData("direct", "nonsense", null, "source_address")]
    [InlineData("direct", "8.8.8.8", null, "source_address")]
    [InlineData("direct", null, "host", "ehlo_name")]
    [InlineData("direct", null, "bad name.example", "ehlo_name")]
    public async Task What_cannot_be_is_refused_at_its_field(string transport, string? source, string? ehlo, string field)
    {
        await using var world = FleetWorld.Create(database);
        var domain = await world.AddDomain();
        var refused = (await Choose(world, domain.Domain.Id, transport, source, ehlo)).Problem!;
        Assert.Equal(("transport.invalid", field), (refused.Code, Assert.Single(refused.Fields).Field));
    }

    [Fact]
    public async Task An_address_that_the_program_must_not_reach_is_none_to_come_from_either()
    {
        await using var world = FleetWorld.Create(database);
        var domain = await world.AddDomain();
        var refused = await ChooseTransport.Handle(world.Actor, domain.Domain.Id, new("direct", "127.0.0.1"), world.Db, Outbound.From(""), world.Hosts, world.Clock, Ct);
        Assert.Equal("transport.invalid", refused.Problem?.Code);
    }

    [Fact]
    public async Task Another_account_finds_no_such_domain_and_a_plan_without_it_refuses()
    {
        await using var world = FleetWorld.Create(database);
        await using var other = FleetWorld.Create(database);
        var domain = await world.AddDomain();
        Assert.Equal("domain.not_found", (await Choose(other, domain.Domain.Id, "direct")).Problem?.Code);
        Assert.Equal("domain.not_found", (await ReadTransport.Handle(other.Actor, domain.Domain.Id, world.Db, Loopback, Ct)).Problem?.Code);
        await using (var tx = await world.Db.Begin(world.Tenant, Ct))
        {
            await ReadEntitlement.Set(tx, "sending.direct", 0, Ct);
            await tx.Commit(Ct);
        }

        Assert.Equal("transport.not_included", (await Choose(world, domain.Domain.Id, "direct")).Problem?.Code);
        Assert.True((await Choose(world, domain.Domain.Id, "server")).IsOk);
    }

    [Fact]
    public async Task The_SPF_record_must_name_the_address_that_mail_leaves_from()
    {
        await using var world = FleetWorld.Create(database);
        var domain = await world.AddDomain();
        world.PublishAll(domain);
        Assert.Equal("ok", (await world.Check(domain.Domain.Id)).Records.Single(record => record.Kind == "spf").State);
        await Choose(world, domain.Domain.Id, "direct", "127.0.0.1");
        var spf = (await world.Check(domain.Domain.Id)).Records.Single(record => record.Kind == "spf");
        Assert.Equal(("v=spf1 include:mx.penguin.test ip4:127.0.0.1 ~all", "wrong"), (spf.Expected, spf.State));
        Assert.Contains("ip4:127.0.0.1", spf.Detail);
        await Choose(world, domain.Domain.Id, "direct");
        Assert.Equal("v=spf1 include:mx.penguin.test ~all", (await world.Check(domain.Domain.Id)).Records.Single(record => record.Kind == "spf").Expected);
    }

    [Fact]
    public void On_a_server_of_ours_the_record_names_both_ways()
    {
        var (server, hosts) = (new SendingServer("mail.acme.example", [new ServerAddress("192.0.2.7", "mail.acme.example")]), new PlatformHosts("mx.penguin.test", "app.penguin.test"));
        Assert.Equal(["ip4:192.0.2.7"], ReadTransport.SpfTerms(server, null, hosts));
        Assert.Equal(["ip4:192.0.2.7", "ip4:192.0.2.9"], ReadTransport.SpfTerms(server, new DirectRoute(IPAddress.Parse("192.0.2.9"), ""), hosts));
        Assert.Equal(["ip4:192.0.2.7", "ip6:2001:db8::9"], ReadTransport.SpfTerms(server, new DirectRoute(IPAddress.Parse("2001:db8::9"), ""), hosts));
        Assert.Equal(["ip4:192.0.2.7", "include:mx.penguin.test"], ReadTransport.SpfTerms(server, new DirectRoute(null, ""), hosts));
    }

    [Fact]
    public async Task Limits_and_warm_ups_count_by_the_address_then()
    {
        await using var world = FleetWorld.Create(database);
        var domain = await world.AddDomain();
        await Choose(world, domain.Domain.Id, "direct", "127.0.0.1");
        await ConnectMailbox.Handle(world.Actor, new ConnectMailbox.Input($"anna@{world.Name}", "Anna", new("smtp.provider.test", 587, ConnectionSecurity.Starttls, "anna", "secret")), world.Db, world.Secrets, "test", world.Clock, Ct);
        Assert.True((await StartWarmUp.Handle(world.Actor, new("ip", "127.0.0.1"), world.Db, world.Clock, Ct)).IsOk);
        Assert.False((await StartWarmUp.Handle(world.Actor, new("ip", "smtp.provider.test"), world.Db, world.Clock, Ct)).IsOk);
    }

    [Fact]
    public async Task The_log_of_a_node_is_no_witness_of_a_time_in_which_mail_went_past_it()
    {
        await using var world = await HostedWorld.Create(database);
        var mailbox = (await world.Mailbox("sam")).Value.Id;
        await using (var tx = await world.Db.Begin(world.Actor.Tenant, Ct))
        {
            await tx.Execute("update fleet.server set stack_kind = 'native' where tenant_id = $1", Ct, world.Actor.Tenant);
            await tx.Commit(Ct);
        }

        var reach = new ServerReach(SshServerProcess.Loopback, database.Services.GetRequiredService<ISecretStore>(), ServerHostSettings.Usual);
        async Task<bool> IsAsked(DateTimeOffset from) =>
            (await ReadDeliveryLog.Handle(world.Actor.Tenant, mailbox, from, from.AddHours(1), world.Db, reach, world.Clock, Ct)).Problem?.Code != ReadDeliveryLog.NoneCode;
        async Task Set(string transport) => Assert.Null((await ChooseTransport.Handle(world.Actor, world.Domain, new(transport), world.Db, Loopback, new("mx.penguin.test", "app.penguin.test"), world.Clock, Ct)).Problem);
        var before = world.Clock.GetUtcNow().AddHours(-1);
        Assert.True(await IsAsked(before));
        await Set("direct");
        Assert.False(await IsAsked(before));
        await Set("server");
        Assert.False(await IsAsked(before)); // Some of it may have gone directly.
        Assert.True(await IsAsked(world.Clock.GetUtcNow().AddSeconds(1)));
    }

    [Fact]
    public async Task The_address_is_looked_at_with_the_domains_health()
    {
        await using var world = await HealthWorld.Create(database);
        Assert.DoesNotContain((await world.Check()).Findings, finding => finding.Code == JudgeSource.Code);
        Assert.True((await Choose(world.Fleet, world.Domain, "direct", "127.0.0.1", "out.example.com")).IsOk);
        world.Fleet.Publish(ReverseName.Of(IPAddress.Loopback), DnsType.Ptr, "out.example.com");
        world.Fleet.Publish("out.example.com", DnsType.A, "127.0.0.1");
        var found = Assert.Single((await world.Check()).Findings, finding => finding.Code == JudgeSource.Code);
        Assert.Equal(("127.0.0.1", HealthSeverity.Good), (found.Subject, found.Severity));
    }

    [Theory]
    [InlineData(null, "out.example.com", null, HealthSeverity.Act)]
    [InlineData("other.example.com", "out.example.com", "192.0.2.9", HealthSeverity.Watch)]
    [InlineData("out.example.com", "out.example.com", "192.0.2.8", HealthSeverity.Act)]
    [InlineData("out.example.com", "out.example.com", null, HealthSeverity.Act)]
    [InlineData("out.example.com", "out.example.com", "192.0.2.9", HealthSeverity.Good)]
    public async Task An_address_and_its_name_must_lead_to_each_other(string? reverse, string ehlo, string? forward, HealthSeverity severity)
    {
        var (zone, address) = (new MemoryZone(), IPAddress.Parse("192.0.2.9"));
        if (reverse is not null) zone.Add(ReverseName.Of(address), DnsType.Ptr, reverse);
        if (forward is not null) zone.Add(ehlo, DnsType.A, forward);
        Assert.Equal(severity, (await JudgeSource.Ask(address, ehlo, zone, database.Clock.GetUtcNow(), Ct)).Severity);
    }

    [Fact]
    public async Task Name_servers_that_are_silent_prove_nothing_of_an_address()
    {
        var (zone, address) = (new MemoryZone(), IPAddress.Parse("192.0.2.9"));
        zone.AddTimeout(ReverseName.Of(address), null);
        Assert.Equal(HealthSeverity.Unknown, (await JudgeSource.Ask(address, "out.example.com", zone, database.Clock.GetUtcNow(), Ct)).Severity);
    }
}
