using PenguinMails.Core.Db;
using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Queue;
using PenguinMails.Delivery.Transport;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Modules.Tests.Delivery;

/// <summary>Somebody else changes a message at the very moment that gate or outcome wants its row.</summary>
public sealed class GateRaceTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SmtpKind.Accepted, 250, "")]
    [InlineData(SmtpKind.InDoubt, 0, "answered")]
    public async Task An_outcome_is_written_although_its_reply_comes_in_at_that_moment(SmtpKind kind, int code, string reason)
    {
        await using var world = await SendingWorld.Create(database);
        await world.Enqueue("anna@firm.example");
        var lane = (await world.Claim())!;
        var (ledger, message) = (await world.Ledger(lane), await world.Next(lane));
        Assert.True(await ledger.Passes(message));
        await Meanwhile(world, "update delivery.message set replied_at = $3 where tenant_id = $1 and id = $2", message,
            () => world.Record(ledger, message, new SmtpOutcome(SmtpStage.EndOfData, kind, code, null, "")));
        var written = await world.Only();
        Assert.Equal((MessageState.Sent, reason, code, world.Clock.GetUtcNow()), (written.State, written.Reason, written.SmtpCode ?? 0, written.RepliedAt));
    }

    [Fact]
    public async Task A_message_that_is_dropped_at_the_moment_it_passes_does_not_pass()
    {
        await using var world = await SendingWorld.Create(database);
        await world.Enqueue("anna@firm.example");
        var lane = (await world.Claim())!;
        var (ledger, message) = (await world.Ledger(lane), await world.Next(lane));
        await Meanwhile(world, "update delivery.message set state = 'dropped', state_at = $3 where tenant_id = $1 and id = $2", message, async () => Assert.False(await ledger.Passes(message)));
        Assert.Equal((MessageState.Dropped, 0), ((await world.Only()).State, (await world.Only()).Attempt));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_handed_back_or_deferred_at_the_moment_its_campaign_is_stopped_is_dropped(bool isDeferred)
    {
        await using var world = await SendingWorld.Create(database);
        await world.Enqueue("anna@firm.example");
        var lane = (await world.Claim())!;
        var (ledger, message) = (await world.Ledger(lane), await world.Next(lane));
        Assert.True(await ledger.Passes(message));
        await Meanwhile(world, tx => ControlCampaign.Stop(tx, world.Campaign, world.Clock.GetUtcNow(), Ct),
            () => isDeferred ? world.Record(ledger, message, new SmtpOutcome(SmtpStage.Rcpt, SmtpKind.TransientRefusal, 451, "4.7.1", "Later")) : ledger.Write([], [], [message]));
        Assert.Equal((MessageState.Dropped, "campaign_stopped"), ((await world.Only()).State, (await world.Only()).Reason));
    }

    static Task Meanwhile(SendingWorld world, string change, Claimed message, Func<Task> work) =>
        Meanwhile(world, tx => tx.Execute(change, Ct, world.Tenant, message.Id.Value, world.Clock.GetUtcNow()), work);

    /// <summary>Begins the work while a change is open, and commits the change when the work waits for it.</summary>
    static async Task Meanwhile(SendingWorld world, Func<TenantTx, Task> change, Func<Task> work)
    {
        var waiting = Task.CompletedTask;
        await world.InTenant(async tx =>
        {
            await change(tx);
            waiting = Task.Run(work, Ct);
            while (!waiting.IsCompleted && !await IsAwaited(tx)) await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ct);
            Assert.False(waiting.IsCompleted, "It did not wait for the change.");
        });
        await waiting;

        static async Task<bool> IsAwaited(TenantTx tx) =>
            (await tx.List("select 1 from pg_locks where not granted and transactionid = pg_current_xact_id()::xid limit 1", row => row.GetInt32(0), Ct)).Count > 0;
    }
}
