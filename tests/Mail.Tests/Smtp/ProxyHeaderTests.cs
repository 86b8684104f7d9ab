using System.Net;
using System.Net.Sockets;
using System.Text;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Mail.Tests.Smtp;

/// <summary>Who the client is when a proxy stands in front (PROXY protocol, versions 1 and 2).</summary>
public sealed class ProxyHeaderTests
{
    const string Begin = "EHLO c.example\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.net>\r\n";

    readonly List<SmtpVisitor> visitors = [];

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    SmtpServer Start(Func<SmtpServerOptions, SmtpServerOptions>? with = null)
    {
        var options = new SmtpServerOptions { Endpoint = new IPEndPoint(IPAddress.Loopback, 0), Name = DomainName.Parse("mx.example.net") };
        return SmtpServer.Start(with?.Invoke(options) ?? options, new SmtpHandler
        {
            Data = (visitor, _, _) =>
            {
                lock (visitors) visitors.Add(visitor);
                return ValueTask.FromResult(SmtpAnswer.Ok);
            },
        }, TimeProvider.System);
    }

    public static TheoryData<byte[], string> ProxyHeaders()
    {
        byte[] signature = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];
        byte[] four = [.. signature, 0x21, 0x11, 0, 12, 203, 0, 113, 7, 127, 0, 0, 1, 0x12, 0x34, 0, 25];
        byte[] six = [.. signature, 0x21, 0x21, 0, 36, .. IPAddress.Parse("2001:db8::7").GetAddressBytes(), .. IPAddress.IPv6Loopback.GetAddressBytes(), 0x12, 0x34, 0, 25];
        byte[] withFields = [.. signature, 0x21, 0x11, 0, 15, 203, 0, 113, 7, 127, 0, 0, 1, 0x12, 0x34, 0, 25, 4, 0, 0];
        return new()
        {
            { "PROXY TCP4 203.0.113.7 127.0.0.1 4660 25\r\n"u8.ToArray(), "203.0.113.7" },
            { "PROXY TCP6 2001:db8::7 ::1 4660 25\r\n"u8.ToArray(), "2001:db8::7" },
            { "PROXY UNKNOWN\r\n"u8.ToArray(), "127.0.0.1" },
            { four, "203.0.113.7" },
            { six, "2001:db8::7" },
            { withFields, "203.0.113.7" },
            { [.. signature, 0x20, 0, 0, 0], "127.0.0.1" },
        };
    }

    [Theory]
    [MemberData(nameof(ProxyHeaders))]
    public async Task A_trusted_proxy_says_who_the_client_is(byte[] header, string address)
    {
        await using var server = Start(o => o with { Proxies = [IPNetwork.Parse("127.0.0.0/8")] });
        for (var octet = 0; octet < 2; octet++)
        {
            await Raw(server, [.. header, .. Encoding.ASCII.GetBytes(Begin + "DATA\r\n\r\n.\r\nQUIT\r\n")], byOctet: octet == 1);
            Assert.Equal(address, visitors[octet].Address.ToString());
        }
    }

    [Theory]
    [InlineData("EHLO c.example\r\n")]
    [InlineData("PROXY TCP4 nobody 127.0.0.1 1 2\r\n")]
    [InlineData("PROXY TCP4 203.0.113.7 127.0.0.1 99999 25\r\n")]
    [InlineData("\r\n\r\n\0\r\nQUIX\n")]
    [InlineData("PROXY TCP4 203.0.113.7 127.0.0.1 4660 25 and then far more than any such line may ever have, so that it is over before it ends\r\n")]
    public async Task A_proxy_that_says_nothing_sensible_is_cut_off(string said)
    {
        await using var server = Start(o => o with { Proxies = [IPNetwork.Parse("127.0.0.0/8")] });
        Assert.Equal("", await Raw(server, Encoding.ASCII.GetBytes(said), byOctet: false));
    }

    [Fact]
    public async Task Others_cannot_name_themselves()
    {
        await using var server = Start();
        Assert.Equal(["220", "500", "221"], SmtpServerTests.Codes(await SmtpServerTests.Talk(server, "PROXY TCP4 203.0.113.7 127.0.0.1 4660 25\r\nQUIT\r\n")));
    }

    static async Task<string> Raw(SmtpServer server, byte[] octets, bool byOctet)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server.Endpoint, Ct);
        await using var stream = new NetworkStream(socket);
        for (var i = 0; i < octets.Length; i += byOctet ? 1 : octets.Length) await socket.SendAsync(octets.AsMemory(i, byOctet ? 1 : octets.Length), Ct);
        return await SmtpServerTests.Rest(stream);
    }
}
