using PenguinMails.Delivery.Decisions;
using PenguinMails.Delivery.Guards;
using PenguinMails.Delivery.Messages;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Modules.Tests.Delivery.Guards;

/// <summary>From what servers say over the facts and the counts to the pause, and back by a person.</summary>
public sealed class WatchGuardsTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;
    static readonly SmtpAnswer Unknown = new(550, "5.1.1", "User unknown");
    static readonly SmtpAnswer Full = new(552, "5.2.2", "Mailbox full");

    static bool IsGone(SmtpDelivery delivery) => delivery.Recipients[0].Text.StartsWith("gone", StringComparison.Ordinal);

    async Task<IReadOnlyList<KeptGuard>> Guards(SendingWorld world) => (await ResumeGuard.List(world.Actor, database.Db, Ct)).Value.Items;

    static string[] Addresses(int good, int gone) => [.. Enumerable.Range(0, good).Select(i => $"ok{i}@firm.example"), .. Enumerable.Range(0, gone).Select(i => $"gone{i}@firm.example")];

    [Fact]
    public async Task Addresses_that_do_not_exist_pause_the_mailbox_until_a_person_resumes_it()
    {
        await using var world = await SendingWorld.Create(database, delivery => IsGone(delivery) ? Unknown : SmtpAnswer.Ok);
        await world.Enqueue(Addresses(90, 10));
        await world.Dispatch();
        await world.CountFacts();
        var paused = (await Guards(world)).Single(guard => guard is { Measure: "bounce", Subject: "mailbox" });
        Assert.Equal((GuardLevel.Pause, 100L, 10L), (paused.Level, paused.Sent, paused.Hits));

        await world.Enqueue("next@firm.example");
        await world.Dispatch();
        var why = (await ExplainMessage.Handle(world.Actor, (await world.Messages()).Single(m => m.State == MessageState.Queued).Id, database.Db, world.Clock, Ct)).Value;
        Assert.Equal(("guard", "guard_paused"), (why.Step, why.Code));
        Assert.Contains("10 bounces", why.Reason, StringComparison.Ordinal);

        Assert.Equal("guard.reason_needed", (await ResumeGuard.Handle(world.Actor, new("bounce", "mailbox", paused.Key, "ok"), database.Db, world.Clock, Ct)).Problem?.Code);
        foreach (var guard in (await Guards(world)).Where(guard => guard.Level == GuardLevel.Pause).ToList())
            Assert.True((await ResumeGuard.Handle(world.Actor, new(guard.Measure, guard.Subject, guard.Key, "The list was verified anew."), database.Db, world.Clock, Ct)).IsOk);
        world.Clock.Advance(TimeSpan.FromHours(2));
        await world.CountFacts();
        Assert.DoesNotContain(await Guards(world), guard => guard.Level == GuardLevel.Pause); // What was sent before does not count again.
        for (var day = 0; day < 3; day++)
        {
            await world.Dispatch();
            world.Clock.Advance(TimeSpan.FromDays(1));
        }

        Assert.Contains(world.Received, delivery => delivery.Recipients[0].Text == "next@firm.example");
    }

    [Fact]
    public async Task Full_mailboxes_pause_nobody()
    {
        await using var world = await SendingWorld.Create(database, delivery => IsGone(delivery) ? Full : SmtpAnswer.Ok);
        await world.Enqueue(Addresses(80, 20));
        await world.Dispatch();
        await world.CountFacts();
        Assert.DoesNotContain(await Guards(world), guard => guard.Measure == "bounce");
    }

    /// <summary>Of few messages nothing is concluded.</summary>
    [Fact]
    public async Task Two_of_ten_pause_nobody()
    {
        await using var world = await SendingWorld.Create(database, delivery => IsGone(delivery) ? Unknown : SmtpAnswer.Ok);
        await world.Enqueue(Addresses(8, 2));
        await world.Dispatch();
        await world.CountFacts();
        Assert.Empty(await Guards(world));
    }

    /// <summary>A transaction that began earlier and commits later is not skipped, and nothing is counted twice.</summary>
    [Fact]
    public async Task A_fact_that_commits_late_is_counted_once()
    {
        await using var world = await SendingWorld.Create(database);
        await world.Enqueue(Addresses(3, 0));
        await world.Dispatch();
        var messages = await world.Messages();
        await world.CountFacts();
        Assert.Equal((3, 0), await Counted(world));

        await using var late = await database.Db.Begin(world.Tenant, Ct);
        await WriteFact.Within(late, "complained", messages[0].Id, world.Campaign, world.Mailbox.Value, "", world.Clock.GetUtcNow(), Ct);
        await world.InTenant(tx => WriteFact.Within(tx, "complained", messages[1].Id, world.Campaign, world.Mailbox.Value, "", world.Clock.GetUtcNow(), Ct));
        await WatchGuards.One(database.Db, world.Tenant, world.Clock.GetUtcNow(), Ct);
        Assert.Equal((3, 0), await Counted(world)); // The later one waits for the earlier.
        await late.Commit(Ct);
        await world.CountFacts();
        await world.CountFacts();
        Assert.Equal((3, 2), await Counted(world));
    }

    async Task<(long Sent, long Complained)> Counted(SendingWorld world)
    {
        await using var tx = await database.Db.Begin(world.Tenant, Ct);
        return await tx.One("select coalesce(sum(sent), 0), coalesce(sum(complained), 0) from delivery.tally where tenant_id = $1", row => (row.GetInt64(0), row.GetInt64(1)), Ct, world.Tenant);
    }
}
