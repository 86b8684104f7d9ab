using PenguinMails.Core;
using PenguinMails.Delivery.Decisions;
using PenguinMails.Delivery.Halts;
using PenguinMails.Delivery.Limits;
using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Queue;
using PenguinMails.Delivery.Warmup;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Modules.Tests.Delivery.Decisions;

/// <summary>What waits says why, in the queue and when it is asked; and what the reason was is sent once it is gone.</summary>
public sealed class ExplainTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    async Task<ExplainMessage.Output> Why(SendingWorld world) => (await ExplainMessage.Handle(world.Actor, (await world.Only()).Id, database.Db, world.Clock, Ct)).Value;

    [Fact]
    public async Task A_stopped_account_sends_nothing_until_the_stop_is_lifted()
    {
        await using var world = await SendingWorld.Create(database);
        await world.Enqueue("anna@firm.example");
        Assert.True((await HaltSending.Handle(world.Actor, new("We look into a complaint."), database.Db, world.Clock, Ct)).IsOk);
        await world.Dispatch();
        var why = await Why(world);
        Assert.Equal(("halted", "account_halted", (DateTimeOffset?)null), (why.Step, why.Code, why.ExpectedAt));
        Assert.Contains("We look into a complaint.", why.Reason, StringComparison.Ordinal);
        Assert.Empty(world.Received);

        Assert.True((await HaltSending.Lift(world.Actor, null, database.Db, world.Clock, Ct)).IsOk);
        Assert.Equal("send", (await Why(world)).Step);
        await world.Dispatch();
        Assert.Single(world.Received);
        Assert.Equal("ended", (await Why(world)).Step);
    }

    [Fact]
    public async Task Content_that_is_held_back_waits_and_goes_when_it_is_let_go()
    {
        await using var world = await SendingWorld.Create(database);
        await world.Enqueue("anna@firm.example");
        Assert.Equal("content.reason_needed", (await BlockContent.Handle(world.Actor, world.Campaign, new(""), database.Db, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("content.campaign_not_found", (await BlockContent.Handle(Actor.System(database.NewTenant()), world.Campaign, new("Not ours."), database.Db, world.Clock, Ct)).Problem?.Code);
        Assert.True((await BlockContent.Handle(world.Actor, world.Campaign, new("It names a price that is wrong."), database.Db, world.Clock, Ct)).IsOk);
        await world.Dispatch();
        Assert.Equal(("content", "content_blocked", "content_blocked"), await Why(world) is var why ? (why.Step, why.Code, why.StoredCode) : default);
        Assert.Empty(world.Received);
        Assert.True((await BlockContent.Lift(world.Actor, world.Campaign, database.Db, world.Clock, Ct)).IsOk);
        Assert.Equal("content.not_blocked", (await BlockContent.Lift(world.Actor, world.Campaign, database.Db, world.Clock, Ct)).Problem?.Code);
        await world.Dispatch();
        Assert.Single(world.Received);
    }

    /// <summary>The stop holds at the last gate, for what was taken before it.</summary>
    [Fact]
    public async Task A_stop_holds_for_what_was_claimed_already()
    {
        await using var world = await SendingWorld.Create(database);
        await world.Enqueue("anna@firm.example");
        var lane = await world.Claim();
        var claimed = await world.Next(lane!);
        await HaltSending.Handle(world.Actor, new("Stop it."), database.Db, world.Clock, Ct);
        Assert.False(await (await world.Ledger(lane!)).Passes(claimed));
        Assert.Equal(MessageState.Queued, (await world.Only()).State);
    }

    [Fact]
    public async Task A_paused_mailbox_and_a_closed_window_are_said()
    {
        await using var world = await SendingWorld.Create(database, window: new SendWindow("Etc/UTC", 127, 12 * 60, 17 * 60));
        await world.Enqueue("anna@firm.example");
        await world.Dispatch();
        var closed = await Why(world);
        Assert.Equal(("caps", "window_closed", "window_closed"), (closed.Step, closed.Code, closed.StoredCode));
        Assert.Equal(world.Clock.GetUtcNow().AddHours(3), closed.ExpectedAt);
        await PauseMailbox.Handle(world.Actor, world.Mailbox, database.Db, world.Clock, Ct);
        Assert.Equal("mailbox_paused", (await Why(world)).Code);
    }

    /// <summary>101 wait at a cap of 10: the last leaves on the eleventh day.</summary>
    [Fact]
    public void The_day_it_leaves_follows_from_what_is_before_it()
    {
        var now = new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);
        DateTimeOffset At(long ahead, int used) => ExplainMessage.Expected(new(10, used, used > 0 ? now : null, null), 60, RecipientWindow.Always, now, ahead);
        Assert.Equal((now, now.AddMinutes(9), now.AddDays(1), now.AddDays(10)), (At(0, 0), At(9, 0), At(10, 0), At(100, 0)));
        Assert.Equal((now.AddMinutes(3), now.AddDays(1), now.AddDays(2)), (At(3, 5), At(5, 5), At(15, 5)));
    }

    [Fact]
    public async Task A_limit_holds_and_says_when_there_is_room()
    {
        await using var world = await SendingWorld.Create(database);
        Assert.True((await SetLimit.Handle(world.Actor, new("company", "*", 3600, 2), database.Db, world.Clock, Ct)).IsOk);
        await world.Enqueue("a@firm.example", "b@firm.example", "c@firm.example", "d@else.example");
        await world.Dispatch();
        Assert.Equal(3, world.Received.Count);
        var held = (await world.Messages()).Single(m => m.State == MessageState.Queued);
        var why = (await ExplainMessage.Handle(world.Actor, held.Id, database.Db, world.Clock, Ct)).Value;
        Assert.Equal(("caps", "limit_company", "limit_company"), (why.Step, why.Code, why.StoredCode));
        Assert.InRange(why.Until!.Value, world.Clock.GetUtcNow().AddMinutes(60), world.Clock.GetUtcNow().AddMinutes(62));
        world.Clock.Advance(TimeSpan.FromMinutes(62));
        await world.Dispatch();
        Assert.Equal(4, world.Received.Count);
    }

    [Fact]
    public async Task A_domain_that_warms_up_sends_a_provider_no_more_in_an_hour_than_its_number()
    {
        await using var world = await SendingWorld.Create(database);
        var domain = (await world.Facts()).State.Domain;
        await ProviderOf("slow.example", "t_online");
        Assert.True((await StartWarmUp.Handle(world.Actor, new("domain", domain), database.Db, world.Clock, Ct)).IsOk);
        await world.InTenant(tx => tx.Execute("update delivery.warm_up set state = jsonb_set(state, '{budget}', '1000') where tenant_id = $1", Ct, world.Tenant));
        await world.Enqueue([.. Enumerable.Range(0, 31).Select(i => $"p{i}@slow.example"), "anna@firm.example"]);
        await world.Dispatch();
        Assert.Equal(31, world.Received.Count); // Thirty, and the one to somebody else.
        var held = (await world.Messages()).Single(m => m.State == MessageState.Queued);
        var why = (await ExplainMessage.Handle(world.Actor, held.Id, database.Db, world.Clock, Ct)).Value;
        Assert.Equal(("caps", "limit_domain_provider", "limit_domain_provider"), (why.Step, why.Code, why.StoredCode));
        Assert.Equal($"Not now: at most 30 in any hour to Telekom (T-Online) from {domain}, because it is still warming up.", why.Reason);
        Assert.InRange(why.Until!.Value, world.Clock.GetUtcNow().AddMinutes(60), world.Clock.GetUtcNow().AddMinutes(62));
        var shown = (await ListLimits.Handle(world.Actor, database.Db, world.Clock, Ct)).Value.Items.Single(line => line.Key == $"{domain}/t_online");
        Assert.Equal((30, 30L, true), (shown.Most, shown.Used, shown.IsDefault));

        Assert.Equal("limit.invalid", (await SetLimit.Handle(world.Actor, new("domain_provider", $"{domain}/t_online", 3600, 40), database.Db, world.Clock, Ct)).Problem?.Code);
        Assert.True((await SetLimit.Handle(world.Actor, new("domain_provider", $"{domain}/t_online", 3600, 40, "Registered with their postmaster."), database.Db, world.Clock, Ct)).IsOk);
        await world.Dispatch();
        Assert.Equal(32, world.Received.Count);
    }

    [Fact]
    public async Task A_mailbox_waits_as_a_whole_for_its_limit()
    {
        await using var world = await SendingWorld.Create(database);
        Assert.Equal("limit.invalid", (await SetLimit.Handle(world.Actor, new("mailbox", "sender@example.com", 60, 3, "As its provider."), database.Db, world.Clock, Ct)).Problem?.Code);
        Assert.True((await SetLimit.Handle(world.Actor, new("mailbox", world.Mailbox.ToString(), 60, 3, "As its provider."), database.Db, world.Clock, Ct)).IsOk);
        await world.Enqueue([.. Enumerable.Range(0, 8).Select(i => $"p{i}@firm.example")]);
        await world.Dispatch();
        Assert.Equal(3, world.Received.Count);
        var why = (await ExplainMessage.Handle(world.Actor, (await world.Messages()).First(m => m.State == MessageState.Queued).Id, database.Db, world.Clock, Ct)).Value;
        Assert.Equal(("limit_mailbox", "", "Not now: at most 3 in any minute from one mailbox."), (why.Code, why.StoredCode, why.Reason)); // The mailbox waits; no message was touched.
        Assert.Null(await world.Claim());
        world.Clock.Advance(TimeSpan.FromSeconds(62));
        await world.Dispatch();
        Assert.Equal(6, world.Received.Count);
        var shown = Assert.Single((await ListLimits.Handle(world.Actor, database.Db, world.Clock, Ct)).Value.Items);
        Assert.Equal((world.Mailbox.ToString(), 3L, "As its provider."), (shown.Key, shown.Used, shown.Reason));
        Assert.True((await SetLimit.Remove(world.Actor, "mailbox", world.Mailbox.ToString(), 60, database.Db, world.Clock, Ct)).IsOk);
    }

    async Task ProviderOf(string domain, string provider)
    {
        await using var tx = await database.Db.BeginUnscoped(Ct);
        await tx.Execute("insert into delivery.recipient_domain (domain, provider, looked_up_at) values ($1, $2, $3) on conflict (domain) do update set provider = excluded.provider", Ct, domain, provider, database.Clock.GetUtcNow());
        await tx.Commit(Ct);
    }

    [Fact]
    public async Task A_viewer_may_ask_and_a_stranger_finds_nothing()
    {
        await using var world = await SendingWorld.Create(database);
        await world.Enqueue("anna@firm.example");
        var id = (await world.Only()).Id;
        Assert.Equal("message.not_found", (await ExplainMessage.Handle(Actor.System(database.NewTenant()), id, database.Db, world.Clock, Ct)).Problem?.Code);
        var nobody = world.Actor with { Kind = ActorKind.Person };
        Assert.Equal("permission.missing", (await ExplainMessage.Handle(nobody, id, database.Db, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("permission.missing", (await HaltSending.Handle(nobody, new("Stop it."), database.Db, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("permission.missing", (await SetLimit.Handle(nobody, new("account", "*", 60, 1), database.Db, world.Clock, Ct)).Problem?.Code);
    }
}
