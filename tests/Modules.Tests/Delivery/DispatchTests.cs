using System.Text;
using PenguinMails.Compliance.Suppressions;
using PenguinMails.Core;
using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Queue;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Modules.Tests.Delivery;

public sealed class DispatchTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_names_what_it_belongs_to_as_the_rest_of_the_api_does()
    {
        await using var world = await SendingWorld.Create(database);
        var contact = await world.Enqueue("anna@firm.example", RecipientFacts.Unknown);
        var told = Json.Write(await world.Only());
        Assert.Contains($"\"campaign_id\":\"{new CampaignId(world.Campaign)}\"", told);
        Assert.Contains($"\"contact_id\":\"{new ContactId(contact)}\"", told);
        Assert.Contains($"\"mailbox_id\":\"{world.Mailbox}\"", told);
    }

    [Fact]
    public async Task A_queued_message_is_sent_once_with_its_headers()
    {
        await using var world = await SendingWorld.Create(database);
        await world.Enqueue("anna@firm.example");
        await world.Dispatch();
        await world.Dispatch();
        Assert.Equal(MessageState.Sent, (await world.Only()).State);
        var text = Encoding.UTF8.GetString(Assert.Single(world.Received).Message.Span);
        Assert.Contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click", text);
        Assert.Contains("Subject: Hello there", text);
    }

    [Fact]
    public async Task No_message_carries_a_word_of_another()
    {
        var answers = 0;
        await using var world = await SendingWorld.Create(database, _ => Interlocked.Increment(ref answers) % 9 == 0 ? new SmtpAnswer(451, "4.3.0", "Busy") : SmtpAnswer.Ok,
            connections: 5, text: string.Join('\n', Enumerable.Repeat("To {{email}}, and to nobody else.", 60)) + "\n{{unsubscribe_url}}\n{{physical_address}}", html: "<p>For {{email}}</p>{{unsubscribe_url}} {{physical_address}}");
        await world.Enqueue([.. Enumerable.Range(0, 600).Select(i => $"{new string('p', 1 + (i % 40))}{i}@firm.example")]);
        await world.Dispatch();
        Assert.Equal(600, answers);
        Assert.Equal(600 - (answers / 9), world.Received.Count);
        foreach (var taken in world.Received)
        {
            var text = Encoding.UTF8.GetString(taken.Message.Span);
            var named = System.Text.RegularExpressions.Regex.Matches(text, "[a-z0-9]+@firm\\.example").Select(one => one.Value).ToList();
            Assert.Equal(62, named.Count); // To, 60 lines, and the HTML.
            Assert.All(named, one => Assert.Equal(taken.Recipients[0].Text, one));
            Assert.EndsWith("--\r\n", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_contact_is_queued_once_however_often_the_audience_is_read()
    {
        await using var world = await SendingWorld.Create(database);
        var contact = (Guid.CreateVersion7(), "anna@firm.example");
        Assert.Equal(1, await world.Enqueue([contact]));
        Assert.Equal(0, await world.Enqueue([contact]));
        await world.Dispatch();
        Assert.Single(world.Received);
    }

    [Fact]
    public async Task A_deferred_message_is_tried_again_when_due_and_not_before()
    {
        var attempts = 0;
        await using var world = await SendingWorld.Create(database, _ => ++attempts == 1 ? new SmtpAnswer(451, "4.7.1", "Greylisted") : SmtpAnswer.Ok);
        await world.Enqueue("anna@firm.example");
        await world.Dispatch();
        Assert.Equal((MessageState.Deferred, 451), ((await world.Only()).State, (await world.Only()).SmtpCode));
        world.Clock.Advance(TimeSpan.FromSeconds(239)); // 300 s times a jitter of 0.8 at the least.
        await world.Dispatch();
        Assert.Equal(1, attempts);
        world.Clock.Advance(TimeSpan.FromSeconds(122));
        await world.Dispatch();
        Assert.Equal((MessageState.Sent, 2), ((await world.Only()).State, (await world.Only()).Attempt));
    }

    [Fact]
    public async Task An_unknown_recipient_bounces_and_is_suppressed_for_the_account()
    {
        await using var world = await SendingWorld.Create(database, _ => new SmtpAnswer(550, "5.1.1", "User unknown"));
        await world.Enqueue("gone@firm.example");
        await world.Dispatch();
        var message = await world.Only();
        Assert.Equal((MessageState.Bounced, "hard", "invalid_recipient"), (message.State, message.BounceClass, message.BounceCategory));
        var listed = await ListSuppressions.Handle(world.Actor, new ListSuppressions.Input(), database.Db, Ct);
        Assert.Equal(("gone@firm.example", SuppressionReason.Bounce), (listed.Value.Items[0].Value, listed.Value.Items[0].Reason));
    }

    [Theory]
    [InlineData("anna@firm.example", "anna@firm.example")]
    [InlineData("anna@firm.example", "firm.example")]
    [InlineData("anna@firm.example", " Firm.Example. ")]
    [InlineData("anna+news@firm.example", "Anna+News@firm.example")]
    [InlineData("anna@xn--bcher-kva.example", "anna@BÜCHER.example")]
    [InlineData("anna@xn--bcher-kva.example", "bücher.example")]
    public async Task A_suppressed_recipient_gets_nothing(string address, string suppressed)
    {
        await using var world = await SendingWorld.Create(database);
        await world.Enqueue(address, "other@else.example");
        await AddSuppression.Handle(world.Actor, new AddSuppression.Input(suppressed), database.Db, world.Clock, Ct);
        await world.Dispatch();
        Assert.Equal("other@else.example", Assert.Single(world.Received).Recipients[0].Text);
        var dropped = (await world.Messages()).Single(m => m.Address == address);
        Assert.Equal((MessageState.Dropped, "suppressed_manual"), (dropped.State, dropped.Reason));
    }

    [Theory]
    [InlineData(2, 3, 2)]
    [InlineData(3, 3, 3)]
    [InlineData(4, 3, 3)]
    public async Task The_daily_cap_holds_over_any_24_hours(int cap, int queued, int sent)
    {
        await using var world = await SendingWorld.Create(database, cap: cap);
        await world.Enqueue([.. Enumerable.Range(0, queued).Select(i => $"p{i}@firm.example")]);
        await world.Dispatch();
        world.Clock.Advance(TimeSpan.FromHours(23.9));
        await world.Dispatch();
        Assert.Equal(sent, world.Received.Count);
        world.Clock.Advance(TimeSpan.FromHours(0.2));
        await world.Dispatch();
        Assert.Equal(queued, world.Received.Count);
    }

    [Fact]
    public async Task The_gap_between_two_messages_is_never_shorter_than_set()
    {
        await using var world = await SendingWorld.Create(database, gap: 100);
        await world.Enqueue("a@firm.example", "b@firm.example");
        await world.Dispatch();
        Assert.Single(world.Received);
        world.Clock.Advance(TimeSpan.FromSeconds(99));
        await world.Dispatch();
        Assert.Single(world.Received);
        world.Clock.Advance(TimeSpan.FromSeconds(32)); // 30 % longer at the most.
        await world.Dispatch();
        Assert.Equal(2, world.Received.Count);
    }

    [Fact]
    public async Task Nothing_leaves_outside_the_window()
    {
        // The clock stands at Monday, 2 March 2026, 09:00 UTC.
        await using var world = await SendingWorld.Create(database, window: new SendWindow("Etc/UTC", 0b000_0001, 10 * 60, 11 * 60));
        await world.Enqueue("a@firm.example");
        await world.Dispatch();
        Assert.Empty(world.Received);
        world.Clock.Advance(TimeSpan.FromHours(1));
        await world.Dispatch();
        Assert.Single(world.Received);
    }

    [Fact]
    public async Task A_stopped_campaign_drops_what_is_not_sent()
    {
        await using var world = await SendingWorld.Create(database);
        await world.Enqueue("a@firm.example");
        await world.InTenant(tx => ControlCampaign.Stop(tx, world.Campaign, world.Clock.GetUtcNow(), Ct));
        await world.Dispatch();
        Assert.Equal((MessageState.Dropped, "campaign_stopped"), ((await world.Only()).State, (await world.Only()).Reason));
        Assert.Empty(world.Received);
    }

    [Fact]
    public async Task Many_connections_send_each_message_once()
    {
        await using var world = await SendingWorld.Create(database, connections: 8);
        await world.Enqueue([.. Enumerable.Range(0, 200).Select(i => $"p{i}@firm.example")]);
        await world.Dispatch();
        Assert.Equal(200, world.Received.Select(d => d.Recipients[0].Text).Distinct().Count());
        Assert.Equal(200, world.Received.Count);
        Assert.All(await world.Messages(), m => Assert.Equal(MessageState.Sent, m.State));
    }

    [Fact]
    public async Task A_server_that_hangs_up_between_two_messages_costs_no_attempt()
    {
        await using var world = await SendingWorld.Create(database);
        world.OnMail = number => number < 3 ? SmtpAnswer.Ok : SmtpAnswer.Ok with { HangsUp = true };
        await world.Enqueue([.. Enumerable.Range(0, 40).Select(i => $"p{i}@firm.example")]);
        await world.Dispatch();
        Assert.All(await world.Messages(), m => Assert.Equal((MessageState.Sent, 1), (m.State, m.Attempt)));
        Assert.Equal(40, world.Received.Select(d => d.Recipients[0].Text).Distinct().Count());
        Assert.Equal(40, world.Received.Count);
    }
}
