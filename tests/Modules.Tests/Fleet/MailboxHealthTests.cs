using PenguinMails.Core;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Modules.Tests.Fleet.Hosted;

namespace PenguinMails.Modules.Tests.Fleet;

/// <summary>Each cause alone, from the last to be mended to the first, each with what to do.</summary>
public sealed class MailboxHealthTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static async Task<MailboxHealth> Health(FleetWorld world, MailboxId id, TimeProvider? clock = null) => (await ReadMailboxHealth.One(world.Actor, id, world.Db, clock ?? world.Clock, Ct)).Value;

    [Fact]
    public async Task From_unverified_over_untested_to_good_and_overdue_after_180_days()
    {
        await using var world = FleetWorld.Create(database);
        var id = await world.Connect();
        Assert.Equal(MailboxHealthWord.Unverified, (await Health(world, id)).Word);
        await PauseMailbox.Handle(world.Actor, id, world.Db, world.Clock, Ct);
        await RemoveMailbox.Handle(world.Actor, id, world.Db, world.Secrets, "test", world.Clock, Ct);
        var domain = await world.AddDomain();
        world.PublishAll(domain);
        Assert.Equal(DomainState.Verified, (await world.Check(domain.Domain.Id)).Domain.State);
        id = await world.Connect();
        Assert.Equal(MailboxHealthWord.Untested, (await Health(world, id)).Word);
        await world.Test(id);
        Assert.Equal((MailboxHealthWord.Good, ""), (await Health(world, id) is var good ? (good.Word, good.Fix) : default));

        var later = new TestClock();
        later.Advance(TimeSpan.FromDays(179));
        Assert.Equal(MailboxHealthWord.Good, (await Health(world, id, later)).Word);
        later.Advance(TimeSpan.FromDays(2));
        var overdue = await Health(world, id, later);
        Assert.Equal(MailboxHealthWord.Overdue, overdue.Word);
        Assert.Contains("at the provider", overdue.Fix);
        await PauseMailbox.Handle(world.Actor, id, world.Db, world.Clock, Ct);
        Assert.Equal(MailboxHealthWord.Paused, (await Health(world, id, later)).Word);
    }

    [Fact]
    public async Task A_failed_test_says_at_which_step_and_what_to_do()
    {
        await using var world = FleetWorld.Create(database);
        var id = await world.Connect(world.Mailbox() with { Smtp = world.Mailbox().Smtp with { Port = 9 } });
        Assert.False((await world.Test(id)).Value.Ok);
        var health = await Health(world, id);
        Assert.Equal((MailboxHealthWord.Failing, "The last test failed at connect over SMTP."), (health.Word, health.Why));
        Assert.Contains("firewall", health.Fix);
    }

    [Theory]
    [InlineData("unreachable", "", MailboxHealthWord.Unreachable)]
    [InlineData("failed", "", MailboxHealthWord.Unreachable)]
    [InlineData("ready", "No space left on the device", MailboxHealthWord.Behind)]
    [InlineData("ready", "", MailboxHealthWord.Unverified)]
    public async Task A_server_of_ours_counts(string state, string stackProblem, MailboxHealthWord word)
    {
        await using var world = await HostedWorld.Create(database);
        var id = (await world.Mailbox("sam")).Value.Id;
        await world.Do($"update fleet.server set state = '{state}', host_key = 'ssh-ed25519 AAAA', stack_problem = '{stackProblem}' where tenant_id = $1");
        var health = await Health(world.Fleet, id);
        Assert.Equal(word, health.Word);
        Assert.Contains(stackProblem, health.Why);
        Assert.NotEmpty(health.Fix);
    }

    [Fact]
    public async Task The_list_has_one_for_each_mailbox_in_the_same_order_and_strangers_get_none()
    {
        await using var world = FleetWorld.Create(database);
        foreach (var local in new[] { "a", "b", "c" }) await world.Connect(world.Mailbox(local));
        var mailboxes = (await ListMailboxes.Handle(world.Actor, new(null, 2), world.Db, Ct)).Value;
        var health = (await ReadMailboxHealth.Handle(world.Actor, new(null, 2), world.Db, world.Clock, Ct)).Value;
        Assert.Equal(mailboxes.Items.Select(one => one.Id), health.Items.Select(one => one.Id));
        Assert.Equal(mailboxes.NextCursor, health.NextCursor);
        Assert.Empty((await ReadMailboxHealth.Handle(Actor.System(world.Tenant, new WorkspaceId(Guid.CreateVersion7())), new(), world.Db, world.Clock, Ct)).Value.Items);
        Assert.Equal("mailbox.not_found", (await ReadMailboxHealth.One(Actor.System(database.NewTenant(), world.Workspace), mailboxes.Items[0].Id, world.Db, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("permission.missing", (await ReadMailboxHealth.One(world.Actor with { Kind = ActorKind.Person }, mailboxes.Items[0].Id, world.Db, world.Clock, Ct)).Problem?.Code);
    }
}
