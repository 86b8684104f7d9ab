using System.Net;
using System.Net.NetworkInformation;
using System.Text;
using PenguinMails.Core;
using PenguinMails.Delivery.Direct;
using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Transport;
using PenguinMails.Fleet.Domains;
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
        var mx = world.Exchange(2, "mx.firm.example");
        world.Takes("firm.example", "mx.firm.example");
        await world.Sending.Enqueue("anna@firm.example");
        await world.Sending.Dispatch();
        Assert.Equal(MessageState.Sent, (await world.Sending.Only()).State);
        Assert.Equal(("out.penguin.test", IPAddress.Loopback), (Assert.Single(mx.Visitors).Hello, mx.Visitors.Single().Address));
        Assert.StartsWith("DKIM-Signature:", Encoding.UTF8.GetString(Assert.Single(mx.Received).Message.Span));
        Assert.Empty(world.Sending.Received);
        Assert.Equal("127.0.0.1", (await world.Sending.Facts()).State.Server); // Limits, guards and warm-ups of an address count by it.
        Assert.Equal("mx:firm.example", await Provider("firm.example"));
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
    public async Task Domains_that_share_a_server_share_its_connection()
    {
        await using var world = await DirectWorld.Create(database);
        var mx = world.Exchange(2, "mx.host.example", data: _ =>
        {
            Assert.Equal(1, Connections(world));
            return SmtpAnswer.Ok;
        });
        world.Takes("one.example", "mx.host.example");
        world.Takes("two.example", "mx.host.example");
        await world.Sending.Enqueue("anna@one.example", "ben@two.example", "carl@one.example", "dora@two.example");
        await world.Sending.Dispatch();
        Assert.Equal(4, mx.Received.Count);
        Assert.Equal(1, world.Reach.Pool.Open);
    }

    [Fact]
    public async Task A_hundred_domains_keep_the_connections_within_bounds()
    {
        const int domains = 100, workers = 3;
        var most = 0;
        await using var world = await DirectWorld.Create(database, connections: workers);
        var mx = world.Exchange(2, "any.example", data: _ =>
        {
            var now = Connections(world);
            lock (world) most = Math.Max(most, now);
            return SmtpAnswer.Ok;
        });
        for (var i = 0; i < domains; i++)
        {
            world.Zone.Add($"mx.firm{i}.example", DnsType.A, "127.0.0.2");
            world.Takes($"firm{i}.example", $"mx.firm{i}.example");
        }

        await world.Sending.Enqueue([.. Enumerable.Range(0, domains).Select(i => $"anna@firm{i}.example")]);
        for (var i = 0; i < 20 && mx.Received.Count < domains; i++) await world.Sending.Dispatch();
        Assert.Equal(domains, mx.Received.Count);
        Assert.InRange(most, 2, DirectPool.IdleMax + workers);
        Assert.InRange(world.Reach.Pool.Open, 1, DirectPool.IdleMax);
        world.Sending.Clock.Advance(DirectPool.IdleTime);
        await world.Reach.Pool.CloseIdle();
        Assert.Equal(0, world.Reach.Pool.Open);
    }

    [Fact]
    public async Task An_organisation_gets_no_more_connections_at_once_than_its_profile_says()
    {
        var (most, at) = (0, 0);
        await using var world = await DirectWorld.Create(database, connections: 8);
        var mx = world.Exchange(2, "mx.host.example", data: _ =>
        {
            lock (world) most = Math.Max(most, ++at);
            Thread.SpinWait(2_000_000);
            lock (world) at--;
            return SmtpAnswer.Ok;
        });
        world.Takes("firm.example", "mx.host.example");
        await world.Sending.Enqueue([.. Enumerable.Range(0, 12).Select(i => $"person{i}@firm.example")]);
        for (var i = 0; i < 20 && mx.Received.Count < 12; i++) await world.Sending.Dispatch();
        Assert.Equal(12, mx.Received.Count);
        Assert.InRange(most, 1, Provider2.ConnectionsMax);
        Assert.InRange(world.Reach.Pool.Open, 1, Provider2.ConnectionsMax);
    }

    [Theory]
    [InlineData(2, 3, 2)]
    [InlineData(3, 3, 3)]
    public async Task The_daily_cap_holds_though_messages_pass_the_gate_twice(int cap, int queued, int sent)
    {
        await using var world = await DirectWorld.Create(database, cap: cap, connections: 3);
        var mx = world.Exchange(2, "any.example");
        for (var i = 0; i < queued; i++)
        {
            world.Zone.Add($"mx.firm{i}.example", DnsType.A, "127.0.0.2");
            world.Takes($"firm{i}.example", $"mx.firm{i}.example");
        }

        await world.Sending.Enqueue([.. Enumerable.Range(0, queued).Select(i => $"anna@firm{i}.example")]);
        for (var i = 0; i < 3; i++) await world.Sending.Dispatch();
        Assert.Equal(sent, mx.Received.Count);
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

    static readonly PenguinMails.Delivery.Pacing.Provider Provider2 = PenguinMails.Delivery.Pacing.Provider.Other;

    static int Connections(DirectWorld world) => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
        .Count(connection => connection.RemoteEndPoint.Port == world.Port && connection.RemoteEndPoint.Address.ToString().StartsWith("127.0.0.", StringComparison.Ordinal) && connection.State == TcpState.Established);

    async Task<string> Provider(string domain)
    {
        await using var tx = await database.Db.BeginUnscoped(Ct);
        return await tx.One("select provider from delivery.recipient_domain where domain = $1", row => row.GetString(0), Ct, domain);
    }
}
