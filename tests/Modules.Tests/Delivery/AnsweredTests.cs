using PenguinMails.Delivery.Messages;

namespace PenguinMails.Modules.Tests.Delivery;

/// <summary>An answer that is there before the outcome: nobody answers what did not arrive.</summary>
public sealed class AnsweredTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("replied_at")]
    [InlineData("auto_replied_at")]
    [InlineData("complained_at")]
    public async Task What_was_answered_before_its_worker_died_is_sent(string mark)
    {
        await using var world = await SendingWorld.Create(database);
        await world.Enqueue("anna@firm.example");
        var lane = (await world.Claim())!;
        var message = await world.Next(lane);
        Assert.True(await (await world.Ledger(lane)).Passes(message)); // And then the worker dies.
        await world.InTenant(tx => tx.Execute($"update delivery.message set {mark} = $3 where tenant_id = $1 and id = $2", Ct, world.Tenant, message.Id, world.Clock.GetUtcNow()));
        world.Clock.Advance(TimeSpan.FromSeconds(61));
        await world.Dispatch();
        var settled = await world.Only();
        Assert.Equal((MessageState.Sent, "answered", settled.AttemptedAt, 1), (settled.State, settled.Reason, settled.SentAt, settled.Attempt));
        Assert.NotNull(settled.SentAt);
        Assert.Empty(world.Received); // By this worker.
        await world.InTenant(async tx => Assert.Equal(["sent answered"], await tx.List("select kind || ' ' || detail from delivery.fact where tenant_id = $1 and kind in ('sent', 'in_doubt') limit 10", row => row.GetString(0), Ct, world.Tenant)));
    }
}
