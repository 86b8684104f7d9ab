using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Accounts;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Events;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Modules.Tests.Fleet;

public sealed class DomainTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_domain_with_every_record_in_place_is_verified()
    {
        await using var world = FleetWorld.Create(database);
        var domain = await world.AddDomain();
        Assert.All(domain.Records, record => Assert.Equal("unchecked", record.State));
        world.PublishAll(domain);
        var after = await world.Check(domain.Domain.Id);
        Assert.Equal(DomainState.Verified, after.Domain.State);
        Assert.All(after.Records.Where(record => record.Kind != "ptr"), record => Assert.Equal(("ok", ""), (record.State, record.Detail)));
        Assert.Equal(["domain.verified", "domain.added"], await world.Audited());
    }

    [Fact]
    public async Task A_domain_without_records_stays_pending_and_each_record_says_what_to_publish()
    {
        await using var world = FleetWorld.Create(database);
        var domain = await world.AddDomain();
        var after = await world.Check(domain.Domain.Id);
        Assert.Equal(DomainState.Pending, after.Domain.State);
        Assert.All(after.Records.Where(record => record.IsRequired && record.Kind != "mx"), record => Assert.Equal(("missing", true), (record.State, record.Detail.Contains(record.Expected))));
        Assert.Equal(["domain.added"], await world.Audited());
    }

    [Fact]
    public async Task A_lost_record_makes_it_drift_and_its_return_mends_it()
    {
        await using var world = FleetWorld.Create(database);
        var domain = await world.AddDomain();
        world.PublishAll(domain);
        await world.Check(domain.Domain.Id);
        var dmarc = domain.Records.Single(record => record.Kind == "dmarc");
        world.Publish(dmarc.Host, DnsType.Txt);
        Assert.Equal(DomainState.Drifted, (await world.Check(domain.Domain.Id)).Domain.State);
        world.Publish(dmarc.Host, DnsType.Txt, dmarc.Expected);
        Assert.Equal(DomainState.Verified, (await world.Check(domain.Domain.Id)).Domain.State);
        Assert.Equal(["domain.verified", "domain.drifted", "domain.verified", "domain.added"], await world.Audited());
    }

    [Fact]
    public async Task Silence_of_dns_moves_no_state_and_forgets_nothing()
    {
        await using var world = FleetWorld.Create(database);
        var domain = await world.AddDomain();
        world.PublishAll(domain);
        await world.Check(domain.Domain.Id);
        using var silent = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        world.Dns = new DnsSettings((IPEndPoint)silent.Client.LocalEndPoint!) { Timeout = TimeSpan.FromMilliseconds(50) };
        var after = await world.Check(domain.Domain.Id);
        Assert.Equal(DomainState.Verified, after.Domain.State);
        var spf = after.Records.Single(record => record.Kind == "spf");
        Assert.Equal("unknown", spf.State);
        Assert.Contains("did not answer in time", spf.Detail);
        Assert.Equal(spf.Expected, Assert.Single(spf.Found));
        Assert.Equal(TimeSpan.FromMinutes(5), RecheckDomain.After(after, isTrackingServed: false));
    }

    [Theory]
    [InlineData(DomainState.Pending, "ok ok", DomainState.Verified)]
    [InlineData(DomainState.Pending, "ok missing", DomainState.Pending)]
    [InlineData(DomainState.Pending, "ok unknown", DomainState.Pending)]
    [InlineData(DomainState.Verified, "ok unknown", DomainState.Verified)]
    [InlineData(DomainState.Verified, "unknown wrong", DomainState.Drifted)]
    [InlineData(DomainState.Drifted, "ok unknown", DomainState.Drifted)]
    [InlineData(DomainState.Drifted, "ok ok", DomainState.Verified)]
    public void The_state_follows_the_required_records(DomainState state, string records, DomainState next) => Assert.Equal(next, CheckDomain.Next(state, records.Split(' ')));

    [Fact]
    public async Task Subscribers_hear_of_the_change()
    {
        await using var world = FleetWorld.Create(database);
        var heard = new List<string>();
        var subscribers = new Subscribers();
        var kinds = new JobKinds(subscribers);
        kinds.On<DomainVerified>($"test.verified.{world.Tenant.Value:N}", (happened, _, _) => { heard.Add("verified " + happened.Name); return Task.CompletedTask; });
        kinds.On<DomainDrifted>($"test.drifted.{world.Tenant.Value:N}", (happened, _, _) => { heard.Add("drifted " + string.Join(' ', happened.Records)); return Task.CompletedTask; });
        var db = new TenantDb(database.Source, subscribers, new JobSignal());
        var domain = await world.AddDomain();
        world.PublishAll(domain);
        await CheckDomain.Handle(world.Actor, domain.Domain.Id, db, world.Dns, world.Clock, Ct);
        world.Publish(world.Name, DnsType.Mx);
        await CheckDomain.Handle(world.Actor, domain.Domain.Id, db, world.Dns, world.Clock, Ct);
        await database.Worker(kinds, world.Clock).RunDue(Ct);
        Assert.Equal(["verified " + world.Name, "drifted mx"], heard.OrderByDescending(line => line));
    }

    [Fact]
    public async Task Each_check_orders_the_next_one_until_the_domain_is_removed()
    {
        await using var world = FleetWorld.Create(database);
        var domain = await world.AddDomain();
        var start = world.Clock.GetUtcNow();
        Assert.Equal([start.AddMinutes(5)], await Ordered(world));
        await Recheck(world, domain.Domain.Id, 1);
        await Recheck(world, domain.Domain.Id, 1); // Tried again after a crash: no second chain.
        Assert.Equal([start.AddMinutes(5), start.AddMinutes(15)], await Ordered(world));
        world.PublishAll(domain);
        await Recheck(world, domain.Domain.Id, 2);
        Assert.Equal([start.AddMinutes(5), start.AddMinutes(15), start.AddHours(1)], await Ordered(world));
        await RemoveDomain.Handle(world.Actor, domain.Domain.Id, world.Db, world.Clock, Ct);
        await Recheck(world, domain.Domain.Id, 3);
        Assert.Equal(3, (await Ordered(world)).Count);
    }

    static async Task Recheck(FleetWorld world, DomainId id, long round)
    {
        await using var services = new ServiceCollection().AddSingleton<TimeProvider>(world.Clock).AddSingleton(world.Dns).AddSingleton(new MasterKey(new byte[32])).AddSingleton(new PublicWeb(new Uri("http://127.0.0.1:1/"))).AddSingleton(new DnsReach(world.Dns, Outbound.From("127.0.0.0/8"), world.Box, world.Hosts)).BuildServiceProvider();
        var job = new ClaimedJob(default, world.Tenant, RecheckDomain.Kind, 1, 50, default, null);
        await RecheckDomain.Run(new RecheckDomain.Order(world.Workspace, id, round), new JobRun(job, world.Db, services), Ct);
    }

    async Task<List<DateTimeOffset>> Ordered(FleetWorld world)
    {
        await using var command = database.OwnerSource.CreateCommand("select due_at from core.job where tenant_id = $1 and kind = $2 order by due_at limit 10");
        command.Parameters.AddWithValue(world.Tenant.Value);
        command.Parameters.AddWithValue(RecheckDomain.Kind);
        var due = new List<DateTimeOffset>();
        await using var row = await command.ExecuteReaderAsync(Ct);
        while (await row.ReadAsync(Ct)) due.Add(row.GetFieldValue<DateTimeOffset>(0));
        return due;
    }

    [Fact]
    public async Task A_domain_in_use_is_not_removed()
    {
        await using var world = FleetWorld.Create(database);
        var mailbox = await world.Connect(); // Before the domain: it joins when the domain is added.
        var domain = await world.AddDomain();
        var refused = await RemoveDomain.Handle(world.Actor, domain.Domain.Id, world.Db, world.Clock, Ct);
        Assert.Equal(("domain.in_use", ProblemKind.Conflict), (refused.Problem?.Code, refused.Problem?.Kind));
        await PauseMailbox.Handle(world.Actor, mailbox, world.Db, world.Clock, Ct);
        await RemoveMailbox.Handle(world.Actor, mailbox, world.Db, world.Secrets, "test", world.Clock, Ct);
        Assert.True((await RemoveDomain.Handle(world.Actor, domain.Domain.Id, world.Db, world.Clock, Ct)).IsOk);
        Assert.Equal("domain.not_found", (await ListDomains.One(world.Actor, domain.Domain.Id, world.Db, Ct)).Problem?.Code);
        Assert.Equal("domain.not_found", (await CheckDomain.Handle(world.Actor, domain.Domain.Id, world.Db, world.Dns, world.Clock, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task Another_tenant_and_another_workspace_see_no_domain()
    {
        await using var world = FleetWorld.Create(database);
        var id = (await world.AddDomain()).Domain.Id;
        foreach (var stranger in new[] { Actor.System(database.NewTenant(), world.Workspace), Actor.System(world.Tenant, new WorkspaceId(Guid.CreateVersion7())) })
        {
            Assert.Equal("domain.not_found", (await CheckDomain.Handle(stranger, id, world.Db, world.Dns, world.Clock, Ct)).Problem?.Code);
            Assert.Equal("domain.not_found", (await RemoveDomain.Handle(stranger, id, world.Db, world.Clock, Ct)).Problem?.Code);
        }

        var guest = world.Actor with { Kind = ActorKind.Person };
        Assert.Equal("permission.missing", (await CheckDomain.Handle(guest, id, world.Db, world.Dns, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("permission.missing", (await RemoveDomain.Handle(guest, id, world.Db, world.Clock, Ct)).Problem?.Code);
    }
}
