using PenguinMails.Delivery.Messages;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Modules.Tests.Delivery;

/// <summary>The machine's clock is set while mail is sent: nobody is mailed twice, nobody is lost, and no cap is passed.</summary>
public sealed class ClockJumpTests(TestDatabase database)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Two_hours_ahead_while_a_message_is_with_the_server_lets_another_worker_take_the_lane_and_sends_it_once()
    {
        using var reached = new ManualResetEventSlim();
        using var released = new ManualResetEventSlim();
        var ct = TestContext.Current.CancellationToken;
        await using var world = await SendingWorld.Create(database, _ =>
        {
            reached.Set();
            Assert.True(released.Wait(Patience, ct));
            return SmtpAnswer.Ok;
        });
        await world.Enqueue("anna@firm.example");
        var first = Task.Run(() => world.Dispatch(), ct);
        Assert.True(reached.Wait(Patience, ct));

        world.Clock.Advance(TimeSpan.FromHours(2)); // The lease is over by far, and its holder knows nothing of it.
        await world.Dispatch();
        Assert.Equal(MessageState.InDoubt, (await world.Only()).State);
        released.Set();
        await first;
        Assert.Equal(MessageState.Sent, (await world.Only()).State); // The server's word settles the doubt.
        await world.Dispatch();
        Assert.Single(world.Received);
    }

    [Fact]
    public async Task A_day_back_passes_no_cap_and_loses_nothing()
    {
        await using var world = await SendingWorld.Create(database, cap: 2);
        await world.Enqueue([.. Enumerable.Range(0, 5).Select(i => $"p{i}@firm.example")]);
        await world.Dispatch();
        Assert.Equal(2, world.Received.Count);

        world.Clock.Advance(TimeSpan.FromDays(-1)); // What was sent now lies in the future, and counts.
        await world.Dispatch();
        world.Clock.Advance(TimeSpan.FromHours(23));
        await world.Dispatch();
        Assert.Equal(2, world.Received.Count);

        for (var day = 0; day < 3; day++)
        {
            world.Clock.Advance(TimeSpan.FromHours(25));
            await world.Dispatch();
        }

        Assert.Equal(5, world.Received.Select(one => one.Recipients[0].Normal).Distinct().Count());
        Assert.Equal(5, world.Received.Count);
        Assert.All(await world.Messages(), message => Assert.Equal(MessageState.Sent, message.State));
    }
}
