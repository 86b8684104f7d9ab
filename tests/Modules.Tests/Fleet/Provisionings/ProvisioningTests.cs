using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Core;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Provisionings;
using PenguinMails.Fleet.Servers;
using PenguinMails.Fleet.Servers.Hosts;
using PenguinMails.Fleet.Walks;
using PenguinMails.Modules.Tests.Fleet.Servers;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Modules.Tests.Fleet.Provisionings;

/// <summary>What a walk does before it reaches a machine; the rest is walked against real machines in Product.Tests.</summary>
public sealed class ProvisioningTests(TestDatabase database)
{
    static readonly WantedMailbox Sam = new("sam", "Sam Sender");

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_machine_that_does_not_let_us_in_waits_on_the_customers_clock_and_says_what_to_run()
    {
        await using var world = World();
        var (id, tools) = await Begin(world);
        var after = await Advance(world, tools, id);
        world.Clock.Advance(TimeSpan.FromSeconds(40));
        await Advance(world, tools, id);
        var step = (await Read(world, id)).Steps[0];
        Assert.Equal(("server", "customer", 2), (step.Name, step.State, step.Attempts));
        Assert.Contains("authorized_keys", step.Note);
        Assert.True(after >= TimeSpan.FromSeconds(2), $"{after}");
        Assert.True(step.CustomerMs >= 40_000, $"{step.CustomerMs}");
        Assert.True(step.PlatformMs < 40_000, $"{step.PlatformMs}");
    }

    [Fact]
    public async Task Cancelled_it_takes_back_the_domain_it_made_and_ends()
    {
        await using var world = World();
        var (id, tools) = await Begin(world);
        await Advance(world, tools, id);
        Assert.Equal("undoing", (await ControlProvisioning.Cancel(world.Actor, id, world.Db, world.Clock, Ct)).Value.State);
        Assert.Null(await Advance(world, tools, id));
        var walk = await Read(world, id);
        Assert.Equal(("cancelled", "undone"), (walk.State, walk.Steps[0].State));
        Assert.NotNull(walk.EndedAt);
        Assert.Equal("provisioning.over", (await ControlProvisioning.GoOn(world.Actor, id, world.Db, world.Clock, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task One_domain_is_walked_once_at_a_time_and_the_same_domain_is_taken_up_again()
    {
        await using var world = World();
        var (id, tools) = await Begin(world);
        var second = await Start(world, tools, (await Read(world, id)).ServerId, world.Name, [Sam]);
        Assert.Equal("provisioning.running", second.Problem?.Code);
        Assert.Contains(id.ToString(), second.Problem?.Detail);
        await ControlProvisioning.Cancel(world.Actor, id, world.Db, world.Clock, Ct);
        await Advance(world, tools, id);
        var again = await Start(world, tools, (await Read(world, id)).ServerId, world.Name.ToUpperInvariant(), [Sam]);
        Assert.Equal(world.Name, again.Value.DomainName);
    }

    [Theory]
    [InlineData("gmail.com", "domain.consumer")]
    [InlineData("not a domain", "domain.name_invalid")]
    public async Task A_domain_that_cannot_be_ours_is_refused_and_nothing_is_left(string domain, string code)
    {
        await using var world = World();
        var tools = Tools(world);
        var server = await AddServer(world, tools);
        Assert.Equal(code, (await Start(world, tools, server, domain, [Sam])).Problem?.Code);
        Assert.Empty((await ListDomains.Handle(world.Actor, null, null, world.Db, Ct)).Value.Items);
        Assert.Empty((await ListProvisionings.Handle(world.Actor, null, null, world.Db, Ct)).Value.Items);
    }

    [Fact]
    public async Task A_DNS_host_that_cannot_be_reached_leaves_no_domain_behind()
    {
        await using var world = World();
        var tools = Tools(world);
        var server = await AddServer(world, tools);
        var host = new ConnectDnsHost.Input("powerdns", world.Name, "http://127.0.0.1:9", "localhost", null, "key");
        var started = await StartProvisioning.Handle(world.Actor, new(world.Name, server, [Sam], host), world.Db, tools.Dns, world.Clock, Ct);
        Assert.StartsWith("dns.", started.Problem?.Code);
        Assert.Empty((await ListDomains.Handle(world.Actor, null, null, world.Db, Ct)).Value.Items);
    }

    [Fact]
    public async Task Wrong_mailboxes_are_named()
    {
        await using var world = World();
        var tools = Tools(world);
        var server = await AddServer(world, tools);
        Assert.Contains(await Fields([]), detail => detail.Contains("1 to 50"));
        Assert.Contains(await Fields([Sam, new("SAM", "Other")]), detail => detail.Contains("twice"));
        Assert.Contains(await Fields([new("a@b", "X")]), detail => detail.Contains("a@b cannot stand before an @"));
        Assert.Contains(await Fields([new("sam", "Line\nBreak")]), detail => detail.Contains("1 to 100 characters"));

        async Task<IEnumerable<string>> Fields(WantedMailbox[] mailboxes) => (await Start(world, tools, server, world.Name, mailboxes)).Problem?.Fields.Select(field => field.Detail) ?? [];
    }

    [Fact]
    public async Task Another_tenant_sees_and_stops_nothing()
    {
        await using var world = World();
        await using var other = World();
        var (id, _) = await Begin(world);
        Assert.Equal("provisioning.not_found", (await ListProvisionings.One(other.Actor, id, other.Db, Ct)).Problem?.Code);
        Assert.Equal("provisioning.not_found", (await ControlProvisioning.Cancel(other.Actor, id, other.Db, other.Clock, Ct)).Problem?.Code);
        Assert.Equal(0, (await ReadProvisioningTimes.Handle(other.Actor, other.Db, other.Clock, Ct)).Value.Count);
    }

    [Fact]
    public async Task A_domain_on_a_server_of_ours_asks_DNS_for_that_servers_addresses()
    {
        await using var world = World();
        var (id, tools) = await Begin(world, "198.51.100.7", $"mail.{world.Name}");
        var walk = await Read(world, id);
        await using (var tx = await world.Db.Begin(world.Tenant, Ct))
        {
            var domain = (await ListDomains.Within(tx, world.Workspace, walk.DomainId ?? default, Ct))?.Domain;
            var server = await PenguinMails.Fleet.Servers.Server.Find(tx, world.Workspace, walk.ServerId, Ct);
            Assert.True(domain is not null && server is not null);
            await AssignServer.Within(tx, domain, server, tools.Box, tools.Hosts, world.Clock.GetUtcNow(), Ct);
            await tx.Commit(Ct);
        }

        world.Publish(world.Name, PenguinMails.Mail.Dns.DnsType.Txt, "v=spf1 include:mx.penguin.test include:spf.provider.test -all");
        world.Publish("spf.provider.test", PenguinMails.Mail.Dns.DnsType.Txt, "v=spf1 ip4:192.0.2.9 -all");
        await ConnectDnsHost.Handle(world.Actor, walk.DomainId ?? default, new("by_hand", world.Name), world.Db, tools.Dns, world.Clock, Ct);
        var plan = (await PlanDns.Handle(world.Actor, walk.DomainId ?? default, world.Db, tools.Dns, world.Clock, Ct)).Value;
        Assert.Equal(["v=spf1 include:spf.provider.test ip4:198.51.100.7 -all"], plan.Items.Single(item => item.Purpose == "spf").After);
        Assert.Equal(["198.51.100.7"], plan.Items.Single(item => item.Purpose == "address").After);
        Assert.Equal([$"10 mail.{world.Name}"], plan.Items.Single(item => item.Purpose == "mx").After);
        var spf = (await ListDomains.One(world.Actor, walk.DomainId ?? default, world.Db, Ct)).Value.Records.Single(record => record.Kind == "spf");
        Assert.Equal("v=spf1 ip4:198.51.100.7 ~all", spf.Expected);
    }

    FleetWorld World()
    {
        var world = FleetWorld.Create(database);
        world.Clock.Advance(TestDatabase.Apart);
        return world;
    }

    WalkTools Tools(FleetWorld world) => new(
        world.Db, new ServerReach(SshServerProcess.Loopback, database.Services.GetRequiredService<ISecretStore>(), ServerHostSettings.Usual),
        new DnsReach(world.Dns, Outbound.From("127.0.0.0/8"), world.Box, world.Hosts), world.Secrets, world.Box, Outbound.From("127.0.0.0/8"), world.Hosts, new AcmeSettings(new("https://acme.test/dir"), ""), world.Clock);

    // Nothing listens on port 9 of this machine: no job can reach it.
    static async Task<ServerId> AddServer(FleetWorld world, WalkTools tools, string address = "127.0.0.1", string? hostName = null) =>
        (await PenguinMails.Fleet.Servers.AddServer.Handle(world.Actor, new("Main", hostName ?? $"mail.{world.Name}", address, 9), world.Db, tools.Servers, world.Clock, Ct)).Value.Id;

    async Task<(ProvisioningId Id, WalkTools Tools)> Begin(FleetWorld world, string address = "127.0.0.1", string? hostName = null)
    {
        var tools = Tools(world);
        var server = await AddServer(world, tools, address, hostName);
        return ((await Start(world, tools, server, world.Name, [Sam])).Value.Id, tools);
    }

    static Task<Result<Provisioning>> Start(FleetWorld world, WalkTools tools, ServerId server, string domain, WantedMailbox[] mailboxes) =>
        StartProvisioning.Handle(world.Actor, new(domain, server, mailboxes), world.Db, tools.Dns, world.Clock, Ct);

    static Task<TimeSpan?> Advance(FleetWorld world, WalkTools tools, ProvisioningId id) =>
        AdvanceProvisioning.Advance(new(world.Workspace, id), world.Tenant, tools, (_, _) => Task.CompletedTask, Ct);

    static async Task<Provisioning> Read(FleetWorld world, ProvisioningId id) => (await ListProvisionings.One(world.Actor, id, world.Db, Ct)).Value;
}
