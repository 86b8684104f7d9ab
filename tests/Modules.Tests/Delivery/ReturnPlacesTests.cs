using PenguinMails.Delivery.Limits;
using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Transport;

namespace PenguinMails.Modules.Tests.Delivery;

/// <summary>Places in limits of what a killed process had let through.</summary>
public sealed class ReturnPlacesTests(TestDatabase database) : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("penguin-places-").FullName;

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_was_never_begun_takes_no_place_in_a_limit_and_what_was_begun_does()
    {
        await using var world = await SendingWorld.Create(database);
        world.Journals = _folder;
        await world.Enqueue("anna@firm.example", "bert@firm.example", "carl@firm.example");
        await SetLimit.Handle(world.Actor, new("account", "*", 3600, 3), database.Db, world.Clock, Ct);
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        var (messages, journal) = await Passed(world);
        Assert.True(journal.TryBegin(messages[1].Id.Value));
        journal.Dispose();
        await world.Enqueue("dora@firm.example");
        world.Clock.Advance(TimeSpan.FromSeconds(61));
        await world.Dispatch();
        var now = (await world.Messages()).CountBy(message => message.State).ToDictionary();
        Assert.Equal((1, 2, 1), (now[MessageState.InDoubt], now[MessageState.Sent], now[MessageState.Queued])); // Three in an hour, one of them perhaps.
        Assert.Equal(3, await Used(world));
    }

    [Fact]
    public async Task A_limit_that_was_set_after_they_passed_gives_nothing_back()
    {
        await using var world = await SendingWorld.Create(database);
        world.Journals = _folder;
        await world.Enqueue("anna@firm.example", "bert@firm.example", "carl@firm.example");
        var (_, journal) = await Passed(world);
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        await SetLimit.Handle(world.Actor, new("account", "*", 3600, 2), database.Db, world.Clock, Ct);
        await world.InTenant(tx => tx.Execute("select * from delivery.take_limits($1, $2, array[$3]::uuid[], array[1], array['account'], array['*'], array[3600], array[2])", Ct, world.Tenant, world.Clock.GetUtcNow(), Guid.CreateVersion7())); // What another mailbox sent in the same minute.
        journal.Dispose();
        world.Clock.Advance(TimeSpan.FromSeconds(61));
        await world.Dispatch();
        Assert.Equal((1, 2L), (world.Received.Count, await Used(world)));
    }

    /// <summary>A run of the lane that let three messages through.</summary>
    async Task<(List<Claimed> Messages, LaneJournal Journal)> Passed(SendingWorld world)
    {
        var lane = (await world.Claim())!;
        var journal = LaneJournal.Open(_folder, world.Mailbox, lane.Token)!;
        var messages = await world.Next(lane, 3);
        Assert.Equal(3, (await (await world.Ledger(lane)).Write(messages, [], [])).Count);
        return (messages, journal);
    }

    async Task<long> Used(SendingWorld world)
    {
        var used = 0L;
        await world.InTenant(async tx => used = await tx.One("select coalesce(sum(used), 0)::bigint from delivery.limit_use where tenant_id = $1", row => row.GetInt64(0), Ct, world.Tenant));
        return used;
    }
}
