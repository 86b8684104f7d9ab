using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.ServerMigrations;
using PenguinMails.Fleet.Servers;
using PenguinMails.Fleet.Servers.Hosts;
using PenguinMails.Fleet.Walks;
using PenguinMails.Modules.Tests.Fleet.Servers;
using PenguinMails.Secrets.Store;
using Server = PenguinMails.Fleet.Servers.Server;

namespace PenguinMails.Modules.Tests.Fleet.ServerMigrations;

/// <summary>Two servers that nobody can reach, one of them with a domain and a mailbox, and what the steps of a migration do to their rows.</summary>
static class MigrationWorld
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static FleetWorld World(TestDatabase database)
    {
        var world = FleetWorld.Create(database);
        world.Clock.Advance(TestDatabase.Apart);
        return world;
    }

    public static WalkTools Tools(TestDatabase database, FleetWorld world) => new(
        world.Db, new ServerReach(SshServerProcess.Loopback, database.Services.GetRequiredService<ISecretStore>(), ServerHostSettings.Usual),
        new DnsReach(world.Dns, Outbound.From("127.0.0.0/8"), world.Box, world.Hosts), world.Secrets, world.Box, Outbound.From("127.0.0.0/8"), world.Hosts, new AcmeSettings(new("https://acme.test/dir"), ""), world.Clock);

    /// <summary>A server with a domain and a mailbox, and an empty one. Nothing listens on port 9 of these addresses.</summary>
    public static async Task<(ServerId Old, ServerId Next, DomainId Domain)> Two(TestDatabase database, FleetWorld world)
    {
        var reach = Tools(database, world).Servers;
        var old = (await AddServer.Handle(world.Actor, new("Old", $"mail.{world.Name}", "127.0.0.1", 9), world.Db, reach, world.Clock, Ct)).Value.Id;
        var next = (await AddServer.Handle(world.Actor, new("Next", $"mail2.{world.Name}", "127.0.0.1", 9), world.Db, reach, world.Clock, Ct)).Value.Id;
        var domain = (await world.AddDomain()).Domain;
        await using (var tx = await world.Db.Begin(world.Tenant, Ct))
        {
            await Assign(tx, world, domain, old);
            await tx.Commit(Ct);
        }

        Assert.Null((await CreateMailbox.Handle(world.Actor, domain.Id, new("sam", "Sam Sender"), world.Db, world.Secrets, "test", world.Clock, Ct)).Problem);
        await Execute(world, "update fleet.server set addresses = jsonb_set(addresses, '{0,ip}', to_jsonb(case when id = $2 then '198.51.100.7'::text else '198.51.100.8' end)) where tenant_id = $1", old);
        return (old, next, domain.Id);
    }

    static async Task Assign(TenantTx tx, FleetWorld world, Domain domain, ServerId server)
    {
        var found = await Server.Find(tx, world.Workspace, server, Ct);
        Assert.NotNull(found);
        await AssignServer.Within(tx, domain, found, world.Box, world.Hosts, world.Clock.GetUtcNow(), Ct);
    }

    /// <summary>What the steps switch, keys, leave and clean do to the rows.</summary>
    public static async Task Switch(FleetWorld world, WalkTools tools, DomainId id, ServerId next, ServerMigrationId migration)
    {
        var ready = await RotateDkim.Ready(world.Actor, id, world.Db, tools.Dns, world.Clock, Ct);
        Assert.Null(ready.Problem);
        await using (var tx = await world.Db.Begin(world.Tenant, Ct))
        {
            var domain = (await ListDomains.Within(tx, world.Workspace, id, Ct))?.Domain ?? throw new InvalidOperationException("The domain is gone.");
            await Assign(tx, world, domain, next);
            await RotateDkim.Within(tx, world.Actor, ready.Value.Domain, ready.Value.Setup, world.Clock.GetUtcNow(), Ct);
            await RevokeDkim.Within(tx, world.Actor, domain, world.Box, world.Clock.GetUtcNow(), Ct);
            await tx.Commit(Ct);
        }

        await Execute(world, "update fleet.server_migration set state = 'done', switched_at = created_at, left_at = created_at, ended_at = created_at where tenant_id = $1 and id = $2", migration);
    }

    public static async Task<int> Carried(FleetWorld world, ServerId id)
    {
        await using var tx = await world.Db.Begin(world.Tenant, Ct);
        var mail = await HostedMail.Read(tx, await Server.Find(tx, world.Workspace, id, Ct) ?? throw new InvalidOperationException("The server is gone."), Ct);
        Assert.Equal(mail.Domains.Count, mail.Mailboxes.Count);
        return mail.Domains.Count;
    }

    public static async Task Execute<T>(FleetWorld world, string sql, T id)
    {
        await using var tx = await world.Db.Begin(world.Tenant, Ct);
        Assert.True(await tx.Execute(sql, Ct, world.Tenant, id) > 0);
        await tx.Commit(Ct);
    }

    public static Task<Result<ServerMigration>> Start(FleetWorld world, ServerId from, StartServerMigration.Input input) => StartServerMigration.Handle(world.Actor, from, input, world.Db, world.Clock, Ct);

    public static async Task<ServerMigrationId> Begin(FleetWorld world, ServerId old, ServerId next)
    {
        var started = await Start(world, old, new(next, $"mail.{world.Name}"));
        Assert.Null(started.Problem);
        Assert.Equal(ServerMigration.StepNames, started.Value.Steps.Select(step => step.Name));
        return started.Value.Id;
    }

    public static async Task<DnsPlan> Plan(FleetWorld world, WalkTools tools, DomainId domain) => (await PlanDns.Handle(world.Actor, domain, world.Db, tools.Dns, world.Clock, Ct)).Value;

    public static PlanItem Item(DnsPlan plan, string purpose) => plan.Items.Single(item => item.Purpose == purpose);
}
