using System.Collections.Frozen;
using PenguinMails.Core;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.ServerMigrations;
using PenguinMails.Fleet.Servers;
using static PenguinMails.Modules.Tests.Fleet.ServerMigrations.MigrationWorld;

namespace PenguinMails.Modules.Tests.Fleet.ServerMigrations;

/// <summary>What a migration does to rows and plans before and beside machines; the rest is walked between real machines in Product.Tests.</summary>
public sealed class ServerMigrationTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_asks_twice_and_says_what_moves()
    {
        await using var world = World(database);
        var (old, next, _) = await Two(database, world);
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
        await using var world = World(database);
        var (old, next, _) = await Two(database, world);
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
        await using var world = World(database);
        var (old, next, domain) = await Two(database, world);
        await Begin(world, old, next);
        var made = await CreateMailbox.Handle(world.Actor, domain, new("late", "Late Comer"), world.Db, world.Secrets, "test", world.Clock, Ct);
        Assert.Equal("server.leaving", made.Problem?.Code);
    }

    [Fact]
    public async Task Another_workspace_and_another_account_see_nothing_of_it()
    {
        await using var world = World(database);
        var (old, next, _) = await Two(database, world);
        var id = await Begin(world, old, next);
        var elsewhere = Actor.System(world.Tenant, new WorkspaceId(Guid.CreateVersion7()));
        Assert.Equal("server_migration.not_found", (await ListServerMigrations.One(elsewhere, id, world.Db, Ct)).Problem?.Code);
        Assert.Equal("server_migration.not_found", (await ControlServerMigration.Cancel(elsewhere, id, world.Db, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("server_migration.not_found", (await ListServerMigrations.One(Actor.System(database.NewTenant(), world.Workspace), id, world.Db, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task Both_servers_carry_what_moves_until_the_old_one_is_left()
    {
        await using var world = World(database);
        var (old, next, _) = await Two(database, world);
        Assert.Equal((1, 0), (await Carried(world, old), await Carried(world, next)));
        var id = await Begin(world, old, next);
        Assert.Equal((1, 1), (await Carried(world, old), await Carried(world, next)));
        await Execute(world, "update fleet.server_migration set switched_at = created_at, left_at = created_at where tenant_id = $1 and id = $2", id);
        await Execute(world, "update fleet.domain set server_id = $2 where tenant_id = $1", next);
        await Execute(world, "update fleet.mailbox set server_id = $2 where tenant_id = $1", next);
        Assert.Equal((0, 1), (await Carried(world, old), await Carried(world, next)));
    }

    [Fact]
    public async Task Before_the_switch_it_is_cancelled_and_after_it_there_is_only_the_way_forward()
    {
        await using var world = World(database);
        var (old, next, _) = await Two(database, world);
        var id = await Begin(world, old, next);
        Assert.Equal("undoing", (await ControlServerMigration.Cancel(world.Actor, id, world.Db, world.Clock, Ct)).Value.State);
        Assert.Null(await AdvanceServerMigration.Advance(new(world.Workspace, id), world.Tenant, Tools(database, world), (_, _) => Task.CompletedTask, Ct));
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
        await using var world = World(database);
        var (old, next, _) = await Two(database, world);
        var id = await Begin(world, old, next);
        Assert.NotNull(await AdvanceServerMigration.Advance(new(world.Workspace, id), world.Tenant, Tools(database, world), (_, _) => Task.CompletedTask, Ct));
        var step = (await ListServerMigrations.One(world.Actor, id, world.Db, Ct)).Value.Steps[0];
        Assert.Equal(("server", "customer"), (step.Name, step.State));
        Assert.Contains("authorized_keys", step.Note);
    }
}
