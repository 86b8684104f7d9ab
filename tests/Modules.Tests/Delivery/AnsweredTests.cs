using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Transport;
using PenguinMails.Mail.Smtp;

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
        await Mark(world, message, mark);
        world.Clock.Advance(TimeSpan.FromSeconds(61));
        await world.Dispatch();
        var settled = await world.Only();
        Assert.Equal((MessageState.Sent, "answered", settled.AttemptedAt, 1), (settled.State, settled.Reason, settled.SentAt, settled.Attempt));
        Assert.NotNull(settled.SentAt);
        Assert.Empty(world.Received); // By this worker.
        Assert.Equal(["sent answered"], await Facts(world));
    }

    [Theory]
    [InlineData("replied_at")]
    [InlineData("auto_replied_at")]
    [InlineData("complained_at")]
    public async Task What_was_answered_before_its_connection_broke_is_sent_and_what_was_not_is_in_doubt(string mark)
    {
        await using var world = await SendingWorld.Create(database);
        await world.Enqueue("anna@firm.example", "bert@firm.example");
        var lane = (await world.Claim())!;
        var ledger = await world.Ledger(lane);
        var messages = await world.Next(lane, 2);
        Assert.Equal(2, (await ledger.Write(messages, [], [])).Count);
        var answered = messages.Single(message => message.Address == "anna@firm.example");
        await Mark(world, answered, mark);
        world.Clock.Advance(TimeSpan.FromSeconds(10));
        await world.Record(ledger, messages, new SmtpOutcome(SmtpStage.EndOfData, SmtpKind.InDoubt, 0, null, ""));
        var settled = (await world.Messages()).ToDictionary(message => message.Address);
        Assert.Equal((MessageState.Sent, "answered", settled["anna@firm.example"].AttemptedAt), (settled["anna@firm.example"].State, settled["anna@firm.example"].Reason, settled["anna@firm.example"].SentAt));
        Assert.NotNull(settled["anna@firm.example"].SentAt);
        Assert.Equal((MessageState.InDoubt, "no_reply_seen", null), (settled["bert@firm.example"].State, settled["bert@firm.example"].Reason, settled["bert@firm.example"].SentAt));
        Assert.Equal(["in_doubt no_reply_seen", "sent answered"], await Facts(world));
    }

    static Task Mark(SendingWorld world, Claimed message, string mark) =>
        world.InTenant(tx => tx.Execute($"update delivery.message set {mark} = $3 where tenant_id = $1 and id = $2", Ct, world.Tenant, message.Id, world.Clock.GetUtcNow()));

    static async Task<List<string>> Facts(SendingWorld world)
    {
        List<string> facts = [];
        await world.InTenant(async tx => facts = await tx.List("select kind || ' ' || detail from delivery.fact where tenant_id = $1 and kind in ('sent', 'in_doubt') order by 1 limit 10", row => row.GetString(0), Ct, world.Tenant));
        return facts;
    }
}
