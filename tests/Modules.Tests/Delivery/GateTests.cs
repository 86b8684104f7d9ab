using Npgsql;
using PenguinMails.Compliance.Suppressions;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Queue;
using PenguinMails.Delivery.Transport;
using PenguinMails.Mail.Smtp;

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
        var (claimed, _) = await ClaimMessages.Next(lane, await racing.Facts(), QueuePlace.Start, 10, 0, database.Db, racing.Clock.GetUtcNow(), Ct);
        var gate = await racing.Ledger(lane);
        Assert.True(await gate.Passes(claimed[0]));
        await AddSuppression.Handle(racing.Actor, new AddSuppression.Input(claimed[1].Address), database.Db, racing.Clock, Ct);
        Assert.False(await gate.Passes(claimed[1]));
    }

    [Fact]
    public async Task The_gate_is_shut_for_a_paused_campaign_a_lost_lease_and_a_second_time()
    {
        await using var world = await SendingWorld.Create(database);
        await world.Enqueue("a@firm.example", "b@firm.example", "c@firm.example");
        var lane = (await world.Claim())!;
        var (claimed, _) = await ClaimMessages.Next(lane, await world.Facts(), QueuePlace.Start, 10, 0, database.Db, world.Clock.GetUtcNow(), Ct);
        var gate = await world.Ledger(lane);
        Assert.True(await gate.Passes(claimed[0]));
        Assert.False(await gate.Passes(claimed[0]));
        await world.InTenant(tx => ControlCampaign.Pause(tx, world.Campaign, world.Clock.GetUtcNow(), Ct));
        Assert.False(await gate.Passes(claimed[1]));
        await world.InTenant(tx => ControlCampaign.Resume(tx, world.Campaign, world.Clock.GetUtcNow(), Ct));
        Assert.True(await gate.Passes(claimed[1]));
        world.Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.False(await gate.Passes(claimed[2]));
    }

    [Fact]
    public async Task What_a_dead_worker_left_behind_the_gate_is_in_doubt_and_never_sent_again()
    {
        await using var world = await SendingWorld.Create(database);
        await world.Enqueue("a@firm.example", "b@firm.example");
        var lane = (await world.Claim())!;
        var (claimed, _) = await ClaimMessages.Next(lane, await world.Facts(), QueuePlace.Start, 10, 0, database.Db, world.Clock.GetUtcNow(), Ct);
        Assert.True(await (await world.Ledger(lane)).Passes(claimed[0])); // And then the worker dies.
        world.Clock.Advance(TimeSpan.FromSeconds(61));
        await world.Dispatch();
        await world.Dispatch();
        var messages = (await world.Messages()).ToDictionary(m => m.Address);
        Assert.Equal(MessageState.InDoubt, messages[claimed[0].Address].State);
        Assert.Equal(MessageState.Sent, messages[claimed[1].Address].State);
        Assert.Equal(claimed[1].Address, Assert.Single(world.Received).Recipients[0].Text);
    }

    [Theory]
    [InlineData(SmtpKind.Accepted, 250, MessageState.Sent, 1)]
    [InlineData(SmtpKind.PermanentRefusal, 554, MessageState.Bounced, 1)]
    [InlineData(SmtpKind.TransientRefusal, 451, MessageState.Deferred, 2)]
    public async Task A_servers_word_that_comes_after_the_lane_was_lost_settles_the_doubt(SmtpKind kind, int code, MessageState settled, int attempts)
    {
        await using var world = await SendingWorld.Create(database);
        var (slow, message) = await UnderWay(world);
        world.Clock.Advance(TimeSpan.FromSeconds(61));
        await world.Dispatch(); // Another worker finds it without an outcome.
        Assert.Equal(MessageState.InDoubt, (await world.Only()).State);
        await world.Record(slow, message, new SmtpOutcome(SmtpStage.EndOfData, kind, code, null, "Late"));
        Assert.Equal((settled, code), ((await world.Only()).State, (await world.Only()).SmtpCode));
        world.Clock.Advance(TimeSpan.FromHours(1));
        await world.Dispatch();
        Assert.Equal(attempts, (await world.Only()).Attempt); // Only what was refused for now is tried again.
    }

    [Fact]
    public async Task A_deferral_after_its_campaign_was_stopped_is_the_end()
    {
        await using var world = await SendingWorld.Create(database);
        var (ledger, message) = await UnderWay(world);
        await world.InTenant(tx => ControlCampaign.Stop(tx, world.Campaign, world.Clock.GetUtcNow(), Ct));
        await world.Record(ledger, message, Deferral);
        Assert.Equal((MessageState.Dropped, "campaign_stopped"), ((await world.Only()).State, (await world.Only()).Reason));
    }

    [Fact]
    public async Task A_deferral_after_its_campaign_was_paused_waits_until_it_is_resumed()
    {
        await using var world = await SendingWorld.Create(database);
        var (ledger, message) = await UnderWay(world);
        await world.InTenant(tx => ControlCampaign.Pause(tx, world.Campaign, world.Clock.GetUtcNow(), Ct));
        await world.Record(ledger, message, Deferral);
        world.Clock.Advance(TimeSpan.FromHours(1));
        await world.Dispatch();
        Assert.Equal(MessageState.Deferred, (await world.Only()).State);
        Assert.Null(await world.Claim()); // Nothing is due, so the lane does not spin.
        await world.InTenant(tx => ControlCampaign.Resume(tx, world.Campaign, world.Clock.GetUtcNow(), Ct));
        await world.Dispatch();
        Assert.Equal(MessageState.Sent, (await world.Only()).State);
    }

    static readonly SmtpOutcome Deferral = new(SmtpStage.Rcpt, SmtpKind.TransientRefusal, 451, "4.7.1", "Later");

    /// <summary>One message past the gate, without a word from the server yet.</summary>
    static async Task<(LaneLedger Ledger, Claimed Message)> UnderWay(SendingWorld world)
    {
        await world.Enqueue("anna@firm.example");
        var lane = (await world.Claim())!;
        var ledger = await world.Ledger(lane);
        var claimed = await world.Next(lane);
        Assert.True(await ledger.Passes(claimed));
        return (ledger, claimed);
    }

    [Fact]
    public async Task What_passed_and_was_never_begun_waits_again_and_counts_for_no_cap()
    {
        await using var world = await SendingWorld.Create(database, cap: 1);
        var (ledger, message) = await UnderWay(world);
        Assert.Equal((MessageState.Sending, 1), ((await world.Only()).State, (await world.Only()).Attempt));
        await ledger.Write([], [], [message]);
        Assert.Equal((MessageState.Queued, 0), ((await world.Only()).State, (await world.Only()).Attempt));
        world.Clock.Advance(TimeSpan.FromSeconds(61));
        await world.Dispatch(); // The one attempt that the cap allows in a day.
        Assert.Equal((MessageState.Sent, 1), ((await world.Only()).State, (await world.Only()).Attempt));
    }

    [Fact]
    public async Task What_passed_and_was_never_begun_is_dropped_when_its_campaign_was_stopped_meanwhile()
    {
        await using var world = await SendingWorld.Create(database);
        var (ledger, message) = await UnderWay(world);
        await world.InTenant(tx => ControlCampaign.Stop(tx, world.Campaign, world.Clock.GetUtcNow(), Ct));
        await ledger.Write([], [], [message]);
        Assert.Equal((MessageState.Dropped, "campaign_stopped"), ((await world.Only()).State, (await world.Only()).Reason));
    }

    [Fact]
    public async Task A_pass_that_is_not_used_within_half_a_second_is_void()
    {
        var answered = 0;
        using var held = new ManualResetEvent(false);
        await using var world = await SendingWorld.Create(database, _ =>
        {
            if (Interlocked.Increment(ref answered) == 100) held.WaitOne(); // By then the gate lets messages through ahead of need.
            return SmtpAnswer.Ok;
        });
        await world.Enqueue([.. Enumerable.Range(0, 400).Select(i => $"person{i}@firm.example")]);
        var dispatching = world.Dispatch();
        while (Volatile.Read(ref answered) < 100) await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ct);
        await world.InTenant(tx => ControlCampaign.Stop(tx, world.Campaign, world.Clock.GetUtcNow(), Ct));
        await Task.Delay(LaneGate.ShelfLife, TimeProvider.System, Ct);
        held.Set();
        await dispatching;
        Assert.Equal(100, world.Received.Count);
        var counts = (await ReadCounts.Handle(world.Actor, world.Campaign, database.Db, Ct)).Value;
        Assert.Equal((100, 300), (counts.Sent, counts.Dropped));
    }

    [Fact]
    public async Task What_a_server_said_while_the_database_was_away_is_written_when_it_is_back()
    {
        const string cut = "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = $1";
        var name = "cut-" + Guid.CreateVersion7();
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.Connections.AppConnection) { ApplicationName = name });
        await using var world = await SendingWorld.Create(database, _ =>
        {
            using var command = database.Source.CreateCommand(cut);
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
            Assert.True(command.ExecuteScalar() is > 0L);
            return SmtpAnswer.Ok;
        });
        await world.Enqueue("anna@firm.example");
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => world.Dispatch(new TenantDb(source, database.Subscribers, new JobSignal())));
        Assert.Equal(MessageState.Sent, (await world.Only()).State);
        world.Clock.Advance(TimeSpan.FromSeconds(61));
        await world.Dispatch();
        Assert.Single(world.Received);
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
