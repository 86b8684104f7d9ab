using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Queue;

namespace PenguinMails.Modules.Tests.Delivery.Queue;

/// <summary>What waits says for what, also where not the message but its whole mailbox waits.</summary>
public sealed class ReadQueueTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mailbox_whose_day_is_full_says_so_and_when_it_has_room_again()
    {
        await using var world = await SendingWorld.Create(database, cap: 1);
        await world.Enqueue("anna@firm.example", "bert@firm.example");
        await world.Dispatch();
        Assert.Single(world.Received);
        var sent = (await world.Messages()).Single(message => message.State == MessageState.Sent);
        Assert.Equal(new("daily_cap", 1, sent.AttemptedAt?.AddDays(1)), await Group(world));
        world.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal("", (await Group(world)).Code);
    }

    [Fact]
    public async Task A_gap_between_two_messages_is_a_turn_that_comes_when_it_is_over()
    {
        await using var world = await SendingWorld.Create(database, gap: 60);
        await world.Enqueue("anna@firm.example", "bert@firm.example");
        await world.Dispatch();
        var group = await Group(world);
        Assert.Equal("", group.Code);
        Assert.True(group.NextAt > world.Clock.GetUtcNow());
    }

    async Task<ReadQueue.Group> Group(SendingWorld world) => Assert.Single((await ReadQueue.Handle(world.Actor, database.Db, world.Clock, Ct)).Value.Held);
}
