using System.Net;
using System.Text;
using PenguinMails.Core;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.TestMails;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Dns;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Modules.Tests.Fleet.TestMails;

public sealed class TestMailTests(TestDatabase database)
{
    static readonly IPAddress Ours = IPAddress.Parse("192.0.2.25");

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_that_arrives_is_judged_as_a_receiver_would()
    {
        await using var world = await World();
        var (mail, taken) = await Send(world);
        Assert.Equal(("sent", "", mail.Id), (mail.State, mail.Problem, mail.Id));
        Assert.True(await Receive(world, taken, Ours));
        var seen = await Read(world, mail);
        Assert.Equal(("arrived", ""), (seen.State, seen.Problem));
        Assert.Equal(("pass", "pass", "pass", true, "192.0.2.25"), (seen.Arrival?.Spf, seen.Arrival?.Dkim, seen.Arrival?.Dmarc, seen.Arrival?.IsTls, seen.Arrival?.Client));
        Assert.True(seen.Arrival?.IsAuthenticated);
    }

    [Fact]
    public async Task What_does_not_pass_is_named_with_its_reason_and_the_first_arrival_counts()
    {
        await using var world = await World();
        var (mail, taken) = await Send(world);
        Assert.True(await Receive(world, taken, IPAddress.Parse("192.0.2.99")));
        Assert.True(await Receive(world, taken, Ours));
        var seen = await Read(world, mail);
        Assert.Equal(("arrived", "softfail", "pass", false), (seen.State, seen.Arrival?.Spf, seen.Arrival?.Dkim, seen.Arrival?.IsAuthenticated));
        Assert.Contains("SPF softfail", seen.Problem);
        Assert.DoesNotContain("DKIM", seen.Problem);
    }

    [Fact]
    public async Task A_server_that_refuses_is_quoted_with_a_way_on()
    {
        await using var world = await World();
        var (mail, _) = await Send(world, new SmtpAnswer(550, "5.7.1", "You may not send here"));
        Assert.Equal("refused", mail.State);
        Assert.Contains("You may not send here", mail.Problem);
        Assert.Contains("Test the mailbox", mail.Problem);
        Assert.StartsWith("550", mail.SmtpText);
    }

    [Fact]
    public async Task A_bounce_comes_back_to_the_same_message()
    {
        await using var world = await World();
        var (mail, taken) = await Send(world);
        var bounce = Encoding.ASCII.GetBytes("""
            From: MAILER-DAEMON@relay.test
            Subject: Undelivered Mail Returned to Sender
            MIME-Version: 1.0
            Content-Type: multipart/report; report-type=delivery-status; boundary="b"

            --b
            Content-Type: text/plain

            The mail system
            --b
            Content-Type: message/delivery-status

            Reporting-MTA: dns; relay.test

            Final-Recipient: rfc822; x@mx.penguin.test
            Action: failed
            Status: 5.4.4
            Diagnostic-Code: smtp; 550 5.4.4 no route to host

            --b--
            """.ReplaceLineEndings("\r\n"));
        Assert.True(await ReceiveTestMail.Handle(new IncomingTest(taken.Local, Ours, "relay.test", false, "", bounce), world.Db, world.Dns, world.Clock, Ct));
        var seen = await Read(world, mail);
        Assert.Equal("bounced", seen.State);
        Assert.Contains("no route to host", seen.Problem);
    }

    [Theory]
    [InlineData("t-x-y")]
    [InlineData("t-00000000000000000000000000-0123456789abcdefghjkmnpqrstvwxyz")]
    [InlineData("olivia")]
    public async Task Addresses_that_no_test_mail_went_to_are_nobodys(string local)
    {
        await using var world = await World();
        Assert.False(await ReceiveTestMail.Knows(local, world.Db, Ct));
        Assert.False(await ReceiveTestMail.Handle(new IncomingTest(local, Ours, "a.test", false, "b@a.test", "Subject: x\r\n\r\n"u8.ToArray()), world.Db, world.Dns, world.Clock, Ct));
    }

    [Fact]
    public async Task The_token_opens_only_its_own_tenants_message()
    {
        await using var one = await World();
        await using var other = await World();
        var (mail, taken) = await Send(one);
        var swapped = $"t-{other.Tenant.ToString()[4..]}-{taken.Local.Split('-')[2]}";
        Assert.True(await ReceiveTestMail.Knows(taken.Local, one.Db, Ct));
        Assert.False(await ReceiveTestMail.Knows(swapped, one.Db, Ct));
        Assert.Equal("mailbox.not_found", (await ReadTestMail.Handle(other.Actor, mail.MailboxId, mail.Id, other.Db, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task A_paused_mailbox_sends_none()
    {
        await using var world = await World();
        var id = await world.Connect();
        await PauseMailbox.Handle(world.Actor, id, world.Db, world.Clock, Ct);
        Assert.Equal("mailbox.paused", (await SendFrom(world, id)).Problem?.Code);
    }

    async Task<FleetWorld> World()
    {
        var world = FleetWorld.Create(database);
        world.PublishAll(await world.AddDomain());
        world.Publish("mx.penguin.test", DnsType.Txt, "v=spf1 ip4:192.0.2.25 -all");
        // The return path of a test mail is judged by SPF; it refers to the domain.
        world.Publish($"bounce.{world.Name}", DnsType.Txt, $"v=spf1 redirect={world.Name}");
        return world;
    }

    sealed record Taken(string Local, string MailFrom, ReadOnlyMemory<byte> Message);

    static Task<Result<TestMail>> SendFrom(FleetWorld world, MailboxId id) =>
        SendTestMail.Handle(world.Actor, id, world.Db, world.Secrets, world.Box, Outbound.From("127.0.0.0/8"), world.Hosts, TimeProvider.System, Ct);

    /// <summary>Through a mail server that keeps what it takes.</summary>
    static async Task<(TestMail Mail, Taken Taken)> Send(FleetWorld world, SmtpAnswer? refusal = null)
    {
        var taken = new Taken("", "", default);
        var server = SmtpServer.Start(new SmtpServerOptions { Endpoint = new IPEndPoint(IPAddress.Loopback, 0), Name = DomainName.Parse("relay.test"), AllowsClearAuth = true }, new SmtpHandler
        {
            Auth = (_, _, _, _) => ValueTask.FromResult(new SmtpAnswer(235, "2.7.0", "Welcome")),
            Data = (_, delivery, _) =>
            {
                taken = new Taken(delivery.Recipients[0].Local, delivery.Sender?.Text ?? "", delivery.Message);
                return ValueTask.FromResult(refusal ?? SmtpAnswer.Ok);
            },
        }, TimeProvider.System);
        var input = world.Mailbox();
        var id = await world.Connect(input with { Smtp = input.Smtp with { Port = server.Endpoint.Port } });
        var sent = await SendFrom(world, id);
        await server.Stop(Ct);
        return (sent.Value, taken);
    }

    static Task<bool> Receive(FleetWorld world, Taken taken, IPAddress client) =>
        ReceiveTestMail.Handle(new IncomingTest(taken.Local, client, "relay.test", true, taken.MailFrom, taken.Message), world.Db, world.Dns, TimeProvider.System, Ct);

    static async Task<TestMail> Read(FleetWorld world, TestMail mail) => (await ReadTestMail.Handle(world.Actor, mail.MailboxId, mail.Id, world.Db, Ct)).Value;
}
