using System.Collections.Frozen;
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
using PenguinMails.Mail.Dns;
using PenguinMails.Modules.Tests.Fleet.Servers;
using PenguinMails.Secrets.Store;
using Server = PenguinMails.Fleet.Servers.Server;

namespace PenguinMails.Modules.Tests.Fleet.ServerMigrations;

/// <summary>What a migration does to rows and plans before and beside machines; the rest is walked between real machines in Product.Tests.</summary>
public sealed class ServerMigrationTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_asks_twice_and_says_what_moves()
    {
        await using var world = World();
        var (old, next, _) = await Two(world);
        var asked = await Start(world, old, new(next));
        Assert.Equal("server.confirm_migrate", asked.Problem?.Code);
        Assert.Contains("1 domain and 1 mailbox", asked.Problem?.Detail);
        Assert.Contains($"mail.{world.Name}", asked.Problem?.Detail);
        Assert.Equal("server.confirm_migrate", (await Start(world, old, new(next, $"mail2.{world.Name}"))).Problem?.Code);
        Assert.Empty((await ListServerMigrations.Handle(world.Actor, null, null, world.Db, Ct)).Value.Items);
    }

    [Fact]
    public async Task What_cannot_be_moved_is_refused_with_the_reason()
    {
        await using var world = World();
        var (old, next, _) = await Two(world);
        Assert.Equal("server_migration.same_server", (await Start(world, old, new(old, "x"))).Problem?.Code);
        Assert.Equal("server_migration.empty", (await Start(world, next, new(old, $"mail2.{world.Name}"))).Problem?.Code);
        Assert.Equal("server.not_found", (await Start(world, old, new(new ServerId(Guid.CreateVersion7())))).Problem?.Code);
        var reader = world.Actor with { Kind = ActorKind.ApiKey, Permissions = new[] { Permissions.ServersRead }.ToFrozenSet() };
        Assert.Equal("permission.missing", (await StartServerMigration.Handle(reader, old, new(next, $"mail.{world.Name}"), world.Db, world.Clock, Ct)).Problem?.Code);
        await Begin(world, old, next);
        Assert.Equal("server_migration.running", (await Start(world, old, new(next, $"mail.{world.Name}"))).Problem?.Code);
        Assert.Equal("server_migration.running", (await Start(world, next, new(old, $"mail2.{world.Name}"))).Problem?.Code);
    }

    [Fact]
    public async Task Nothing_new_goes_onto_a_server_that_is_left()
    {
        await using var world = World();
        var (old, next, domain) = await Two(world);
        await Begin(world, old, next);
        var made = await CreateMailbox.Handle(world.Actor, domain, new("late", "Late Comer"), world.Db, world.Secrets, "test", world.Clock, Ct);
        Assert.Equal("server.leaving", made.Problem?.Code);
    }

    [Fact]
    public async Task Another_workspace_and_another_account_see_nothing_of_it()
    {
        await using var world = World();
        var (old, next, _) = await Two(world);
        var id = await Begin(world, old, next);
        var elsewhere = Actor.System(world.Tenant, new WorkspaceId(Guid.CreateVersion7()));
        Assert.Equal("server_migration.not_found", (await ListServerMigrations.One(elsewhere, id, world.Db, Ct)).Problem?.Code);
        Assert.Equal("server_migration.not_found", (await ControlServerMigration.Cancel(elsewhere, id, world.Db, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("server_migration.not_found", (await ListServerMigrations.One(Actor.System(database.NewTenant(), world.Workspace), id, world.Db, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task Both_servers_carry_what_moves_until_the_old_one_is_left()
    {
        await using var world = World();
        var (old, next, _) = await Two(world);
        Assert.Equal((1, 0), (await Carried(world, old), await Carried(world, next)));
        var id = await Begin(world, old, next);
        Assert.Equal((1, 1), (await Carried(world, old), await Carried(world, next)));
        await Execute(world, "update fleet.server_migration set switched_at = created_at, left_at = created_at where tenant_id = $1 and id = $2", id);
        await Execute(world, "update fleet.domain set server_id = $2 where tenant_id = $1", next);
        await Execute(world, "update fleet.mailbox set server_id = $2 where tenant_id = $1", next);
        Assert.Equal((0, 1), (await Carried(world, old), await Carried(world, next)));
    }

    [Fact]
    public async Task DNS_lets_both_send_while_they_carry_it_and_then_forgets_the_old_one_and_its_keys()
    {
        await using var world = World();
        var (old, next, domain) = await Two(world);
        var tools = Tools(world);
        await ConnectDnsHost.Handle(world.Actor, domain, new("by_hand", world.Name), world.Db, tools.Dns, world.Clock, Ct);
        var id = await Begin(world, old, next);
        var both = await Plan(world, tools, domain);
        Assert.Equal(["v=spf1 ip4:198.51.100.7 ip4:198.51.100.8 ~all"], Item(both, "spf").After);
        Assert.Equal([$"mail.{world.Name}", $"mail2.{world.Name}"], both.Items.Where(item => item.Purpose == "address").Select(item => item.Name).Order());
        Assert.Equal([$"10 mail.{world.Name}"], Item(both, "mx").After);

        world.Publish(world.Name, DnsType.Txt, "v=spf1 ip4:198.51.100.7 include:spf.provider.test ip4:198.51.100.8 -all");
        world.Publish("spf.provider.test", DnsType.Txt, "v=spf1 ip4:192.0.2.9 -all");
        world.Publish($"mail.{world.Name}", DnsType.A, "198.51.100.7", "203.0.113.5");
        var (key, waiting) = (Item(both, "dkim"), Item(both, "dkim_next"));
        world.Publish(key.Name, DnsType.Txt, key.After[0]);
        world.Publish(waiting.Name, DnsType.Txt, waiting.After[0]);
        await Switch(world, tools, domain, next, id);

        var after = await Plan(world, tools, domain);
        Assert.Equal(["v=spf1 include:spf.provider.test ip4:198.51.100.8 -all"], Item(after, "spf").After);
        Assert.Equal([$"10 mail2.{world.Name}"], Item(after, "mx").After);
        var gone = Item(after, "address_gone");
        Assert.Equal(("change", $"mail.{world.Name}"), (gone.Action, gone.Name));
        Assert.Equal(["203.0.113.5"], gone.After); // Somebody else's record of the same name stays.
        var revoked = Item(after, "dkim_revoked");
        Assert.Equal(("remove", key.Name, 0), (revoked.Action, revoked.Name, revoked.After.Count));
        Assert.Equal((waiting.Name, "leave"), (Item(after, "dkim").Name, Item(after, "dkim").Action));
        Assert.DoesNotContain(Item(after, "dkim_next").Name, new[] { key.Name, waiting.Name });
    }

    [Fact]
    public async Task Before_the_switch_it_is_cancelled_and_after_it_there_is_only_the_way_forward()
    {
        await using var world = World();
        var (old, next, _) = await Two(world);
        var id = await Begin(world, old, next);
        Assert.Equal("undoing", (await ControlServerMigration.Cancel(world.Actor, id, world.Db, world.Clock, Ct)).Value.State);
        Assert.Null(await AdvanceServerMigration.Advance(new(world.Workspace, id), world.Tenant, Tools(world), (_, _) => Task.CompletedTask, Ct));
        Assert.Equal("cancelled", (await ListServerMigrations.One(world.Actor, id, world.Db, Ct)).Value.State);
        Assert.Equal(0, await Carried(world, next));
        Assert.Equal("server_migration.over", (await ControlServerMigration.GoOn(world.Actor, id, world.Db, world.Clock, Ct)).Problem?.Code);

        var again = await Begin(world, old, next);
        await Execute(world, "update fleet.server_migration set switched_at = created_at where tenant_id = $1 and id = $2", again);
        Assert.Equal("server_migration.switched", (await ControlServerMigration.Cancel(world.Actor, again, world.Db, world.Clock, Ct)).Problem?.Code);
        Assert.True((await ControlServerMigration.LeaveMail(world.Actor, again, world.Db, world.Clock, Ct)).Value.IsMailLeft);
    }

    [Fact]
    public async Task A_machine_that_does_not_let_us_in_is_waited_for_on_the_customers_clock()
    {
        await using var world = World();
        var (old, next, _) = await Two(world);
        var id = await Begin(world, old, next);
        Assert.NotNull(await AdvanceServerMigration.Advance(new(world.Workspace, id), world.Tenant, Tools(world), (_, _) => Task.CompletedTask, Ct));
        var step = (await ListServerMigrations.One(world.Actor, id, world.Db, Ct)).Value.Steps[0];
        Assert.Equal(("server", "customer"), (step.Name, step.State));
        Assert.Contains("authorized_keys", step.Note);
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

    /// <summary>A server with a domain and a mailbox, and an empty one. Nothing listens on port 9 of these addresses.</summary>
    async Task<(ServerId Old, ServerId Next, DomainId Domain)> Two(FleetWorld world)
    {
        var reach = Tools(world).Servers;
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
        await AssignServer.Within(tx, domain, found, world.Box, world.Clock.GetUtcNow(), Ct);
    }

    /// <summary>What the steps switch, keys, leave and clean do to the rows.</summary>
    static async Task Switch(FleetWorld world, WalkTools tools, DomainId id, ServerId next, ServerMigrationId migration)
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

    static async Task<int> Carried(FleetWorld world, ServerId id)
    {
        await using var tx = await world.Db.Begin(world.Tenant, Ct);
        var mail = await HostedMail.Read(tx, await Server.Find(tx, world.Workspace, id, Ct) ?? throw new InvalidOperationException("The server is gone."), Ct);
        Assert.Equal(mail.Domains.Count, mail.Mailboxes.Count);
        return mail.Domains.Count;
    }

    static async Task Execute<T>(FleetWorld world, string sql, T id)
    {
        await using var tx = await world.Db.Begin(world.Tenant, Ct);
        Assert.True(await tx.Execute(sql, Ct, world.Tenant, id) > 0);
        await tx.Commit(Ct);
    }

    static Task<Result<ServerMigration>> Start(FleetWorld world, ServerId from, StartServerMigration.Input input) => StartServerMigration.Handle(world.Actor, from, input, world.Db, world.Clock, Ct);

    static async Task<ServerMigrationId> Begin(FleetWorld world, ServerId old, ServerId next)
    {
        var started = await Start(world, old, new(next, $"mail.{world.Name}"));
        Assert.Null(started.Problem);
        Assert.Equal(ServerMigration.StepNames, started.Value.Steps.Select(step => step.Name));
        return started.Value.Id;
    }

    static async Task<DnsPlan> Plan(FleetWorld world, WalkTools tools, DomainId domain) => (await PlanDns.Handle(world.Actor, domain, world.Db, tools.Dns, world.Clock, Ct)).Value;

    static PlanItem Item(DnsPlan plan, string purpose) => plan.Items.Single(item => item.Purpose == purpose);
}
