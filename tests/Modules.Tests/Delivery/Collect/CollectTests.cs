using PenguinMails.Delivery.Collect;
using PenguinMails.Delivery.Inbound;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Imap;

namespace PenguinMails.Modules.Tests.Delivery.Collect;

public sealed class CollectTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task A_reply_is_taken_from_inbox_and_junk_and_a_personal_mail_leaves_no_trace_but_a_number()
    {
        await using var world = await CollectWorld.Create(database);
        await using var mailbox = await world.Open();
        await mailbox.Create("Junk", Ct);
        await world.Put(mailbox, "INBOX", world.Reply("old"), Now.AddDays(-3));
        await world.Find(Now);
        await world.Put(mailbox, "INBOX", world.Reply("one"));
        await world.Put(mailbox, "INBOX", CollectWorld.Personal("two"));
        await world.Put(mailbox, "Junk", CollectWorld.Personal("three", "Anna@Firm.example"));
        await world.Look();
        await CollectWords.Process(database, world.Sending.Tenant);

        Assert.Equal(["one", "three"], (await world.Kept()).Order());
        Assert.NotNull((await world.Sending.Only()).RepliedAt);
        var came = (await ListInbound.Handle(world.Sending.Actor, (await world.Sending.Only()).Id, database.Db, Ct)).Value.Items;
        Assert.Equal([("INBOX", "message_id"), ("Junk", "recipient")], came.Select(one => (one.Folder ?? "", one.MatchedBy)).Order());
        Assert.Equal([("INBOX", 2, 1), ("Junk", 1, 1)], (await world.State()).Folders.Select(folder => (folder.Folder, (int)folder.LookedAt, (int)folder.Kept)));
        await mailbox.Select("INBOX", readOnly: true, null, Ct);
        Assert.True((await mailbox.Search(ImapCriteria.Seen, Ct)).Value?.IsEmpty);
        Assert.Equal(3, (await mailbox.Search(ImapCriteria.All, Ct)).Value?.Count);
    }

    [Fact]
    public async Task A_mail_of_a_recipient_from_before_we_wrote_is_not_kept()
    {
        await using var world = await CollectWorld.Create(database);
        await using var mailbox = await world.Open();
        await world.Find(world.Sending.Clock.GetUtcNow().AddDays(-9));
        await world.Put(mailbox, "INBOX", CollectWorld.Personal("before", "anna@firm.example"), world.Sending.Clock.GetUtcNow().AddDays(-1));
        await world.Put(mailbox, "INBOX", CollectWorld.Personal("after", "anna@firm.example"), world.Sending.Clock.GetUtcNow().AddDays(1));
        await world.Look();
        Assert.Equal(["after"], await world.Kept());
    }

    [Fact]
    public async Task A_bounce_that_a_provider_delivers_into_the_mailbox_is_one_as_at_the_edge()
    {
        await using var world = await CollectWorld.Create(database);
        await using var mailbox = await world.Open();
        await world.Find(Now);
        await world.Put(mailbox, "INBOX", CollectWords.Report(world.Thread, "5.1.1", "550 5.1.1 User unknown"));
        await world.Look();
        await CollectWords.Process(database, world.Sending.Tenant);
        Assert.Equal("hard", (await world.Sending.Only()).BounceClass);
    }

    [Fact]
    public async Task One_looks_at_a_time_and_who_lost_the_lease_keeps_nothing()
    {
        await using var world = await CollectWorld.Create(database);
        await using var mailbox = await world.Open();
        await world.Find(Now);
        await world.Put(mailbox, "INBOX", world.Reply("one"));
        var first = await world.Claim(TimeSpan.FromSeconds(-1));
        Assert.NotNull(first);
        var second = await world.Claim();
        Assert.NotNull(second);
        Assert.Null(await world.Claim());
        var place = new OpenCollection.Place(world.Sending.Workspace, "sender@example.com", null);
        Assert.False(await new CollectFolder(first, place, database.Db, new CollectOptions(), TimeProvider.System).Sync(mailbox, "INBOX", Ct));
        Assert.Empty(await world.Kept());
        Assert.True(await new CollectFolder(second, place, database.Db, new CollectOptions(), TimeProvider.System).Sync(mailbox, "INBOX", Ct));
        Assert.Equal(["one"], await world.Kept());
    }

    [Fact]
    public async Task News_are_waited_for_and_a_pause_or_removal_ends_it_within_a_third_of_the_lease()
    {
        await using var world = await CollectWorld.Create(database);
        await using var mailbox = await world.Open();
        await world.Find(Now);
        var options = new CollectOptions { LeaseSeconds = 3 };
        using var waiting = new SemaphoreSlim(1);
        var watching = world.Run(waiting, options, Ct);
        await Until(async () => waiting.CurrentCount == 0 && (await world.State()).LookedAt is not null);
        await world.Put(mailbox, "INBOX", world.Reply("one"));
        await Until(async () => (await world.Kept()).Count == 1);
        Assert.False(watching.IsCompleted);

        Assert.True((await PauseCollection.Handle(world.Sending.Actor, world.Sending.Mailbox, true, database.Db, TimeProvider.System, Ct)).IsOk);
        await watching.WaitAsync(TimeSpan.FromSeconds(15), Ct);
        Assert.Equal(1, waiting.CurrentCount);
        Assert.Null(await world.Claim());
        await world.Put(mailbox, "INBOX", world.Reply("two"));
        Assert.True((await PauseCollection.Handle(world.Sending.Actor, world.Sending.Mailbox, false, database.Db, TimeProvider.System, Ct)).IsOk);
        await world.Look();
        Assert.Equal(["one", "two"], await world.Kept());

        var last = world.Run(waiting, options, Ct);
        await Until(() => Task.FromResult(waiting.CurrentCount == 0));
        await world.Sending.InTenant(tx => tx.Execute("update fleet.mailbox set imap_host = null, imap_port = null, imap_security = null where tenant_id = $1", Ct, world.Sending.Tenant));
        await world.Find(Now);
        await last.WaitAsync(TimeSpan.FromSeconds(15), Ct);
        Assert.Equal("collection.none", (await PauseCollection.Read(world.Sending.Actor, world.Sending.Mailbox, database.Db, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_asked_less_and_less_often()
    {
        await using var world = await CollectWorld.Create(database);
        await world.Find(Now);
        world.Proxy.Octets = 10;
        await world.Look();
        await world.Look();
        var state = await world.State();
        Assert.Equal(("collect.unreachable", 2), (state.Trouble, state.Failures));
        world.Proxy.Octets = null;
        await world.Look();
        Assert.Equal(("", 0), ((await world.State()).Trouble, (await world.State()).Failures));
        Assert.InRange(Collections.BackOff(1, Guid.CreateVersion7()).TotalSeconds, 24, 36);
        Assert.InRange(Collections.BackOff(30, Guid.CreateVersion7()).TotalMinutes, 24, 36);
    }

    static async Task Until(Func<Task<bool>> holds)
    {
        for (var tries = 0; !await holds(); tries++)
        {
            Assert.True(tries < 300, "It did not come about in 30 s.");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Ct);
        }
    }
}

static class CollectWords
{
    /// <summary>Reads what waits to be read. Not by a worker: what these tests order lies beyond the clock of the others.</summary>
    public static async Task Process(TestDatabase database, PenguinMails.Core.TenantId tenant)
    {
        var ct = TestContext.Current.CancellationToken;
        List<Guid> waiting;
        await using (var tx = await database.Db.Begin(tenant, ct))
            waiting = await tx.List("select id from delivery.inbound where tenant_id = $1 and processed_at is null order by id limit 100", row => row.GetGuid(0), ct, tenant);
        foreach (var id in waiting) await ProcessInbound.Run(new(id, false), new(new(default, tenant, ProcessInbound.Kind, 1, 1, default, null), database.Db, database.Services), ct);
    }

    /// <summary>A report about the message with this thread token, as a receiver writes it.</summary>
    public static string Report(string thread, string status, string diagnostic, string action = "failed") => $"""
        Return-Path: <>
        From: MAILER-DAEMON@firm.example
        To: sender@example.com
        Subject: Undelivered Mail Returned to Sender
        Message-ID: <{Guid.CreateVersion7()}@firm.example>
        Content-Type: multipart/report; report-type=delivery-status; boundary="x"
        MIME-Version: 1.0

        --x
        Content-Type: text/plain

        The mail was not delivered.
        --x
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.firm.example

        Final-Recipient: rfc822; anna@firm.example
        Action: {action}
        Status: {status}
        Diagnostic-Code: smtp; {diagnostic}
        --x
        Content-Type: text/rfc822-headers

        From: sender@example.com
        To: anna@firm.example
        Subject: Hello
        Message-ID: <{thread}@bounce.example.com>
        --x--
        """;
}
