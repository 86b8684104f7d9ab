using PenguinMails.Compliance.Jurisdictions;
using PenguinMails.Delivery.Conversations;
using PenguinMails.Delivery.Guards;
using PenguinMails.Delivery.Queue;
using PenguinMails.Delivery.Warmup;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Modules.Tests.Delivery.Conversations;

/// <summary>What mail of the pool means for warm-ups, guards and suppressions.</summary>
public sealed class PoolSignalTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static Task Converse(SendingWorld world, params string[] addresses) => world.InTenant(async tx =>
    {
        var now = world.Clock.GetUtcNow();
        await ControlCampaign.Start(tx, world.Mailbox.Value, world.Workspace, SendPlan.Plain(SendWindow.Always), now, Ct);
        var fields = new TurnFields("Lunch on Friday", "Hi,\n\nAre you in town?\n\nBest,\n{me}\n", []).ToJson();
        await EnqueueMessages.Within(tx, world.Workspace, world.Mailbox.Value, 1, null, [.. addresses.Select(address => new EnqueueMessages.Recipient(Guid.CreateVersion7(), address, fields, world.Mailbox.Value))], now, world.Tokens, now, Ct);
    });

    static async Task Found(SendingWorld world, int inbox, int junk, int other = 0)
    {
        const string insert = "insert into delivery.placement (tenant_id, message_id, mailbox_id, provider, folder, found_at) values ($1, $2, $3, 'google', $4, $5)";
        await world.InTenant(async tx =>
        {
            foreach (var folder in Enumerable.Repeat("inbox", inbox).Concat(Enumerable.Repeat("junk", junk)).Concat(Enumerable.Repeat("other", other)))
                await tx.Execute(insert, Ct, tx.Tenant, Guid.CreateVersion7(), world.Mailbox, folder, world.Clock.GetUtcNow());
        });
    }

    async Task<StartWarmUp.Line> NextDay(SendingWorld world)
    {
        await world.Dispatch();
        await world.CountFacts();
        world.Clock.Advance(TimeSpan.FromDays(1));
        await StepWarmUps.One(database.Db, world.Tenant, world.Clock.GetUtcNow(), Ct);
        return Assert.Single((await StartWarmUp.List(world.Actor, database.Db, Ct)).Value.Items);
    }

    [Fact]
    public async Task What_countries_ask_for_holds_cold_mail_and_no_conversation()
    {
        await using var world = await SendingWorld.Create(database);
        Assert.True((await SetConsentPolicy.Handle(world.Actor, new(UnknownCountry.Hold), database.Db, world.Clock, Ct)).IsOk);
        await world.Enqueue("stranger@firm.example");
        await Converse(world, "partner@pool.example");
        await world.Dispatch();
        Assert.Equal("partner@pool.example", Assert.Single(world.Received).Recipients[0].Text);
        Assert.Equal("queued", (await world.Only()).State.ToString().ToLowerInvariant());
    }

    [Fact]
    public async Task Placement_slows_a_warm_up_in_lots_of_ten_and_the_step_says_so()
    {
        await using var world = await SendingWorld.Create(database);
        await StartWarmUp.Handle(world.Actor, new("mailbox", world.Mailbox.ToString()), database.Db, world.Clock, Ct);
        await world.Enqueue([.. Enumerable.Range(0, 100).Select(i => $"r{i}@firm{i}.example")]);
        await Found(world, inbox: 4, junk: 5, other: 30);
        var first = await NextDay(world); // Nine are too few, however many are in Junk.
        Assert.Equal("grew", first.Reason);
        Assert.DoesNotContain("Junk", first.Sentence);

        await Found(world, inbox: 3, junk: 0);
        var second = await NextDay(world); // Twelve with those of yesterday, five of them in Junk: that it is more than 20 % is certain.
        Assert.Equal("cut_placement", second.Reason);
        Assert.Contains("5 of 12 found in Junk", second.Sentence);
        Assert.Contains("Of 12 messages whose folder is known, 5 were in Junk", second.Sentence);

        await Found(world, inbox: 2, junk: 0);
        Assert.DoesNotContain("Of 1", (await NextDay(world)).Sentence); // What was handed over is not handed over again.
    }

    [Fact]
    public async Task All_in_the_inbox_lets_it_grow_and_the_step_says_so()
    {
        await using var world = await SendingWorld.Create(database);
        await StartWarmUp.Handle(world.Actor, new("mailbox", world.Mailbox.ToString()), database.Db, world.Clock, Ct);
        await world.Enqueue([.. Enumerable.Range(0, 100).Select(i => $"r{i}@firm{i}.example")]);
        await Found(world, inbox: 10, junk: 0);
        var line = await NextDay(world);
        Assert.Equal("grew", line.Reason);
        Assert.Contains("Of 10 messages whose folder is known, 0 were in Junk", line.Sentence);
    }

    [Fact]
    public async Task Warm_up_and_cold_mail_share_one_budget()
    {
        await using var world = await SendingWorld.Create(database);
        await StartWarmUp.Handle(world.Actor, new("mailbox", world.Mailbox.ToString()), database.Db, world.Clock, Ct);
        var budget = Assert.Single((await StartWarmUp.List(world.Actor, database.Db, Ct)).Value.Items).Budget;
        await Converse(world, "peer1@other.example", "peer2@other.example");
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        await world.Enqueue([.. Enumerable.Range(0, 20).Select(i => $"r{i}@firm{i}.example")]);
        await world.Dispatch();
        Assert.Equal(budget, world.Received.Count);
        Assert.Equal(2, world.Received.Count(delivery => delivery.Recipients[0].Text.StartsWith("peer", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Mail_of_the_pool_makes_no_bad_list_look_better_and_its_bounces_suppress_nobody_but_count()
    {
        await using var world = await SendingWorld.Create(database, delivery => delivery.Recipients[0].Text.StartsWith("bad", StringComparison.Ordinal) ? new SmtpAnswer(550, "5.1.1", "No such user") : SmtpAnswer.Ok, cap: 10_000);
        await Converse(world, [.. Enumerable.Range(0, 100).Select(i => $"peer{i}@other.example"), "bad-peer@other.example"]);
        await world.Enqueue([.. Enumerable.Range(0, 56).Select(i => $"r{i}@firm{i}.example"), .. Enumerable.Range(0, 4).Select(i => $"bad{i}@firm{i}.example")]);
        for (var turn = 0; turn < 3; turn++) await world.Dispatch();
        await world.CountFacts();
        var guard = Assert.Single((await ResumeGuard.List(world.Actor, database.Db, Ct)).Value.Items, guard => guard is { Measure: "bounce", Subject: "mailbox" });
        Assert.Equal((60, 5), (guard.Sent, guard.Hits));
        Assert.DoesNotContain((await ResumeGuard.List(world.Actor, database.Db, Ct)).Value.Items, guard => guard.Subject == "campaign" && guard.Key == world.Mailbox.Value.ToString("N"));
        await world.InTenant(async tx => Assert.Equal(["bad0@firm0.example", "bad1@firm1.example", "bad2@firm2.example", "bad3@firm3.example"],
            (await tx.List("select value from compliance.suppression where tenant_id = $1 limit 100", row => row.GetString(0), Ct, tx.Tenant)).Order()));
    }
}
