using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Queue;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Modules.Tests.Delivery;

/// <summary>Who of a pool sends what, and what becomes of a sick one's messages.</summary>
public sealed class SenderPoolTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;
    static Guid Id(int n) => new(n, 0, 0, new byte[8]);

    [Theory]
    [InlineData(new[] { 50, 50 })]
    [InlineData(new[] { 5, 30, 50 })]
    [InlineData(new[] { 1, 100_000 })]
    [InlineData(new[] { 0, 7, 0, 13 })]
    public void Each_gets_its_share_of_the_capacity_evenly_spread(int[] capacities)
    {
        var turns = SenderPool.Turns([.. capacities.Select((capacity, i) => new PoolSender(Id(i), capacity, capacity > 0 ? "" : "paused"))]);
        Assert.InRange(turns.Length, 1, 1_001);
        var total = capacities.Sum();
        for (var i = 0; i < capacities.Length; i++)
        {
            var share = capacities[i] * (double)turns.Length / total;
            Assert.True(Math.Abs(turns.Count(turn => turn == Id(i)) - share) <= 1, $"{turns.Count(turn => turn == Id(i))} of {share}");
            // No stretch of the turns is far from the share: an even spread, not one block after the other.
            for (var length = 1; length < turns.Length; length += 1 + (turns.Length / 50))
                Assert.True(Math.Abs(turns[..length].Count(turn => turn == Id(i)) - (capacities[i] * (double)length / total)) <= 2);
        }
    }

    [Fact]
    public void When_nobody_can_all_count_alike() =>
        Assert.Equal([Id(0), Id(1)], SenderPool.Turns([new(Id(0), 0, "paused"), new(Id(1), 0, "paused")]));

    [Fact]
    public async Task What_a_sick_mailbox_has_not_begun_goes_to_the_others_and_the_rest_stays()
    {
        var seen = 0;
        await using var world = await SendingWorld.Create(database, _ => ++seen == 1 ? new(451, "4.2.0", "Later") : new(250, "2.0.0", "Ok"), cap: 3);
        var other = await world.AnotherMailbox();
        await world.Enqueue([.. Enumerable.Range(0, 10).Select(i => $"r{i}@firm.example")]);
        await world.Dispatch(); // Three were tried, one of them was deferred.
        await PauseMailbox.Handle(world.Actor, world.Mailbox, database.Db, world.Clock, Ct);
        var moved = 0;
        await world.InTenant(async tx =>
        {
            var pool = await SenderPool.Look(tx, [world.Mailbox.Value, other.Value], Ct);
            Assert.Equal(("paused", 0, ""), (pool[0].Sickness, pool[0].Capacity, pool[1].Sickness));
            moved = await SenderPool.MoveUnsent(tx, world.Campaign, world.Mailbox.Value, SenderPool.Turns(pool), world.Clock.GetUtcNow(), Ct);
        });
        Assert.Equal(7, moved);
        var messages = await world.Messages();
        Assert.Equal(7, messages.Count(m => m.MailboxId == other && m.State == MessageState.Queued));
        Assert.Equal((2, 1), (messages.Count(m => m.State == MessageState.Sent && m.MailboxId == world.Mailbox), messages.Count(m => m.State == MessageState.Deferred && m.MailboxId == world.Mailbox)));
        await world.Dispatch(mailbox: other);
        Assert.Equal(9, (await world.Messages()).Count(m => m.State == MessageState.Sent));
        Assert.Equal(9, world.Received.Select(delivery => delivery.Recipients[0].Text).Distinct().Count());
    }
}
