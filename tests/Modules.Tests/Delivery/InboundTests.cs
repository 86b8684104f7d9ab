using System.Text;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Compliance.Suppressions;
using PenguinMails.Delivery.Inbound;
using PenguinMails.Delivery.Links;
using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Tracking;
using PenguinMails.Delivery;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Modules.Tests.Delivery;

public sealed class InboundTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_report_that_the_user_is_unknown_revises_sent_to_bounced_and_suppresses()
    {
        await using var world = await Sent();
        await Arrive(world, "", await Address(world, 'b'), """
            From: MAILER-DAEMON@firm.example
            Subject: Undelivered Mail Returned to Sender
            Content-Type: multipart/report; report-type=delivery-status; boundary="x"
            MIME-Version: 1.0

            --x
            Content-Type: text/plain

            unknown user
            --x
            Content-Type: message/delivery-status

            Reporting-MTA: dns; mx.firm.example

            Final-Recipient: rfc822; anna@firm.example
            Action: failed
            Status: 5.1.1
            Diagnostic-Code: smtp; 550 5.1.1 User unknown
            --x--
            """);
        var message = await world.Only();
        Assert.Equal((MessageState.Bounced, "reported", "hard"), (message.State, message.Reason, message.BounceClass));
        Assert.Equal(SuppressionReason.Bounce, await Suppressed(world));
    }

    [Fact]
    public async Task A_reply_is_known_by_its_thread_whoever_sent_it()
    {
        await using var world = await Sent();
        await Arrive(world, "anna.private@elsewhere.example", await Address(world, 'b'), Reply(world, "Thanks, let us talk on Monday."));
        Assert.NotNull((await world.Only()).RepliedAt);
        Assert.Null(await Suppressed(world));
    }

    [Theory]
    [InlineData("unsubscribe")]
    [InlineData("Please remove me.")]
    [InlineData("STOP")]
    public async Task A_reply_that_asks_to_stop_is_an_unsubscribe(string words)
    {
        await using var world = await Sent();
        await Arrive(world, "anna@firm.example", await Address(world, 'b'), Reply(world, words));
        Assert.NotNull((await world.Only()).UnsubscribedAt);
        Assert.Equal(SuppressionReason.Unsubscribe, await Suppressed(world));
    }

    [Fact]
    public async Task An_absence_notice_is_no_reply()
    {
        await using var world = await Sent();
        await Arrive(world, "anna@firm.example", await Address(world, 'b'), "Auto-Submitted: auto-replied\n" + Reply(world, "I am away until Friday."));
        var message = await world.Only();
        Assert.True(message is { RepliedAt: null, AutoRepliedAt: not null });
    }

    [Fact]
    public async Task An_absence_notice_with_a_day_holds_what_is_not_sent_yet_until_a_person_answers()
    {
        await using var world = await Sent();
        var (address, reply) = (await Address(world, 'b'), Reply(world, "I am back."));
        await Arrive(world, "anna@firm.example", address, "Auto-Submitted: auto-replied\n" + Reply(world, "I am out of the office until 6 March 2026."));
        Assert.Equal(new DateOnly(2026, 3, 6), (await world.Only()).AwayUntil);
        await world.Enqueue("anna@firm.example");
        await world.Dispatch();
        Assert.Single(world.Received);
        Assert.Contains("recipient_away", await Held(world));
        await Arrive(world, "anna@firm.example", address, reply);
        await world.Dispatch();
        Assert.Equal(2, world.Received.Count);
    }

    static async Task<List<string>> Held(SendingWorld world)
    {
        List<string> held = [];
        await world.InTenant(async tx => held = await tx.List("select held from delivery.queue where tenant_id = $1 limit 10", row => row.GetString(0), Ct, world.Tenant));
        return held;
    }

    [Fact]
    public async Task A_mail_to_the_unsubscribe_address_ends_all_mail()
    {
        await using var world = await Sent();
        await Arrive(world, "anna@firm.example", await Address(world, 'u'), "From: anna@firm.example\nSubject: anything\n\n\n");
        Assert.Equal(SuppressionReason.Unsubscribe, await Suppressed(world));
    }

    [Fact]
    public async Task Looking_at_the_unsubscribe_page_changes_nothing_and_asking_ends_it()
    {
        await using var world = await Sent();
        var token = await Token(world);
        Assert.False((await Unsubscribe.Look(token, database.Db, Ct)).Value.IsDone);
        Assert.Null(await Suppressed(world));
        Assert.True((await Unsubscribe.Handle(token, "page", database.Db, world.Clock, Ct)).Value.IsDone);
        Assert.True((await Unsubscribe.Look(token, database.Db, Ct)).Value.IsDone);
        Assert.Equal(SuppressionReason.Unsubscribe, await Suppressed(world));
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("../../../../../../../../../../../../../../../etc/passwd")]
    public async Task A_token_that_was_never_given_out_opens_nothing(string token)
    {
        Assert.Equal("unsubscribe.unknown", (await Unsubscribe.Look(token, database.Db, Ct)).Problem?.Code);
        Assert.Equal("unsubscribe.unknown", (await Unsubscribe.Handle(token, "page", database.Db, database.Clock, Ct)).Problem?.Code);
        Assert.Equal("link.unknown", (await FollowLink.Handle(token, 0, false, "Firefox", database.Db, database.Services.GetRequiredService<DeliveryOptions>(), database.Clock, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task The_edge_takes_mail_for_our_own_addresses_only()
    {
        await using var world = await Sent();
        Assert.NotNull(await FindAddressee.Handle(EmailAddress.Parse(await Address(world, 'b')), database.Db, Ct));
        Assert.Null(await FindAddressee.Handle(EmailAddress.Parse("somebody@else.example"), database.Db, Ct));
        Assert.Null(await FindAddressee.Handle(EmailAddress.Parse($"b-{new string('a', 52)}@bounce.example.com"), database.Db, Ct));
    }

    [Fact]
    public async Task A_reply_proves_that_a_message_in_doubt_arrived()
    {
        await using var world = await Sent();
        await world.InTenant(tx => tx.Execute("update delivery.message set state = 'in_doubt', sent_at = null where tenant_id = $1", Ct, world.Tenant));
        await Arrive(world, "anna@firm.example", await Address(world, 'b'), Reply(world, "Yes please"));
        Assert.Equal(MessageState.Sent, (await world.Only()).State);
    }

    [Fact]
    public async Task A_person_decides_a_doubt_and_it_is_never_sent_again()
    {
        await using var world = await Sent();
        await world.InTenant(tx => tx.Execute("update delivery.message set state = 'in_doubt', sent_at = null where tenant_id = $1", Ct, world.Tenant));
        var id = (await world.Only()).Id;
        Assert.True((await ResolveInDoubt.Handle(world.Actor, new ResolveInDoubt.Input(id, Arrived: false), database.Db, world.Clock, Ct)).IsOk);
        await world.Dispatch();
        Assert.Equal((MessageState.Failed, 1), ((await world.Only()).State, world.Received.Count));
        Assert.Equal("message.not_in_doubt", (await ResolveInDoubt.Handle(world.Actor, new ResolveInDoubt.Input(id, true), database.Db, world.Clock, Ct)).Problem?.Code);
    }

    async Task<SendingWorld> Sent()
    {
        var world = await SendingWorld.Create(database);
        await world.Enqueue("anna@firm.example");
        await world.Dispatch();
        Assert.Equal(MessageState.Sent, (await world.Only()).State);
        return world;
    }

    async Task Arrive(SendingWorld world, string sender, string recipient, string raw)
    {
        var bytes = Encoding.UTF8.GetBytes(raw.ReplaceLineEndings("\r\n"));
        Assert.True(await ReceiveInbound.Handle(sender.Length == 0 ? null : EmailAddress.Parse(sender), EmailAddress.Parse(recipient), bytes, database.Db, world.Clock, Ct));
        await database.RunJobs(world.Tenant, Ct);
    }

    static string Reply(SendingWorld world, string words)
    {
        var sent = Encoding.UTF8.GetString(world.Received.Single().Message.Span);
        var id = System.Text.RegularExpressions.Regex.Match(sent, @"Message-ID:\s*(<[^>]+>)").Groups[1].Value;
        return $"From: anna@firm.example\nTo: sender@example.com\nSubject: Re: Hello\nIn-Reply-To: {id}\nMessage-ID: <{Guid.CreateVersion7()}@firm.example>\n\n{words}\n";
    }

    static async Task<string> Token(SendingWorld world) => world.Tokens.For((await world.Only()).Id, TokenPurpose.Link);

    static async Task<string> Address(SendingWorld world, char kind) => $"{kind}-{await Token(world)}@bounce.example.com";

    async Task<SuppressionReason?> Suppressed(SendingWorld world)
    {
        var listed = (await ListSuppressions.Handle(world.Actor, new ListSuppressions.Input(), database.Db, Ct)).Value.Items;
        return listed.Count == 0 ? null : Assert.Single(listed).Reason;
    }
}
