using PenguinMails.Delivery.Decisions;
using PenguinMails.Delivery.Messages;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Modules.Tests.Delivery.Decisions;

/// <summary>A scripted server asks for less; the lane gives it less, comes back carefully, and leaves other providers alone.</summary>
public sealed class BackOffTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;
    static readonly SmtpAnswer TooFast = new(421, "4.7.28", "Gmail has detected an unusual rate of mail. Try again later.");

    static Task Knows(SendingWorld world, string domain, string provider) => world.InTenant(async tx =>
    {
        await tx.Execute("insert into delivery.recipient_domain (domain, provider, looked_up_at) values ($1, $2, $3) on conflict (domain) do update set provider = excluded.provider", Ct, domain, provider, world.Clock.GetUtcNow());
    });

    static string Domain(string name) => $"{name}-{Guid.CreateVersion7():N}.example";

    [Fact]
    public async Task After_4_7_28_nothing_goes_there_for_ten_minutes_then_one_connection_and_one_more_each_ten()
    {
        var (slow, quick, refuses) = (Domain("slow"), Domain("quick"), true);
        await using var world = await SendingWorld.Create(database, delivery => refuses && delivery.Recipients[0].Text.EndsWith(slow, StringComparison.Ordinal) ? TooFast : SmtpAnswer.Ok, connections: 5);
        await Knows(world, slow, "google");
        await Knows(world, quick, "zoho");
        await world.Enqueue($"a@{slow}", $"b@{quick}");
        await world.Dispatch();
        await world.Enqueue($"c@{slow}", $"d@{quick}");
        await world.Dispatch();
        Assert.All(world.Received, delivery => Assert.EndsWith(quick, delivery.Recipients[0].Text, StringComparison.Ordinal));
        Assert.Equal(2, world.Received.Count);

        var held = (await world.Messages()).Single(m => m.Address == $"c@{slow}");
        var why = (await ExplainMessage.Handle(world.Actor, held.Id, database.Db, world.Clock, Ct)).Value;
        Assert.Equal(("provider_back_off", "provider_back_off"), (why.Step, why.StoredCode));
        Assert.True(why.Until >= world.Clock.GetUtcNow().AddMinutes(10), $"{why.Until}");

        refuses = false;
        world.Clock.Advance(why.Until!.Value - world.Clock.GetUtcNow() + TimeSpan.FromSeconds(1));
        Assert.Equal(1, (await world.Facts()).Routes.ConnectionsMax(world.Clock.GetUtcNow()));
        await world.Dispatch();
        Assert.Single(await world.Messages(), m => m.Address.EndsWith(slow, StringComparison.Ordinal) && m.State == MessageState.Sent); // The gap to the next is the profile's.
        world.Clock.Advance(TimeSpan.FromSeconds(3));
        await world.Dispatch();
        Assert.Equal(MessageState.Sent, (await world.Messages()).Single(m => m.Address == $"c@{slow}").State);
        for (var connections = 1; connections < 5; connections++)
        {
            Assert.Equal(connections, (await world.Facts()).Routes.ConnectionsMax(world.Clock.GetUtcNow()));
            world.Clock.Advance(TimeSpan.FromMinutes(11));
            await world.Enqueue($"more{connections}@{slow}");
            await world.Dispatch();
        }

        Assert.Equal(5, (await world.Messages()).Count(m => m.Address.EndsWith(slow, StringComparison.Ordinal) && m.State == MessageState.Sent) - 1);
    }

    /// <summary>It asks again while it is tried: the wait doubles.</summary>
    [Fact]
    public async Task When_it_recurs_the_wait_is_longer()
    {
        var slow = Domain("slow");
        await using var world = await SendingWorld.Create(database, _ => TooFast);
        await Knows(world, slow, "google");
        var waits = new List<TimeSpan>();
        for (var turn = 0; turn < 3; turn++)
        {
            await world.Enqueue($"a{turn}@{slow}");
            await world.Dispatch();
            var until = (await world.Facts()).Routes.Closed("google", world.Clock.GetUtcNow())!.Until!.Value;
            waits.Add(until - world.Clock.GetUtcNow());
            world.Clock.Advance(waits[^1] + TimeSpan.FromSeconds(1));
        }

        Assert.True(waits[0] >= TimeSpan.FromMinutes(10) && waits[1] == waits[0] * 2 && waits[2] == waits[1] * 2, string.Join(", ", waits));
    }

    [Fact]
    public async Task Greylisting_is_no_reason_to_slow_down()
    {
        var grey = Domain("grey");
        await using var world = await SendingWorld.Create(database, _ => new SmtpAnswer(451, "4.7.1", "Greylisted, please try again in 5 minutes"));
        await Knows(world, grey, "mx:grey.example");
        await world.Enqueue($"a@{grey}");
        await world.Dispatch();
        Assert.Null((await world.Facts()).Routes.Closed("mx:grey.example", world.Clock.GetUtcNow()));
    }
}
