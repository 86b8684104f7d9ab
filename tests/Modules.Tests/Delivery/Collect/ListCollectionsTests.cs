using PenguinMails.Core;
using PenguinMails.Delivery.Collect;

namespace PenguinMails.Modules.Tests.Delivery.Collect;

/// <summary>How the looking into mailboxes goes, as people see it: a real Dovecot behind a proxy that breaks.</summary>
public sealed class ListCollectionsTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    async Task<ListCollections.Line> Line(CollectWorld world) => Assert.Single((await ListCollections.Handle(world.Sending.Actor, database.Db, TimeProvider.System, Ct)).Value.Items);

    [Fact]
    public async Task A_mailbox_shows_what_was_read_and_how_late_it_is()
    {
        await using var world = await CollectWorld.Create(database);
        await using var mailbox = await world.Open();
        await world.Find(TimeProvider.System.GetUtcNow());
        var before = await Line(world);
        Assert.Equal(("due", null, null, 0), (before.State, before.LookedAt, before.LagSeconds, before.Folders.Count));
        await world.Put(mailbox, "INBOX", world.Reply("one"));
        await world.Put(mailbox, "INBOX", CollectWorld.Personal("two"));
        await world.Look();
        var after = await Line(world);
        Assert.Equal(("due", "", 2L, 1L), (after.State, after.Trouble, after.Folders.Sum(folder => folder.LookedAt), after.Folders.Sum(folder => folder.Kept)));
        Assert.NotNull(after.LagSeconds);
        Assert.NotNull(await world.Claim());
        Assert.Equal(("waiting", 0L, null), await Line(world) is var held ? (held.State, held.LagSeconds, held.NextAt) : default);
    }

    [Fact]
    public async Task A_server_that_is_gone_is_trouble_and_reading_now_does_not_wait_for_the_next_try()
    {
        await using var world = await CollectWorld.Create(database);
        await world.Find(TimeProvider.System.GetUtcNow());
        await world.Sending.InTenant(tx => tx.Execute("update fleet.mailbox set imap_port = 1 where tenant_id = $1", Ct, world.Sending.Tenant));
        var began = TimeProvider.System.GetUtcNow();
        await world.Look();
        var line = await Line(world);
        Assert.Equal(("trouble", 1), (line.State, line.Failures));
        Assert.StartsWith("collect.", line.Trouble, StringComparison.Ordinal);
        Assert.True(line.NextAt >= began.AddSeconds(24)); // Half a minute less the jitter.
        Assert.Equal(new ListCollections.Asked(false), (await ListCollections.Now(world.Sending.Actor, world.Sending.Mailbox, database.Db, TimeProvider.System, Ct)).Value);
        Assert.True((await Line(world)).NextAt < line.NextAt);
        Assert.Equal(1, (await Line(world)).Failures);
    }

    [Fact]
    public async Task What_is_stopped_is_not_read_and_strangers_find_nothing()
    {
        await using var world = await CollectWorld.Create(database);
        await world.Find(TimeProvider.System.GetUtcNow());
        Assert.True((await PauseCollection.Handle(world.Sending.Actor, world.Sending.Mailbox, true, database.Db, TimeProvider.System, Ct)).IsOk);
        Assert.Equal(("paused", null), await Line(world) is var line ? (line.State, line.NextAt) : default);
        Assert.Equal("collection.paused", (await ListCollections.Now(world.Sending.Actor, world.Sending.Mailbox, database.Db, TimeProvider.System, Ct)).Problem?.Code);
        var elsewhere = world.Sending.Actor with { Workspace = new(Guid.CreateVersion7()) };
        Assert.Empty((await ListCollections.Handle(elsewhere, database.Db, TimeProvider.System, Ct)).Value.Items);
        Assert.Equal("mailbox.not_found", (await ListCollections.Now(elsewhere, world.Sending.Mailbox, database.Db, TimeProvider.System, Ct)).Problem?.Code);
        Assert.Empty((await ListCollections.Handle(Actor.System(database.NewTenant()), database.Db, TimeProvider.System, Ct)).Value.Items);
        Assert.Equal("permission.missing", (await ListCollections.Handle(world.Sending.Actor with { Kind = ActorKind.Person }, database.Db, TimeProvider.System, Ct)).Problem?.Code);
    }
}
