using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Queue;
using PenguinMails.Delivery.Transport;

namespace PenguinMails.Modules.Tests.Delivery;

/// <summary>What a killed process had let through: the journal of its machine tells how far each came.</summary>
public sealed class LaneJournalTests(TestDatabase database) : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("penguin-begun-").FullName;

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    string Journal => Assert.Single(Directory.GetFiles(_folder));

    [Fact]
    public async Task What_a_dead_run_let_through_and_never_began_is_sent_by_the_next_and_only_what_it_began_is_in_doubt()
    {
        await using var world = await World();
        var (_, messages, journal) = await Passed(world);
        Assert.True(journal.TryBegin(messages[1].Id.Value));
        journal.Dispose(); // As the kernel does for a killed process.
        world.Clock.Advance(TimeSpan.FromSeconds(61));
        await world.Dispatch();
        var settled = (await world.Messages()).ToDictionary(message => message.Id.Value, message => (message.State, message.Attempt));
        Assert.Equal((MessageState.InDoubt, 1), settled[messages[1].Id.Value]);
        Assert.Equal([(MessageState.Sent, 1), (MessageState.Sent, 1)], [settled[messages[0].Id.Value], settled[messages[2].Id.Value]]); // The attempt that never was does not count.
        Assert.Equal(2, world.Received.Count);
        Assert.Equal(3, await Attempts(world));
        Assert.Empty(Directory.GetFiles(_folder)); // Neither the dead run's nor its own.
    }

    [Fact]
    public async Task What_the_server_took_is_sent_and_what_it_refused_is_sent_again_although_nobody_wrote_it()
    {
        await using var world = await World();
        var (_, messages, journal) = await Passed(world);
        Assert.True(journal.TryBegin(messages[0].Id.Value));
        Assert.True(journal.TryBegin(messages[1].Id.Value));
        journal.Tell(LaneMark.Accepted, messages[0].Id.Value);
        journal.Tell(LaneMark.Refused, messages[1].Id.Value);
        Assert.True(journal.TryBegin(messages[2].Id.Value));
        journal.Dispose();
        world.Clock.Advance(TimeSpan.FromSeconds(61));
        await world.Dispatch();
        var settled = (await world.Messages()).ToDictionary(message => message.Id.Value);
        Assert.Equal([MessageState.Sent, MessageState.Sent, MessageState.InDoubt], messages.Select(message => settled[message.Id.Value].State));
        Assert.Equal((250, 1), (settled[messages[0].Id.Value].SmtpCode, settled[messages[0].Id.Value].Attempt));
        Assert.Equal(messages[1].Address, Assert.Single(world.Received).Recipients[0].Text); // The first is with the server already.
        Assert.Equal(3, await Attempts(world));
    }

    [Fact]
    public async Task While_the_process_that_holds_the_journal_lives_all_it_let_through_is_in_doubt()
    {
        await using var world = await World();
        var (_, _, journal) = await Passed(world);
        world.Clock.Advance(TimeSpan.FromSeconds(61));
        await world.Dispatch(); // The lease is over, but a process that was only stopped may still begin them.
        Assert.All(await world.Messages(), message => Assert.Equal(MessageState.InDoubt, message.State));
        Assert.Empty(world.Received);
        journal.Dispose();
    }

    [Theory]
    [InlineData("boot")]
    [InlineData("cut")]
    [InlineData("gone")]
    public async Task Without_a_journal_of_this_boot_all_is_in_doubt(string how)
    {
        await using var world = await World();
        var (_, _, journal) = await Passed(world);
        journal.Dispose();
        if (how == "gone") File.Delete(Journal);
        if (how == "cut") await File.WriteAllBytesAsync(Journal, new byte[7], Ct);
        if (how == "boot") await File.WriteAllBytesAsync(Journal, Guid.CreateVersion7().ToByteArray(), Ct);
        world.Clock.Advance(TimeSpan.FromSeconds(61));
        await world.Dispatch();
        Assert.All(await world.Messages(), message => Assert.Equal(MessageState.InDoubt, message.State));
        Assert.Empty(world.Received);
    }

    [Fact]
    public async Task What_was_never_begun_is_dropped_when_its_campaign_was_stopped_meanwhile()
    {
        await using var world = await World();
        var (_, _, journal) = await Passed(world);
        journal.Dispose();
        await world.InTenant(tx => ControlCampaign.Stop(tx, world.Campaign, world.Clock.GetUtcNow(), Ct));
        world.Clock.Advance(TimeSpan.FromSeconds(61));
        await world.Dispatch();
        Assert.All(await world.Messages(), message => Assert.Equal((MessageState.Dropped, "campaign_stopped"), (message.State, message.Reason)));
    }

    [Fact]
    public async Task What_was_answered_is_sent_whatever_the_journal_says()
    {
        await using var world = await World();
        var (_, messages, journal) = await Passed(world);
        journal.Dispose();
        await world.InTenant(tx => tx.Execute("update delivery.message set replied_at = $3 where tenant_id = $1 and id = $2", Ct, world.Tenant, messages[0].Id, world.Clock.GetUtcNow()));
        world.Clock.Advance(TimeSpan.FromSeconds(61));
        await world.Dispatch();
        Assert.All(await world.Messages(), message => Assert.Equal(MessageState.Sent, message.State));
        Assert.Equal(2, world.Received.Count); // Not the answered one.
    }

    [Fact]
    public async Task Each_message_stands_in_the_journal_before_its_content_is_out()
    {
        var lengths = new List<long>();
        await using var world = await SendingWorld.Create(database, _ =>
        {
            lengths.Add(new FileInfo(Journal).Length);
            return PenguinMails.Mail.Smtp.SmtpAnswer.Ok;
        });
        world.Journals = _folder;
        await world.Enqueue("anna@firm.example", "bert@firm.example", "carl@firm.example");
        await world.Dispatch();
        Assert.Equal([33, 67, 101], lengths); // Before it what became of the one before.
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task What_falls_due_while_a_run_goes_on_stands_in_the_same_journal()
    {
        var lengths = new List<long>();
        SendingWorld? sending = null;
        await using var world = sending = await SendingWorld.Create(database, _ =>
        {
            lengths.Add(new FileInfo(Journal).Length);
            sending!.Clock.Advance(TimeSpan.FromSeconds(2));
            return PenguinMails.Mail.Smtp.SmtpAnswer.Ok;
        });
        world.Journals = _folder;
        await world.Enqueue("anna@firm.example");
        await world.InTenant(tx => EnqueueMessages.Within(tx, world.Workspace, world.Campaign, 1, world.Content,
            [new(Guid.CreateVersion7(), "bert@firm.example", "{}", world.Mailbox.Value)], world.Clock.GetUtcNow().AddSeconds(1), world.Tokens, world.Clock.GetUtcNow(), Ct));
        await world.Dispatch();
        // An outcome of the first may be lost with the database, as nobody waits for the disk: without its marks it would look as if it had never been begun.
        Assert.Equal([33, 67], lengths);
    }

    [Fact]
    public void A_journal_that_leads_nowhere_is_swept_after_a_day_unless_its_process_lives()
    {
        var (mailbox, now) = (new PenguinMails.Fleet.Mailboxes.MailboxId(Guid.CreateVersion7()), TimeProvider.System.GetUtcNow());
        using var held = LaneJournal.Open(_folder, mailbox, Guid.CreateVersion7());
        LaneJournal.Open(_folder, mailbox, Guid.CreateVersion7())!.Dispose();
        LaneJournal.Sweep(_folder, now.AddHours(23));
        Assert.Equal(2, Directory.GetFiles(_folder).Length);
        LaneJournal.Sweep(_folder, now.AddHours(25));
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Where_no_journal_can_be_kept_sending_goes_on_without()
    {
        var mailbox = new PenguinMails.Fleet.Mailboxes.MailboxId(Guid.CreateVersion7());
        var notAFolder = Path.Combine(_folder, "file");
        File.WriteAllText(notAFolder, "");
        Assert.Null(LaneJournal.Open(notAFolder, mailbox, Guid.CreateVersion7()));
        Assert.Null(LaneJournal.Open(null, mailbox, Guid.CreateVersion7()));
        Assert.Null(LaneJournal.Of(notAFolder, mailbox, Guid.CreateVersion7()));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    async Task<SendingWorld> World()
    {
        var world = await SendingWorld.Create(database);
        world.Journals = _folder;
        await world.Enqueue("anna@firm.example", "bert@firm.example", "carl@firm.example");
        return world;
    }

    /// <summary>A run of the lane that let three messages through, and what it wrote of them.</summary>
    async Task<(Lane Lane, List<Claimed> Messages, LaneJournal Journal)> Passed(SendingWorld world)
    {
        var lane = (await world.Claim())!;
        var journal = LaneJournal.Open(_folder, world.Mailbox, lane.Token)!;
        var messages = await world.Next(lane, 3);
        Assert.Equal(3, (await (await world.Ledger(lane)).Write(messages, [], [])).Count);
        return (lane, messages, journal);
    }

    async Task<long> Attempts(SendingWorld world)
    {
        var count = 0L;
        await world.InTenant(async tx => count = await tx.One("select count(*) from delivery.attempt where tenant_id = $1", row => row.GetInt64(0), Ct, world.Tenant));
        return count;
    }
}
