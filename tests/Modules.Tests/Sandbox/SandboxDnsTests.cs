using System.Net.Sockets;
using System.Security.Cryptography;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Modules.Tests.Sandbox;

public sealed class SandboxDnsTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static DnsResolver Resolver(SandboxWorld world) =>
        new(new DnsResolverOptions { Server = world.Server.DnsEndpoint, Timeout = TimeSpan.FromSeconds(5) }, TimeProvider.System, RandomNumberGenerator.Fill);

    [Theory]
    [InlineData(DnsType.A, "192.0.2.1", "192.0.2.1", 0)]
    [InlineData(DnsType.Aaaa, "2001:db8::1", "2001:db8::1", 0)]
    [InlineData(DnsType.Mx, "10 MX.penguin.test", "mx.penguin.test", 10)]
    [InlineData(DnsType.Mx, "0 .", "", 0)]
    [InlineData(DnsType.Txt, "v=spf1 include:x ~all", "v=spf1 include:x ~all", 0)]
    [InlineData(DnsType.Txt, "", "", 0)]
    [InlineData(DnsType.Cname, "app.penguin.test", "app.penguin.test", 0)]
    [InlineData(DnsType.Ptr, "mx.penguin.test.", "mx.penguin.test", 0)]
    [InlineData(DnsType.Ns, "ns1.acme.test", "ns1.acme.test", 0)]
    [InlineData(DnsType.Soa, "ns1.acme.test admin.acme.test 7 3600 600 86400 300", "ns1.acme.test admin.acme.test 7", 0)]
    public async Task A_published_record_is_answered_as_it_was_given(DnsType type, string value, string found, int preference)
    {
        await using var world = await SandboxWorld.Create();
        Assert.True(world.Server.Publish("Acme.Test.", type, [value]).IsOk);
        var answer = await Resolver(world).Ask("ACME.test", type, Ct);
        Assert.Equal(DnsStatus.Found, answer.Status);
        Assert.Equal((found, preference), (Assert.Single(answer.Records).Value, answer.Records[0].Preference));
    }

    [Theory]
    [InlineData(254)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(410)]
    [InlineData(1100)] // Near the 1232 of EDNS.
    [InlineData(1300)] // By TCP.
    [InlineData(16_000)]
    public async Task A_long_text_comes_whole(int length)
    {
        await using var world = await SandboxWorld.Create();
        var text = string.Concat(Enumerable.Range(0, length).Select(i => (char)('a' + i % 26)));
        world.Server.Publish("s._domainkey.acme.test", DnsType.Txt, [text]);
        var answer = await Resolver(world).Ask("s._domainkey.acme.test", DnsType.Txt, Ct);
        Assert.Equal(text, Assert.Single(answer.Records).Value);
    }

    [Theory]
    [InlineData(false, 512)]
    [InlineData(true, 1232)]
    public async Task What_does_not_fit_a_datagram_is_marked_as_cut(bool hasEdns, int octetsMax)
    {
        await using var world = await SandboxWorld.Create();
        var overhead = 12 + 16 + 4 + (16 + 10) + (hasEdns ? 11 : 0); // Header, name, type and class; owner and fixed fields; OPT.
        var strings = octetsMax - overhead;
        var fits = new string('x', strings - (strings + 255) / 256);
        Assert.Equal((octetsMax, false), await Datagram(world, fits, hasEdns));
        var (length, isCut) = await Datagram(world, fits + "x", hasEdns);
        Assert.True(isCut && length < 100);
    }

    [Theory]
    [InlineData("acme.test", DnsType.Mx, DnsStatus.NoRecords)]
    [InlineData("_domainkey.acme.test", DnsType.Txt, DnsStatus.NoRecords)] // Only a name below it has records.
    [InlineData("gone.acme.test", DnsType.Txt, DnsStatus.NoName)]
    [InlineData("xacme.test", DnsType.Txt, DnsStatus.NoName)]
    public async Task A_name_without_records_is_told_from_a_name_that_is_not_there(string name, DnsType type, DnsStatus status)
    {
        await using var world = await SandboxWorld.Create();
        world.Server.Publish("acme.test", DnsType.Soa, ["ns1.acme.test admin.acme.test 7 3600 600 86400 300"]);
        world.Server.Publish("s._domainkey.acme.test", DnsType.Txt, ["v=DKIM1; p="]);
        Assert.Equal(status, (await Resolver(world).Ask(name, type, Ct)).Status);
    }

    [Fact]
    public async Task An_alias_leads_to_the_records_of_its_target()
    {
        await using var world = await SandboxWorld.Create();
        world.Server.Publish("track.acme.test", DnsType.Cname, ["app.penguin.test"]);
        world.Server.Publish("app.penguin.test", DnsType.A, ["127.0.0.1"]);
        var answer = await Resolver(world).Ask("track.acme.test", DnsType.A, Ct);
        Assert.Equal((DnsStatus.Found, "app.penguin.test", "127.0.0.1"), (answer.Status, answer.CanonicalName, answer.Records[0].Value));
        world.Server.Publish("loop.acme.test", DnsType.Cname, ["loop.acme.test"]);
        Assert.Equal(DnsStatus.ServerFailed, (await Resolver(world).Ask("loop.acme.test", DnsType.A, Ct)).Status);
    }

    [Fact]
    public async Task Records_last_over_a_restart_until_they_are_taken_back()
    {
        await using var world = await SandboxWorld.Create();
        world.Server.Publish("acme.test", DnsType.Txt, ["one", "two"]);
        await world.Restart();
        Assert.Equal(["one", "two"], (await Resolver(world).Ask("acme.test", DnsType.Txt, Ct)).Records.Select(record => record.Value));
        world.Server.Publish("acme.test", DnsType.Txt, []);
        Assert.Equal(DnsStatus.NoName, (await Resolver(world).Ask("acme.test", DnsType.Txt, Ct)).Status);
    }

    static async Task<(int Length, bool IsCut)> Datagram(SandboxWorld world, string text, bool hasEdns)
    {
        world.Server.Publish("long.acme.test", DnsType.Txt, [text]);
        byte[] question = [0, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, (byte)(hasEdns ? 1 : 0), 4, .. "long"u8, 4, .. "acme"u8, 4, .. "test"u8, 0, 0, 16, 0, 1,
            .. hasEdns ? (byte[])[0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 0] : []];
        using var udp = new UdpClient();
        udp.Connect(world.Server.DnsEndpoint);
        await udp.SendAsync(question, Ct);
        var answer = (await udp.ReceiveAsync(Ct)).Buffer;
        return (answer.Length, (answer[2] & 2) != 0);
    }
}
