using PenguinMails.Compliance.Suppressions;
using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Queue;
using PenguinMails.Delivery.Transport;

namespace PenguinMails.Modules.Tests.Delivery;

/// <summary>The last gate before DATA, the lease behind it, and what a dead worker leaves.</summary>
public sealed class GateTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_suppression_that_lands_after_the_claim_still_stops_the_message()
    {
        await using var racing = await SendingWorld.Create(database);
        await racing.Enqueue("a@firm.example", "b@firm.example");
        var lane = (await racing.Claim())!;
        var (claimed, _) = await ClaimMessages.Next(lane, 10, database.Db, racing.Clock.GetUtcNow(), Ct);
        var gate = new DataGate(lane, database.Db, racing.Clock, Ct);
        Assert.True(await gate.Enter(claimed[0]));
        await AddSuppression.Handle(racing.Actor, new AddSuppression.Input(claimed[1].Address), database.Db, racing.Clock, Ct);
        Assert.False(await gate.Enter(claimed[1]));
    }

    [Fact]
    public async Task The_gate_is_shut_for_a_paused_campaign_a_lost_lease_and_a_second_time()
    {
        await using var world = await SendingWorld.Create(database);
        await world.Enqueue("a@firm.example", "b@firm.example", "c@firm.example");
        var lane = (await world.Claim())!;
        var (claimed, _) = await ClaimMessages.Next(lane, 10, database.Db, world.Clock.GetUtcNow(), Ct);
        var gate = new DataGate(lane, database.Db, world.Clock, Ct);
        Assert.True(await gate.Enter(claimed[0]));
        Assert.False(await gate.Enter(claimed[0]));
        await world.InTenant(tx => ControlCampaign.Pause(tx, world.Campaign, world.Clock.GetUtcNow(), Ct));
        Assert.False(await gate.Enter(claimed[1]));
        await world.InTenant(tx => ControlCampaign.Resume(tx, world.Campaign, world.Clock.GetUtcNow(), Ct));
        Assert.True(await gate.Enter(claimed[1]));
        world.Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.False(await gate.Enter(claimed[2]));
    }

    [Fact]
    public async Task What_a_dead_worker_left_behind_the_gate_is_in_doubt_and_never_sent_again()
    {
        await using var world = await SendingWorld.Create(database);
        await world.Enqueue("a@firm.example", "b@firm.example");
        var lane = (await world.Claim())!;
        var (claimed, _) = await ClaimMessages.Next(lane, 10, database.Db, world.Clock.GetUtcNow(), Ct);
        Assert.True(await new DataGate(lane, database.Db, world.Clock, Ct).Enter(claimed[0])); // And then the worker dies.
        world.Clock.Advance(TimeSpan.FromSeconds(61));
        await world.Dispatch();
        await world.Dispatch();
        var messages = (await world.Messages()).ToDictionary(m => m.Address);
        Assert.Equal(MessageState.InDoubt, messages[claimed[0].Address].State);
        Assert.Equal(MessageState.Sent, messages[claimed[1].Address].State);
        Assert.Equal(claimed[1].Address, Assert.Single(world.Received).Recipients[0].Text);
    }

    [Fact]
    public async Task Two_workers_never_hold_the_same_lane()
    {
        await using var world = await SendingWorld.Create(database);
        await world.Enqueue("a@firm.example");
        var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Lanes.Claim(database.Db, 500, TimeSpan.FromSeconds(60), world.Clock.GetUtcNow().AddYears(-1), Ct)));
        Assert.All(claims, lanes => Assert.DoesNotContain(lanes, l => l.Mailbox == world.Mailbox)); // A year ago nothing was due.
        var held = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => world.Claim()));
        Assert.Single(held, lane => lane is not null);
    }
}
