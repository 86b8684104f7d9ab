using System.Net;
using System.Text;
using PenguinMails.Delivery.Direct;
using PenguinMails.Delivery.Limits;
using PenguinMails.Delivery.Messages;
using PenguinMails.Mail.Dns;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Modules.Tests.Delivery.Direct;

/// <summary>Straight to the recipients' servers: which host, over how many connections, from where.</summary>
public sealed class DirectTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_goes_to_the_recipients_server_signed_and_under_the_name_that_was_set()
    {
        await using var world = await DirectWorld.Create(database, source: "127.0.0.1", ehlo: "out.penguin.test");
        var mx = world.Exchange(2, "mx.quayworks.example");
        world.Takes("quayworks.example", "mx.quayworks.example");
        await world.Sending.Enqueue("anna@quayworks.example");
        await world.Sending.Dispatch();
        Assert.Equal(MessageState.Sent, (await world.Sending.Only()).State);
        Assert.Equal(("out.penguin.test", IPAddress.Loopback), (Assert.Single(mx.Visitors).Hello, mx.Visitors.Single().Address));
        Assert.StartsWith("DKIM-Signature:", Encoding.UTF8.GetString(Assert.Single(mx.Received).Message.Span));
        Assert.Empty(world.Sending.Received);
        Assert.Equal("127.0.0.1", (await world.Sending.Facts()).State.Server); // Limits, guards and warm-ups of an address count by it.
        Assert.Equal("mx:quayworks.example", await Provider("quayworks.example"));
    }

    [Fact]
    public async Task A_domain_without_mx_is_its_own_host()
    {
        await using var world = await DirectWorld.Create(database);
        var own = world.Exchange(2, "firm.example");
        await world.Sending.Enqueue("anna@firm.example");
        await world.Sending.Dispatch();
        Assert.Single(own.Received);
    }

    [Fact]
    public async Task A_domain_that_takes_no_mail_and_one_that_is_not_there_are_bounced_and_nobody_is_asked()
    {
        await using var world = await DirectWorld.Create(database);
        var mx = world.Exchange(2, "null.example");
        world.Zone.Add("null.example", DnsType.Mx, "0 .");
        await world.Sending.Enqueue("anna@null.example", "ben@nowhere.example");
        await world.Sending.Dispatch();
        var messages = (await world.Sending.Messages()).ToDictionary(m => m.Address);
        Assert.Equal((MessageState.Bounced, 556, "5.1.10"), (messages["anna@null.example"].State, messages["anna@null.example"].SmtpCode, messages["anna@null.example"].SmtpStatus));
        Assert.Equal((MessageState.Bounced, 550, "5.1.2"), (messages["ben@nowhere.example"].State, messages["ben@nowhere.example"].SmtpCode, messages["ben@nowhere.example"].SmtpStatus));
        Assert.Empty(mx.Visitors);
    }

    [Fact]
    public async Task Name_servers_that_are_silent_make_the_message_wait()
    {
        await using var world = await DirectWorld.Create(database);
        world.Zone.AddTimeout("firm.example", null);
        await world.Sending.Enqueue("anna@firm.example");
        await world.Sending.Dispatch();
        Assert.Equal((MessageState.Deferred, 451, 1), ((await world.Sending.Only()).State, (await world.Sending.Only()).SmtpCode, (await world.Sending.Only()).Attempt));
    }

    [Fact]
    public async Task When_the_first_host_is_down_the_second_gets_it_and_the_dead_one_is_not_asked_for_a_minute()
    {
        await using var world = await DirectWorld.Create(database);
        world.Zone.Add("mx1.firm.example", DnsType.A, "127.0.0.9"); // Nobody listens there.
        var second = world.Exchange(2, "mx2.firm.example");
        world.Takes("firm.example", "mx1.firm.example", "mx2.firm.example");
        await world.Sending.Enqueue("anna@firm.example", "ben@firm.example");
        await world.Sending.Dispatch();
        Assert.Equal(2, second.Received.Count);
    }

    [Theory]
    [InlineData(451, 1)]
    [InlineData(550, 0)]
    public async Task A_host_that_refuses_for_now_before_the_recipient_sends_us_to_the_next_and_one_that_refuses_for_good_is_final(int code, int atSecond)
    {
        await using var world = await DirectWorld.Create(database);
        var first = world.Exchange(2, "mx1.firm.example", mail: _ => new SmtpAnswer(code, $"{code / 100}.7.1", "Not from you"));
        var second = world.Exchange(3, "mx2.firm.example");
        world.Takes("firm.example", "mx1.firm.example", "mx2.firm.example");
        await world.Sending.Enqueue("anna@firm.example");
        await world.Sending.Dispatch();
        Assert.Single(first.Visitors);
        Assert.Equal(atSecond, second.Received.Count);
        Assert.Equal(code == 451 ? MessageState.Sent : MessageState.Bounced, (await world.Sending.Only()).State);
    }

    [Fact]
    public async Task When_every_host_refuses_for_now_the_message_waits_under_the_last_word()
    {
        await using var world = await DirectWorld.Create(database);
        world.Exchange(2, "mx1.firm.example", mail: _ => new SmtpAnswer(451, "4.3.2", "Going down"));
        world.Exchange(3, "mx2.firm.example", mail: _ => new SmtpAnswer(452, "4.3.1", "Disk full"));
        world.Takes("firm.example", "mx1.firm.example", "mx2.firm.example");
        await world.Sending.Enqueue("anna@firm.example");
        await world.Sending.Dispatch();
        Assert.Equal((MessageState.Deferred, 452, 1), ((await world.Sending.Only()).State, (await world.Sending.Only()).SmtpCode, (await world.Sending.Only()).Attempt));
    }

    [Fact]
    public async Task What_was_greylisted_is_let_in_at_the_next_attempt()
    {
        var asked = 0;
        await using var world = await DirectWorld.Create(database);
        var mx = world.Exchange(2, "mx.firm.example", data: _ => ++asked == 1 ? new SmtpAnswer(451, "4.7.1", "Greylisted") : SmtpAnswer.Ok);
        world.Takes("firm.example", "mx.firm.example");
        await world.Sending.Enqueue("anna@firm.example");
        await world.Sending.Dispatch();
        Assert.Equal(MessageState.Deferred, (await world.Sending.Only()).State);
        world.Sending.Clock.Advance(TimeSpan.FromMinutes(7));
        await world.Sending.Dispatch();
        Assert.Equal((MessageState.Sent, 2), ((await world.Sending.Only()).State, (await world.Sending.Only()).Attempt));
        Assert.Single(mx.Received);
    }

    [Fact]
    public async Task An_address_that_this_machine_has_not_stops_the_mailbox_and_loses_nothing()
    {
        await using var world = await DirectWorld.Create(database, source: "127.0.0.1");
        var mx = world.Exchange(2, "mx.firm.example");
        world.Takes("firm.example", "mx.firm.example");
        await world.Sending.InTenant(tx => tx.Execute("update fleet.domain set source_address = '127.7.7.7' where tenant_id = $1 and id = $2", Ct, world.Sending.Tenant, world.Sending.Domain));
        await world.Sending.Enqueue("anna@firm.example");
        await world.Sending.Dispatch();
        Assert.Equal((MessageState.Queued, 0), ((await world.Sending.Only()).State, (await world.Sending.Only()).Attempt));
        await using var tx = await database.Db.BeginUnscoped(Ct);
        Assert.Equal(DirectWire.NoSource, await tx.One("select trouble from delivery.lane where mailbox_id = $1", row => row.GetString(0), Ct, world.Sending.Mailbox));
        Assert.Empty(mx.Visitors);
    }

    [Fact]
    public async Task A_limit_of_the_server_is_one_of_the_address_then()
    {
        await using var world = await DirectWorld.Create(database, source: "127.0.0.1");
        var mx = world.Exchange(2, "mx.firm.example");
        world.Takes("firm.example", "mx.firm.example");
        Assert.True((await SetLimit.Handle(world.Sending.Actor, new SendLimit("server", "127.0.0.1", 3600, 2), database.Db, world.Sending.Clock, Ct)).IsOk);
        await world.Sending.Enqueue("anna@firm.example", "ben@firm.example", "carl@firm.example");
        await world.Sending.Dispatch();
        Assert.Equal(2, mx.Received.Count);
        world.Sending.Clock.Advance(TimeSpan.FromHours(1.1));
        await world.Sending.Dispatch();
        Assert.Equal(3, mx.Received.Count);
    }

    async Task<string> Provider(string domain)
    {
        await using var tx = await database.Db.BeginUnscoped(Ct);
        return await tx.One("select provider from delivery.recipient_domain where domain = $1", row => row.GetString(0), Ct, domain);
    }
}
