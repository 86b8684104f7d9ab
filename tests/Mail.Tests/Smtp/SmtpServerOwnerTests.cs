using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Mail.Tests.Smtp;

public sealed class SmtpServerOwnerTests
{
    const string Hello = "EHLO c.example\r\n";
    const string Begin = Hello + "MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n";

    readonly List<SmtpDelivery> got = [];

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static SmtpServerOptions Options => new() { Endpoint = new IPEndPoint(IPAddress.Loopback, 0), Name = DomainName.Parse("mx.example.net") };

    SmtpServer Start(SmtpServerOptions? options = null, SmtpHandler? handler = null) =>
        SmtpServer.Start(options ?? Options, handler ?? Keeping(), TimeProvider.System);

    SmtpHandler Keeping() => new()
    {
        Data = (_, delivery, _) =>
        {
            lock (got) got.Add(delivery);
            return ValueTask.FromResult(SmtpAnswer.Ok);
        },
    };

    [Fact]
    public async Task Owner_decides_at_each_stage_and_its_failure_is_put_off()
    {
        var faults = 0;
        await using var server = Start(null, new SmtpHandler
        {
            Mail = (_, sender, _) => ValueTask.FromResult(sender is null ? new SmtpAnswer(550, "5.7.1", "no\r\n250 nulls") : SmtpAnswer.Ok),
            Rcpt = (_, recipient, _) => recipient.Local == "boom" ? throw new InvalidOperationException() : ValueTask.FromResult(SmtpAnswer.Ok),
            Data = (_, _, _) => ValueTask.FromResult(new SmtpAnswer(250, "2.0.0", "gone") { HangsUp = true }),
            Faulted = _ => faults++,
        });
        Assert.Contains("550 5.7.1 no??250 nulls\r\n", await SmtpServerTests.Talk(server, Hello + "MAIL FROM:<>\r\n"), StringComparison.Ordinal);
        Assert.Contains("451 4.3.0", await SmtpServerTests.Talk(server, Hello + "MAIL FROM:<a@example.com>\r\nRCPT TO:<boom@example.com>\r\n"), StringComparison.Ordinal);
        Assert.Equal("354", SmtpServerTests.Codes(await SmtpServerTests.Talk(server, Begin + "x\r\n.\r\n"))[^1]);
        Assert.Equal(1, faults);
    }

    [Fact]
    public async Task Client_and_server_meet_over_starttls_with_a_login()
    {
        using var certificate = TestCertificate.For("mx.example.net");
        await using var server = Start(Options with { Certificate = () => SslStreamCertificateContext.Create(certificate, null), RequiresAuth = true }, Keeping() with
        {
            Auth = (_, user, secret, _) => ValueTask.FromResult(user == "u" && secret == "p" ? new SmtpAnswer(235, "2.7.0", "ok") : new SmtpAnswer(535, "5.7.8", "no")),
        });
        var options = new SmtpClientOptions
        {
            Server = new DnsEndPoint("127.0.0.1", server.Endpoint.Port), EhloName = "c.example", Tls = TlsPolicy.Required, TlsName = "mx.example.net",
            Roots = [certificate], Credentials = new SmtpCredentials("u", "p", false), Timeouts = SmtpTimeouts.AtMost(TimeSpan.FromSeconds(5)),
        };
        var opening = await SmtpConnection.Open(options, SmtpConnectors.Direct, TimeProvider.System, Ct);
        await using (var connection = opening.Connection!)
        {
            var envelope = new SmtpEnvelope(null, EmailAddress.Parse("b@example.net"));
            Assert.Equal(SmtpKind.Accepted, (await connection.Send(envelope, "x\r\n"u8.ToArray(), null, Ct)).Kind);
            await connection.Quit(Ct);
        }
        Assert.Single(got);
        await Refused(options with { TlsName = "other.example" }, SmtpStage.Tls, SmtpKind.ConnectionLostBeforeData);
        await Refused(options with { Roots = null }, SmtpStage.Tls, SmtpKind.ConnectionLostBeforeData);
        await Refused(options with { Credentials = new SmtpCredentials("u", "wrong", false) }, SmtpStage.Auth, SmtpKind.PermanentRefusal);
        var blind = await SmtpConnection.Open(options with { Tls = TlsPolicy.Opportunistic, TlsName = "other.example", Credentials = null }, SmtpConnectors.Direct, TimeProvider.System, Ct);
        Assert.Null(blind.Refusal);
        await blind.Connection!.DisposeAsync();
    }

    static async Task Refused(SmtpClientOptions options, SmtpStage stage, SmtpKind kind)
    {
        var refusal = (await SmtpConnection.Open(options, SmtpConnectors.Direct, TimeProvider.System, Ct)).Refusal!;
        Assert.Equal((stage, kind), (refusal.Stage, refusal.Kind));
    }

    [Fact]
    public async Task What_is_said_in_clear_behind_starttls_counts_on_neither_side()
    {
        using var certificate = TestCertificate.For("mx.example.net");
        await using var server = Start(Options with { Certificate = () => SslStreamCertificateContext.Create(certificate, null) });
        Assert.Contains("554 5.5.1", await SmtpServerTests.Talk(server, Hello + "STARTTLS\r\nMAIL FROM:<evil@example.com>\r\n"), StringComparison.Ordinal);

        await using var peer = new ScriptedPeer(async line =>
        {
            await line.Say("220 x\r\n");
            await line.Hear();
            await line.Say("250-x\r\n250 STARTTLS\r\n");
            await line.Hear();
            // RFC 3207 4.2: the injected capability list must be forgotten.
            await line.Say("220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n");
            var tls = new SslStream(line.Stream);
            await tls.AuthenticateAsServerAsync(certificate);
            line.Stream = tls;
            await line.Hear();
            await line.Say("250-x\r\n250 PIPELINING\r\n");
            await line.Hear();
        });
        var opening = await SmtpConnection.Open(
            new SmtpClientOptions { Server = peer.EndPoint, EhloName = "c.example", Tls = TlsPolicy.Required, TlsName = "mx.example.net", Roots = [certificate] },
            SmtpConnectors.Direct, TimeProvider.System, Ct);
        await using var connection = opening.Connection!;
        Assert.Empty(connection.Capabilities.Auth);
        Assert.True(connection.Capabilities.Pipelining);
    }

    [Fact]
    public async Task Stopping_lets_a_message_under_way_arrive_and_says_goodbye_to_the_idle()
    {
        var server = Start();
        using var idle = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await idle.ConnectAsync(server.Endpoint, Ct);
        using var busy = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await busy.ConnectAsync(server.Endpoint, Ct);
        await busy.SendAsync(Encoding.ASCII.GetBytes(Begin + "x\r\n"), Ct);
        var heard = "";
        var room = new byte[1000];
        while (!heard.Contains("354", StringComparison.Ordinal)) heard += Encoding.ASCII.GetString(room, 0, await busy.ReceiveAsync(room, Ct));
        var stop = server.Stop(Ct).AsTask();
        await busy.SendAsync(".\r\n"u8.ToArray(), Ct);
        await stop.WaitAsync(TimeSpan.FromSeconds(10), Ct);
        Assert.Single(got);
        Assert.Contains("421 4.3.2", await SmtpServerTests.Rest(new NetworkStream(idle)), StringComparison.Ordinal);
        await server.DisposeAsync();
    }
}
