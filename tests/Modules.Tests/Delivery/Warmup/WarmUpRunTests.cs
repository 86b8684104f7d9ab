using PenguinMails.Core;
using PenguinMails.Delivery.Decisions;
using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Warmup;

namespace PenguinMails.Modules.Tests.Delivery.Warmup;

/// <summary>A warm-up that really sends: its budget holds, its days begin, and it ends.</summary>
public sealed class WarmUpRunTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    async Task<StartWarmUp.Line> Only(SendingWorld world) => Assert.Single((await StartWarmUp.List(world.Actor, database.Db, Ct)).Value.Items);

    async Task Day(SendingWorld world)
    {
        for (var turn = 0; turn < 3; turn++) await world.Dispatch();
        await world.CountFacts();
        world.Clock.Advance(TimeSpan.FromDays(1));
        await StepWarmUps.One(database.Db, world.Tenant, world.Clock.GetUtcNow(), Ct);
    }

    [Fact]
    public async Task A_mailbox_sends_its_budget_and_more_on_the_next_day()
    {
        await using var world = await SendingWorld.Create(database);
        Assert.True((await StartWarmUp.Handle(world.Actor, new("mailbox", world.Mailbox.ToString()), database.Db, world.Clock, Ct)).IsOk);
        var first = await Only(world);
        await world.Enqueue([.. Enumerable.Range(0, 100).Select(i => $"r{i}@firm{i}.example")]);
        await world.Dispatch();
        Assert.Equal((first.Budget, true), (world.Received.Count, first.Budget is >= 4 and <= 7));
        var waiting = (await world.Messages()).First(m => m.State == MessageState.Queued);
        Assert.Equal("warm_up_budget", (await ExplainMessage.Handle(world.Actor, waiting.Id, database.Db, world.Clock, Ct)).Value.Code);

        var sent = new List<int>();
        for (var day = 0; day < 4; day++)
        {
            var before = world.Received.Count;
            await Day(world);
            sent.Add(world.Received.Count - before);
        }

        Assert.Equal(0, sent[0]); // The rest of the first day.
        Assert.True(sent[3] > first.Budget && sent.Skip(1).All(n => n > 0 && n <= 2 * 14), string.Join(", ", sent));
        Assert.Equal("warm_up.exists", (await StartWarmUp.Handle(world.Actor, new("mailbox", world.Mailbox.ToString()), database.Db, world.Clock, Ct)).Problem?.Code);
    }

    /// <summary>Mail of the conversation pool shares the budget, so full volume is what cold mail may reach, and it is reached.</summary>
    [Fact]
    public void Full_volume_is_what_cold_mail_may_reach()
    {
        var kept = new KeptWarmUp("mailbox", "a", "Etc/UTC", "", false, WarmUp.Start(WarmUpProfile.All[0], new DateOnly(2026, 3, 2), 1, false), default, default);
        for (var day = 1; day <= 60; day++)
            kept = kept with { State = WarmUp.Next(kept.State, kept.Profile, WarmUpSignals.None with { Sent = kept.State.Budget }, new DateOnly(2026, 3, 2).AddDays(day), kept.Seed, false) };
        Assert.Equal((30, WarmUpPhase.Warm), (kept.Profile.Max, kept.State.Phase));
    }

    [Fact]
    public async Task A_domain_sends_its_budget_in_any_24_hours()
    {
        await using var world = await SendingWorld.Create(database);
        var domain = (await world.Facts()).State.Domain;
        Assert.True((await StartWarmUp.Handle(world.Actor, new("domain", domain), database.Db, world.Clock, Ct)).IsOk);
        var budget = (await Only(world)).Budget;
        await world.Enqueue([.. Enumerable.Range(0, 100).Select(i => $"r{i}@firm{i}.example")]);
        await world.Dispatch();
        Assert.Equal(budget, world.Received.Count);
        var waiting = (await world.Messages()).First(m => m.State == MessageState.Queued);
        Assert.Equal("limit_domain", (await ExplainMessage.Handle(world.Actor, waiting.Id, database.Db, world.Clock, Ct)).Value.Code);
    }

    [Fact]
    public async Task Paused_it_sends_nothing_resumed_less_ended_all()
    {
        await using var world = await SendingWorld.Create(database);
        var target = world.Mailbox.ToString();
        await StartWarmUp.Handle(world.Actor, new("mailbox", target), database.Db, world.Clock, Ct);
        Assert.True((await StartWarmUp.Pause(world.Actor, "mailbox", target, database.Db, world.Clock, Ct)).IsOk);
        await world.Enqueue([.. Enumerable.Range(0, 20).Select(i => $"r{i}@firm{i}.example")]);
        await world.Dispatch();
        Assert.Empty(world.Received);
        Assert.True((await StartWarmUp.Resume(world.Actor, "mailbox", target, database.Db, world.Clock, Ct)).IsOk);
        Assert.Equal("warm_up.not_paused", (await StartWarmUp.Resume(world.Actor, "mailbox", target, database.Db, world.Clock, Ct)).Problem?.Code);
        Assert.True((await StartWarmUp.End(world.Actor, "mailbox", target, database.Db, world.Clock, Ct)).IsOk);
        await world.Dispatch();
        Assert.Equal(20, world.Received.Count);
        Assert.Equal("warm_up.not_found", (await StartWarmUp.End(world.Actor, "mailbox", target, database.Db, world.Clock, Ct)).Problem?.Code);
    }

    [Theory]
    [InlineData("mailbox", "mbx_00000000000000000000000000000001", null, null, "key")]
    [InlineData("mailbox", "anna", null, null, "key")]
    [InlineData("domain", "not-ours.example", null, null, "key")]
    [InlineData("campaign", "x", null, null, "key")]
    [InlineData("domain", "a\0b", null, null, "key")]
    [InlineData("domain", "not-ours.example", "Mars/Olympus", null, "zone")]
    [InlineData("domain", "not-ours.example", null, "XX", "country")]
    public async Task What_cannot_be_warmed_up_is_said(string subject, string key, string? zone, string? country, string field)
    {
        var refused = await StartWarmUp.Handle(Actor.System(database.NewTenant()), new(subject, key, zone, country), database.Db, database.Clock, Ct);
        Assert.Equal(("warm_up.invalid", field), (refused.Problem?.Code, refused.Problem?.Fields[0].Field));
    }
}
