using System.Text;
using PenguinMails.Core;
using PenguinMails.Delivery.Inbound;
using PenguinMails.Delivery.Links;
using PenguinMails.Delivery.Messages;
using PenguinMails.Compliance.Suppressions;
using PenguinMails.Mail.Addresses;
using MessageId = PenguinMails.Delivery.Messages.MessageId;

namespace PenguinMails.Modules.Tests.Delivery.Collect;

/// <summary>Which message an incoming one belongs to, and what follows from it.</summary>
public sealed class MatchTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_goes_before_a_Message_ID_and_that_before_the_recipient_and_a_subject_is_nothing()
    {
        await using var world = await Sent("anna@firm.example", "ben@firm.example", "cleo@firm.example");
        var ids = (await world.Messages()).ToDictionary(message => message.Address.Split('@')[0], message => message.Id);
        var (token, thread) = (world.Tokens.For(ids["anna"], TokenPurpose.Link), world.Tokens.For(ids["ben"], TokenPurpose.Thread));
        var byAll = $"From: cleo@firm.example\nTo: b-{token}@bounce.example.com\nIn-Reply-To: <{thread}@bounce.example.com>\nSubject: Re: Hello\n\nYes\n";
        Assert.Equal((ids["anna"], "token"), await Arrive(world, "cleo@firm.example", Mailbox(world), byAll));
        Assert.Equal((ids["ben"], "message_id"), await Arrive(world, "cleo@firm.example", Mailbox(world), byAll.Replace("b-", "x", StringComparison.Ordinal)));
        Assert.Equal((ids["cleo"], "recipient"), await Arrive(world, "cleo@firm.example", Mailbox(world), "From: cleo@firm.example\nSubject: Something else\n\nYes\n"));
        Assert.Equal((null, ""), await Arrive(world, "dora@other.example", Mailbox(world), "From: dora@other.example\nSubject: Re: Hello\n\nYes\n"));
    }

    [Fact]
    public async Task What_matches_nothing_at_the_edge_is_kept_and_listed_in_its_workspace_only()
    {
        await using var world = await Sent("anna@firm.example");
        await Arrive(world, "dora@other.example", Mailbox(world), "From: dora@other.example\nSubject: A question\n\nDo you also sell boats?\n");
        var listed = (await ListUnmatched.Handle(world.Actor, new(), database.Db, Ct)).Value.Items;
        Assert.Equal(("A question", "Do you also sell boats?"), (Assert.Single(listed).Subject, listed[0].Excerpt));
        Assert.Single((await ListUnmatched.Handle(world.Actor, new("dora@"), database.Db, Ct)).Value.Items);
        Assert.Empty((await ListUnmatched.Handle(world.Actor, new("emil@"), database.Db, Ct)).Value.Items);
        Assert.Empty((await ListUnmatched.Handle(Actor.System(world.Tenant, new WorkspaceId(Guid.CreateVersion7())), new(), database.Db, Ct)).Value.Items);
    }

    [Theory]
    [InlineData("Abwesenheitsnotiz", "Ich bin bis zum 14.03.2026 nicht im Haus.", "2026-03-14")]
    [InlineData("Out of office", "I am out of the office and will return on March 9, 2026.", "2026-03-09")]
    [InlineData("Réponse automatique", "Je suis absent jusqu'au 12 mars 2026.", "2026-03-12")]
    [InlineData("Out of office", "I am away. Back soon.", null)]
    public async Task The_day_of_return_is_kept_at_the_message(string subject, string words, string? until)
    {
        await using var world = await Sent("anna@firm.example");
        await Arrive(world, "anna@firm.example", Mailbox(world), $"From: anna@firm.example\nDate: Mon, 2 Mar 2026 09:00:00 +0000\nSubject: {subject}\nAuto-Submitted: auto-replied\n\n{words}\n");
        var message = await world.Only();
        Assert.NotNull(message.AutoRepliedAt);
        Assert.Equal(until is null ? null : DateOnly.Parse(until, System.Globalization.CultureInfo.InvariantCulture), message.AwayUntil);
    }

    [Fact]
    public async Task A_report_of_a_rate_limit_suspends_the_route_to_that_provider()
    {
        await using var world = await Sent("anna@rate-limited.example"); // Domains are shared by all tests.
        await Provider("rate-limited.example", "google");
        await Arrive(world, "", Mailbox(world), CollectWords.Report(Thread(world, await world.Only()), "4.7.28", "421 4.7.28 Gmail has detected an unusual rate of mail", "delayed"));
        Assert.Equal(["google suspended google_rate"], await Routes(world));
        Assert.Equal(MessageState.Sent, (await world.Only()).State);
    }

    [Fact]
    public async Task A_block_bounces_the_message_and_suppresses_nobody()
    {
        await using var world = await Sent("anna@firm.example");
        await Arrive(world, "", Mailbox(world), CollectWords.Report(Thread(world, await world.Only()), "5.7.1", "550 5.7.1 Message rejected as spam"));
        Assert.Equal((MessageState.Bounced, "block"), ((await world.Only()).State, (await world.Only()).BounceClass));
        Assert.Equal(0, await Suppressed(world));
    }

    [Fact]
    public async Task The_third_full_mailbox_in_a_month_ends_it_and_the_second_does_not()
    {
        await using var world = await Sent("anna@firm.example");
        for (var times = 1; times <= 3; times++)
        {
            await Arrive(world, "", Mailbox(world), CollectWords.Report(Thread(world, await world.Only()), "5.2.2", "552 5.2.2 Mailbox full"));
            Assert.Equal(times == 3 ? 1 : 0, await Suppressed(world));
            if (times == 3) break;
            await Copy(world);
        }
    }

    // The message as it bounced becomes an older one of another campaign, and is sent again.
    static Task Copy(SendingWorld world) => world.InTenant(async tx =>
    {
        await tx.Execute("""
            insert into delivery.message (tenant_id, id, workspace_id, campaign_id, step, contact_id, mailbox_id, content_id, address, fields, state, reason, due_at, sent_at, state_at, bounce_class, bounce_category, created_at)
            select tenant_id, gen_random_uuid(), workspace_id, gen_random_uuid(), step, contact_id, mailbox_id, content_id, address, fields, state, reason, due_at, sent_at, state_at, bounce_class, bounce_category, created_at
            from delivery.message where tenant_id = $1 and campaign_id = $2
            """, Ct, world.Tenant, world.Campaign);
        await tx.Execute("update delivery.message set state = 'sent', reason = '', bounce_class = null, bounce_category = null where tenant_id = $1 and campaign_id = $2", Ct, world.Tenant, world.Campaign);
    });

    async Task<SendingWorld> Sent(params string[] addresses)
    {
        var world = await SendingWorld.Create(database);
        await world.Enqueue(addresses);
        await world.Dispatch();
        return world;
    }

    static string Mailbox(SendingWorld world) => $"sender@{world.Tenant.ToString().Replace('_', '-')}.example";

    static string Thread(SendingWorld world, Message message) => world.Tokens.For(message.Id, TokenPurpose.Thread);

    /// <returns>The message it was matched with, and by what.</returns>
    async Task<(MessageId? Message, string By)> Arrive(SendingWorld world, string sender, string recipient, string raw)
    {
        world.Clock.Advance(TimeSpan.FromSeconds(1)); // The newest row is this one.
        var bytes = Encoding.UTF8.GetBytes(raw.ReplaceLineEndings("\r\n"));
        Assert.True(await ReceiveInbound.Handle(sender.Length == 0 ? null : EmailAddress.Parse(sender), EmailAddress.Parse(recipient), bytes, database.Db, world.Clock, Ct));
        await CollectWords.Process(database, world.Tenant);
        await using var tx = await database.Db.Begin(world.Tenant, Ct);
        return await tx.One("select message_id, matched_by from delivery.inbound where tenant_id = $1 order by id desc limit 1", row => (row.IsDBNull(0) ? (MessageId?)null : new MessageId(row.GetGuid(0)), row.GetString(1)), Ct, world.Tenant);
    }

    async Task Provider(string domain, string provider)
    {
        await using var tx = await database.Db.BeginUnscoped(Ct);
        await tx.Execute("insert into delivery.recipient_domain (domain, provider, looked_up_at) values ($1, $2, $3) on conflict (domain) do update set provider = excluded.provider", Ct, domain, provider, database.Clock.GetUtcNow());
        await tx.Commit(Ct);
    }

    async Task<List<string>> Routes(SendingWorld world)
    {
        await using var tx = await database.Db.Begin(world.Tenant, Ct);
        return await tx.List("select provider || ' ' || state || ' ' || rule from delivery.route where tenant_id = $1 limit 10", row => row.GetString(0), Ct, world.Tenant);
    }

    async Task<int> Suppressed(SendingWorld world) => (await ListSuppressions.Handle(world.Actor, new ListSuppressions.Input(), database.Db, Ct)).Value.Items.Count;
}
