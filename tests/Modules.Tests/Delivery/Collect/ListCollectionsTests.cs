using PenguinMails.Core;
using PenguinMails.Delivery.Collect;

namespace PenguinMails.Modules.Tests.Delivery.Collect;

/// <summary>How the looking into mailboxes goes, as people see it: a real Dovecot behind a proxy that breaks.</summary>
public sealed class ListCollectionsTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    async Task<ListCollections.Line> Line(CollectWorld world) => Assert.Single((await ListCollections.Handle(world.Sending.Actor, null, null, database.Db, TimeProvider.System, Ct)).Value.Items);

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
        Assert.Empty((await ListCollections.Handle(elsewhere, null, null, database.Db, TimeProvider.System, Ct)).Value.Items);
        Assert.Equal("mailbox.not_found", (await ListCollections.Now(elsewhere, world.Sending.Mailbox, database.Db, TimeProvider.System, Ct)).Problem?.Code);
        Assert.Empty((await ListCollections.Handle(Actor.System(database.NewTenant()), null, null, database.Db, TimeProvider.System, Ct)).Value.Items);
        Assert.Equal("permission.missing", (await ListCollections.Handle(world.Sending.Actor with { Kind = ActorKind.Person }, null, null, database.Db, TimeProvider.System, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task A_workspace_of_a_large_account_sees_all_of_its_mailboxes_page_by_page_those_in_trouble_first()
    {
        const int ours = 230, theirs = 1200;
        var tenant = database.NewTenant();
        var (us, them) = (Actor.System(tenant, new(Guid.CreateVersion7())), Actor.System(tenant, new(Guid.CreateVersion7())));
        await Connect(them, theirs); // They come first, by id and by trouble.
        await Connect(us, ours);
        await FindCollections.Tenant(tenant, database.Db, TimeProvider.System.GetUtcNow(), Ct);
        await using (var tx = await database.Db.BeginUnscoped(Ct))
        {
            await tx.Execute("update delivery.collection set trouble = 'collect.unreachable' where tenant_id = $1 and workspace_id = $2", Ct, tenant, them.Workspace);
            await tx.Execute("""
                update delivery.collection set is_paused = n = 1, trouble = 'collect.unreachable'
                from (select mailbox_id as id, row_number() over (order by mailbox_id desc) as n from delivery.collection where tenant_id = $1 and workspace_id = $2) last
                where mailbox_id = id and n <= 61
                """, Ct, tenant, us.Workspace);
            await tx.Commit(Ct);
        }

        var all = new List<ListCollections.Line>();
        for (string? cursor = null; all.Count <= ours;)
        {
            var page = (await ListCollections.Handle(us, cursor, null, database.Db, TimeProvider.System, Ct)).Value;
            Assert.InRange(page.Items.Count, 1, Cursor.LimitDefault);
            all.AddRange(page.Items);
            if ((cursor = page.NextCursor) is null) break;
        }

        Assert.Equal(ours, all.Select(line => line.Id).Distinct().Count());
        Assert.Equal((ours, 60, 1), (all.Count, all.TakeWhile(line => line.State == "trouble").Count(), all.Skip(60).TakeWhile(line => line.State == "paused").Count()));
        Assert.Equal(new ListCollections.Tally(ours, 60, 1), (await ListCollections.Count(us, database.Db, Ct)).Value);
        Assert.Equal(new ListCollections.Tally(ours + theirs, 60 + theirs, 1), (await ListCollections.Count(us with { Workspace = null }, database.Db, Ct)).Value);
        Assert.Equal("cursor.invalid", (await ListCollections.Handle(us, Cursor.Encode("3 x"), null, database.Db, TimeProvider.System, Ct)).Problem?.Code);
    }

    async Task Connect(Actor actor, int count)
    {
        await using var tx = await database.Db.Begin(actor.Tenant, Ct);
        await tx.Execute("""
            insert into fleet.mailbox (tenant_id, id, workspace_id, address, display_name, smtp_host, smtp_port, smtp_security, smtp_user, imap_host, imap_port, imap_security, daily_cap, gap_seconds, created_at)
            select $1, id, $2, id || '@large.example', 'Sam', 'mail.large.example', 587, 'starttls', 'sam', 'mail.large.example', 993, 'tls', 30, 120, now()
            from unnest($3::uuid[]) as m (id)
            """, Ct, actor.Tenant, actor.Workspace, Enumerable.Range(0, count).Select(_ => Guid.CreateVersion7()).ToArray());
        await tx.Commit(Ct);
    }
}
