using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Servers;
using PenguinMails.Fleet.Servers.Hosts;
using PenguinMails.Fleet.Stacks;
using PenguinMails.Modules.Tests.Fleet.Servers;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Modules.Tests.Fleet.Hosted;

/// <summary>A tenant with a domain on a server of its own. The machine itself is never reached here: what it would be told is asserted.</summary>
sealed class HostedWorld : IAsyncDisposable
{
    readonly FleetWorld _fleet;

    HostedWorld(FleetWorld fleet, DomainId domain, ServerId server) => (_fleet, Domain, Server) = (fleet, domain, server);

    public DomainId Domain { get; }
    public ServerId Server { get; }
    public FleetWorld Fleet => _fleet;
    public string Name => _fleet.Name;
    public Actor Actor => _fleet.Actor;
    public TenantDb Db => _fleet.Db;
    public MailboxSecrets Secrets => _fleet.Secrets;
    public TestClock Clock => _fleet.Clock;
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<HostedWorld> Create(TestDatabase database)
    {
        var world = FleetWorld.Create(database);
        world.Clock.Advance(TestDatabase.Apart);
        var reach = new ServerReach(SshServerProcess.Loopback, database.Services.GetRequiredService<ISecretStore>(), ServerHostSettings.Usual);
        var server = (await AddServer.Handle(world.Actor, new("Main", $"mail.{world.Name}", "198.51.100.7"), world.Db, reach, world.Clock, Ct)).Value.Id;
        var domain = await world.AddDomain();
        await using var tx = await world.Db.Begin(world.Tenant, Ct);
        var machine = await PenguinMails.Fleet.Servers.Server.Find(tx, world.Workspace, server, Ct);
        Assert.NotNull(machine);
        await AssignServer.Within(tx, domain.Domain, machine, world.Box, world.Hosts, world.Clock.GetUtcNow(), Ct);
        await tx.Commit(Ct);
        return new HostedWorld(world, domain.Domain.Id, server);
    }

    public Task<Result<ConnectMailbox.Output>> Mailbox(string local, string name = "Sam Sender") => CreateMailbox.Handle(Actor, Domain, new(local, name), Db, Secrets, "test", Clock, Ct);

    /// <summary>Everything the machine would be told, with secrets opened; sound, or the test fails.</summary>
    public async Task<StackPlan> Plan()
    {
        var plan = (await (await Wanted()).Open(new SecretAccess(Actor, "a test", "test"), Secrets, _fleet.Box, new AcmeSettings(new("https://acme.test/dir"), ""), Ct)).Value;
        Assert.Null(StackPlanFault.Of(plan));
        return plan;
    }

    public async Task<string> Digest() => (await Wanted()).Digest;

    async Task<HostedMail> Wanted()
    {
        await using var tx = await Db.Begin(_fleet.Tenant, Ct);
        var server = await PenguinMails.Fleet.Servers.Server.Find(tx, _fleet.Workspace, Server, Ct);
        Assert.NotNull(server);
        return await HostedMail.Read(tx, server, Ct);
    }

    /// <summary>Orders for the machine that wait. Several wishes are one order.</summary>
    public async Task<long> Orders()
    {
        await using var tx = await Db.BeginUnscoped(Ct);
        return await tx.One("select count(*) from core.job where tenant_id = $1 and kind = 'fleet.apply_stack' and state = 'ready'", row => row.GetInt64(0), Ct, _fleet.Tenant);
    }

    public async Task<long> Count(string sql)
    {
        await using var tx = await Db.Begin(_fleet.Tenant, Ct);
        return await tx.One(sql, row => row.GetInt64(0), Ct, _fleet.Tenant);
    }

    public async Task Do(string sql)
    {
        await using var tx = await Db.Begin(_fleet.Tenant, Ct);
        Assert.True(await tx.Execute(sql, Ct, _fleet.Tenant) > 0);
        await tx.Commit(Ct);
    }

    public ValueTask DisposeAsync() => _fleet.DisposeAsync();
}
