using System.Net.NetworkInformation;
using PenguinMails.Delivery.Direct;
using PenguinMails.Delivery.Pacing;
using PenguinMails.Mail.Dns;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Modules.Tests.Delivery.Direct;

/// <summary>How many connections there are to recipients' servers, and who shares them.</summary>
public sealed class DirectPoolTests(TestDatabase database)
{
    // None of the known receives at these listeners.
    static readonly Provider Unknown = Provider.Other;

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
        var (most, mostOpen) = (0, 0);
        await using var world = await DirectWorld.Create(database, connections: workers);
        var mx = world.Exchange(2, "any.example", data: _ =>
        {
            var (now, open) = (Connections(world), world.Reach.Pool.Open);
            lock (world) (most, mostOpen) = (Math.Max(most, now), Math.Max(mostOpen, open));
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
        Assert.InRange(mostOpen, 2, DirectPool.IdleMax + workers);
        Assert.InRange(most, 2, DirectPool.IdleMax + 2 * workers); // The kernel's table is read line by line: a worker's connection may be seen as it goes and again as it comes.
        Assert.InRange(world.Reach.Pool.Open, 1, DirectPool.IdleMax);
        world.Sending.Clock.Advance(DirectPool.IdleTime);
        await world.Reach.Pool.Tend();
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
        Assert.InRange(most, 1, Unknown.ConnectionsMax);
        Assert.InRange(world.Reach.Pool.Open, 1, Unknown.ConnectionsMax);
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
    public async Task The_gap_between_two_messages_holds_directly_too()
    {
        await using var world = await DirectWorld.Create(database, gap: 100);
        var mx = world.Exchange(2, "mx.firm.example");
        world.Takes("firm.example", "mx.firm.example");
        await world.Sending.Enqueue("anna@firm.example", "ben@firm.example");
        await world.Sending.Dispatch();
        world.Sending.Clock.Advance(TimeSpan.FromSeconds(99));
        await world.Sending.Dispatch();
        Assert.Single(mx.Received);
        world.Sending.Clock.Advance(TimeSpan.FromSeconds(32));
        await world.Sending.Dispatch();
        Assert.Equal(2, mx.Received.Count);
    }

    static int Connections(DirectWorld world) => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
        .Count(connection => connection.RemoteEndPoint.Port == world.Port && connection.RemoteEndPoint.Address.ToString().StartsWith("127.0.0.", StringComparison.Ordinal) && connection.State == TcpState.Established);
}
