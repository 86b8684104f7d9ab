using PenguinMails.Core;
using PenguinMails.Delivery.Conversations;
using PenguinMails.Delivery.Decisions;
using PenguinMails.Delivery.Transport;

namespace PenguinMails.Modules.Tests.Delivery.Conversations;

/// <summary>Platform, account and mailbox each say yes, and each can stop it.</summary>
[Collection("pool")]
public sealed class PoolConsentTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    const string CountMessages = "select count(*) from delivery.message where tenant_id = $1";

    static async Task Days(PoolWorld world, int days)
    {
        for (var hour = 0; hour < days * 8; hour++) await world.Step(TimeSpan.FromHours(3));
    }

    [Fact]
    public async Task Without_any_of_the_three_consents_nothing_happens()
    {
        await using var world = await PoolWorld.Create(database);
        var (on, side) = (world.Pool, world.Anna);
        world.Pool = new PoolOptions();
        Assert.False(world.Pool.IsOn);
        Assert.Equal("pool.off", (await JoinPool.Handle(side.Actor, new(true), world.Options, database.Db, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("pool.off", (await SwitchPoolMailbox.Handle(side.Actor, side.Mailbox, new(), world.Options, database.Db, world.Clock, Ct)).Problem?.Code);

        world.Pool = on;
        Assert.Equal("pool.not_joined", (await SwitchPoolMailbox.Handle(side.Actor, side.Mailbox, new(), world.Options, database.Db, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("pool.terms_missing", (await JoinPool.Handle(side.Actor, new(false), world.Options, database.Db, world.Clock, Ct)).Problem?.Code);
        foreach (var one in world.Sides) Assert.Null((await JoinPool.Handle(one.Actor, new(true), world.Options, database.Db, world.Clock, Ct)).Problem);
        await Days(world, 1); // Accounts agreed, no mailbox is on.
        Assert.Equal(0, await world.Count(CountMessages));

        await world.JoinAll();
        world.Pool = new PoolOptions();
        await Days(world, 2); // Everybody agreed but the platform.
        Assert.Equal(0, await world.Count(CountMessages));
        Assert.Empty(world.Delivered);
    }

    [Fact]
    public async Task Switched_off_by_the_platform_what_waits_is_dropped_and_what_came_is_left_alone()
    {
        await using var world = await PoolWorld.Create(database);
        await world.JoinAll();
        await Written(world);
        world.Pool = world.Pool with { IsOn = false };
        foreach (var side in world.Sides) await world.Dispatch(side);
        Assert.Empty(world.Delivered);
        Assert.Equal(0, await world.Count("select count(*) from delivery.queue where tenant_id = $1"));
    }

    [Fact]
    public async Task A_stop_of_one_mailbox_holds_within_a_second_also_for_what_passed_the_queue()
    {
        await using var world = await PoolWorld.Create(database);
        await world.JoinAll();
        var (side, _) = await Written(world);
        var lane = await world.Lane(side);
        Assert.NotNull(lane);
        LaneFacts facts;
        await using (var tx = await database.Db.Begin(side.Tenant, Ct)) facts = (await LaneFacts.Read(tx, side.Mailbox.Value, isServing: true, world.Clock.GetUtcNow(), Ct))!;
        var (claimed, _) = await ClaimMessages.Next(lane, facts, QueuePlace.Start, 10, 0, database.Db, world.Clock.GetUtcNow(), Ct);
        Assert.NotEmpty(claimed);

        var began = TimeProvider.System.GetTimestamp();
        Assert.Null((await SwitchPoolMailbox.Stop(side.Actor, side.Mailbox, new("Its owner is on leave."), database.Db, world.Clock, Ct)).Problem);
        Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(1));
        Assert.Empty(await new LaneLedger(lane, database.Db, world.Clock, facts).Write(claimed, [], []));
        var line = (await ReadPool.Handle(Actor.System(side.Tenant), world.Options, database.Db, world.Clock, Ct)).Value.Mailboxes.Single(one => one.Id == side.Mailbox);
        Assert.Equal((false, "Its owner is on leave."), (line.IsOn, line.Reason));
        world.Clock.Advance(TimeSpan.FromMinutes(2)); // The lease of the lane that was taken ends.
        await Days(world, 2);
        Assert.DoesNotContain(world.Delivered, raw => raw.Contains(side.Address, StringComparison.Ordinal)); // Neither from it nor to it.
        await using var log = await database.Db.Begin(side.Tenant, Ct);
        Assert.Equal(1, await log.One("select count(*) from core.audit_entry where tenant_id = $1 and action = 'pool.mailbox_stopped'", row => row.GetInt64(0), Ct, side.Tenant));
    }

    [Fact]
    public async Task What_others_have_for_a_mailbox_that_stops_is_dropped_in_their_queues()
    {
        await using var world = await PoolWorld.Create(database);
        await world.JoinAll();
        var (writer, reader) = await Written(world);
        Assert.Null((await SwitchPoolMailbox.Stop(reader.Actor, reader.Mailbox, new(), database.Db, world.Clock, Ct)).Problem);
        Assert.Equal(0, await world.Count(writer.Tenant, $"select count(*) from delivery.message where tenant_id = $1 and address = '{reader.Address}' and state = 'queued'"));
        Assert.True(await world.Count(writer.Tenant, "select count(*) from delivery.message where tenant_id = $1 and state = 'dropped' and reason = 'conversation_over'") > 0);
    }

    [Fact]
    public async Task Leaving_ends_it_for_all_mailboxes_of_the_account()
    {
        await using var world = await PoolWorld.Create(database);
        await world.JoinAll();
        await Written(world);
        Assert.Null((await JoinPool.Leave(world.Anna.Actor, database.Db, world.Clock, Ct)).Problem);
        await Days(world, 2);
        Assert.Empty(world.Delivered);
        var seen = (await ReadPool.Handle(Actor.System(world.Anna.Tenant), world.Options, database.Db, world.Clock, Ct)).Value;
        Assert.Null(seen.JoinedAt);
        Assert.All(seen.Mailboxes, line => Assert.False(line.IsOn));
    }

    [Fact]
    public async Task Mail_that_comes_after_a_stop_stays_where_it_fell_and_a_persons_own_answer_is_nobodys_business()
    {
        await using var world = await PoolWorld.Create(database);
        await world.JoinAll();
        while (world.Delivered.IsEmpty) await world.Step(TimeSpan.FromMinutes(20));
        var first = world.Delivered.First();
        var writer = world.Sides.First(side => first.Contains($"From: \"{char.ToUpperInvariant(side.User[0])}", StringComparison.Ordinal) || first.Contains($"<{side.Address}>", StringComparison.Ordinal) && first.Contains("From:", StringComparison.Ordinal) && first.Split("\nTo:")[0].Contains(side.Address, StringComparison.Ordinal));
        await world.Put(writer.User, "INBOX", $"From: Owner <owner@other.example>\nTo: {writer.Address}\nSubject: Re: Hello\nIn-Reply-To: <{PoolWorld.IdOf(first)}>\nMessage-ID: <own@other.example>\n\nWho are you?\n", Ct);
        await world.Look(writer);
        Assert.Equal(["own@other.example"], (await world.Folder(writer.User, "INBOX")).Select(mail => mail.Id));
        Assert.Equal(0, await world.Count("select count(*) from delivery.inbound where tenant_id = $1"));

        // The same message again, after a stop: not opened, not moved, not kept.
        var reader = world.Sides.First(side => side.Tenant != writer.Tenant && first.Contains(side.Address, StringComparison.Ordinal));
        await SwitchPoolMailbox.Stop(reader.Actor, reader.Mailbox, new(), database.Db, world.Clock, Ct);
        await world.Put(reader.User, "Junk", first, Ct);
        await world.Look(reader);
        Assert.Equal(PoolWorld.IdOf(first), Assert.Single(await world.Folder(reader.User, "Junk")).Id);
        Assert.Equal(0, await world.Count("select count(*) from delivery.inbound where tenant_id = $1"));
    }

    /// <summary>Until somebody has something in the queue.</summary>
    /// <returns>Who writes, and to whom.</returns>
    static async Task<(Side Writer, Side Reader)> Written(PoolWorld world)
    {
        for (var tries = 0; ; tries++)
        {
            Assert.True(tries < 100);
            world.Clock.Advance(TimeSpan.FromMinutes(10));
            await world.Converse();
            foreach (var side in world.Sides)
            {
                var addresses = new List<string>();
                await world.InTenant(side.Tenant, async tx => addresses = await tx.List("select address from delivery.message where tenant_id = $1 and mailbox_id = $2 and state = 'queued' order by due_at limit 10", row => row.GetString(0), Ct, tx.Tenant, side.Mailbox));
                if (addresses.Count > 0) return (side, world.Sides.Single(one => one.Address == addresses[0]));
            }
        }
    }
}
