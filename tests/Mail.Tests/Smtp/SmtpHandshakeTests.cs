using System.Net;
using System.Net.Security;
using System.Text;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Mail.Tests.Smtp;

public sealed class SmtpHandshakeTests
{
    static readonly SmtpEnvelope Envelope = new(null, EmailAddress.Parse("b@example.net"));

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static SmtpClientOptions Options(ScriptedPeer peer, TlsPolicy tls) => new()
    {
        Server = peer.EndPoint, EhloName = "client.example", Tls = tls, TlsName = "mx.example.net", KeepDialogue = true,
        Timeouts = SmtpTimeouts.AtMost(TimeSpan.FromSeconds(10)),
    };

    static async Task<SmtpKind> Deliver(SmtpClientOptions options)
    {
        var opening = await SmtpConnection.Open(options, SmtpConnectors.Direct, TimeProvider.System, Ct);
        if (opening.Connection is null) return opening.Refusal!.Kind;
        await using var connection = opening.Connection;
        return (await connection.Send(Envelope, "x\r\n"u8.ToArray(), null, Ct)).Kind;
    }

    [Theory]
    [InlineData(TlsPolicy.None, SmtpKind.Accepted)]
    [InlineData(TlsPolicy.Opportunistic, SmtpKind.Accepted)]
    [InlineData(TlsPolicy.Required, SmtpKind.PermanentRefusal)]
    public async Task Server_without_ehlo_gets_helo_unless_tls_is_required(TlsPolicy tls, SmtpKind kind)
    {
        await using var peer = new ScriptedPeer(line => line.Serve(async verb =>
        {
            if (verb == "EHLO") await line.Say("502 5.5.1 what\r\n");
            return verb == "EHLO";
        }));
        Assert.Equal(kind, await Deliver(Options(peer, tls)));
        Assert.Equal(kind == SmtpKind.Accepted, peer.Heard.Contains("HELO client.example"));
    }

    [Theory]
    [InlineData("454 4.7.0 not now", TlsPolicy.Opportunistic, SmtpKind.Accepted)]
    [InlineData("454 4.7.0 not now", TlsPolicy.Required, SmtpKind.TransientRefusal)]
    [InlineData("220 go\r\nthis is no handshake", TlsPolicy.Opportunistic, SmtpKind.ConnectionLostBeforeData)]
    [InlineData("220 go\r\nthis is no handshake", TlsPolicy.Required, SmtpKind.ConnectionLostBeforeData)]
    public async Task Refused_starttls_is_taken_by_policy(string reply, TlsPolicy tls, SmtpKind kind)
    {
        await using var peer = new ScriptedPeer(line => line.Serve(async verb =>
        {
            if (verb == "STARTTLS") await line.Say(reply + "\r\n");
            return verb == "STARTTLS";
        }, "250-STARTTLS\r\n"));
        Assert.Equal(kind, await Deliver(Options(peer, tls)));
    }

    [Fact]
    public async Task Implicit_tls_is_encrypted_from_the_first_octet()
    {
        using var certificate = TestCertificate.For("mx.example.net");
        await using var peer = new ScriptedPeer(async line =>
        {
            var tls = new SslStream(line.Stream);
            try { await tls.AuthenticateAsServerAsync(certificate); }
            catch (System.Security.Authentication.AuthenticationException) { return; }
            line.Stream = tls;
            await line.Serve(_ => Task.FromResult(false));
        });
        Assert.Equal(SmtpKind.Accepted, await Deliver(Options(peer, TlsPolicy.Implicit) with { Roots = [certificate] }));
        Assert.Equal(SmtpKind.ConnectionLostBeforeData, await Deliver(Options(peer, TlsPolicy.Implicit)));
        await using var clear = new ScriptedPeer(line => line.Serve(_ => Task.FromResult(false)));
        Assert.Equal(SmtpKind.ConnectionLostBeforeData, await Deliver(Options(clear, TlsPolicy.Implicit)));
    }

    [Fact]
    public async Task Idle_connection_outlives_the_limit_of_its_last_command()
    {
        await using var peer = new ScriptedPeer(line => line.Serve(_ => Task.FromResult(false)));
        var hasty = Options(peer, TlsPolicy.None) with { Timeouts = SmtpTimeouts.AtMost(TimeSpan.FromSeconds(1)) };
        var opening = await SmtpConnection.Open(hasty, SmtpConnectors.Direct, TimeProvider.System, Ct);
        await using var connection = opening.Connection!;
        await Task.Delay(TimeSpan.FromMilliseconds(1500), TimeProvider.System, Ct);
        Assert.Equal(SmtpKind.Accepted, (await connection.Send(Envelope, "x\r\n"u8.ToArray(), null, Ct)).Kind);
    }

    [Theory]
    [InlineData("421 4.4.2 idle\r\n")]
    [InlineData("")]
    public async Task Connection_that_the_server_left_is_not_reusable(string farewell)
    {
        var leave = new TaskCompletionSource();
        var left = new TaskCompletionSource();
        await using var peer = new ScriptedPeer(line => line.Serve(async verb =>
        {
            if (verb != "DOT") return false;
            await line.Say("250 ok\r\n");
            await leave.Task;
            await line.Say(farewell);
            line.HangUp();
            left.SetResult();
            return true;
        }));
        var opening = await SmtpConnection.Open(Options(peer, TlsPolicy.None), SmtpConnectors.Direct, TimeProvider.System, Ct);
        await using var connection = opening.Connection!;
        Assert.Equal(SmtpKind.Accepted, (await connection.Send(Envelope, "x\r\n"u8.ToArray(), null, Ct)).Kind);
        Assert.True(connection.IsReusable);
        leave.SetResult();
        await left.Task;
        Assert.False(connection.IsReusable);
    }

    [Fact]
    public async Task Server_that_gives_up_in_the_middle_of_a_message_is_heard()
    {
        await using var peer = new ScriptedPeer(line => line.Serve(async verb =>
        {
            if (verb != "DATA") return false;
            await line.Say("354 go\r\n552 5.3.4 too big\r\n");
            line.HangUp();
            return true;
        }));
        var opening = await SmtpConnection.Open(Options(peer, TlsPolicy.None), SmtpConnectors.Direct, TimeProvider.System, Ct);
        await using var connection = opening.Connection!;
        var outcome = await connection.Send(Envelope, Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("0123456789\r\n", 2_000_000))), null, Ct);
        Assert.Equal((SmtpStage.Data, SmtpKind.PermanentRefusal, "5.3.4"), (outcome.Stage, outcome.Kind, outcome.EnhancedCode));
    }

    [Fact]
    public async Task Dialogue_is_capped_in_lines_and_in_length()
    {
        await using var peer = new ScriptedPeer(line => line.Serve(async verb =>
        {
            if (verb == "EHLO") await line.Say(string.Concat(Enumerable.Repeat("250-" + new string('x', 600) + "\r\n", 90)) + "250 x\r\n");
            return verb == "EHLO";
        }));
        var opening = await SmtpConnection.Open(Options(peer, TlsPolicy.None), SmtpConnectors.Direct, TimeProvider.System, Ct);
        await using var connection = opening.Connection!;
        for (var i = 0; i < 60; i++) await connection.Noop(Ct);
        Assert.Equal((200, true), (opening.Dialogue!.Lines.Count, opening.Dialogue.IsCut));
        Assert.Equal(512, opening.Dialogue.Lines.Max(line => line.Text.Length));
    }

    [Theory]
    [InlineData("AUTH PLAIN AHUAcA==\r\n", "235")]
    [InlineData("AUTH PLAIN\r\nAHUAcA==\r\n", "235")]
    [InlineData("AUTH LOGIN\r\ndQ==\r\ncA==\r\n", "235")]
    [InlineData("AUTH LOGIN dQ==\r\ncA==\r\n", "235")]
    [InlineData("AUTH PLAIN AHUAeA==\r\n", "535")]
    [InlineData("AUTH PLAIN\r\n*\r\n", "501")]
    [InlineData("AUTH PLAIN !!!\r\n", "501")]
    [InlineData("AUTH CRAM-MD5\r\n", "501")]
    [InlineData("AUTH PLAIN AHUAcA==\r\nAUTH PLAIN AHUAcA==\r\n", "503")]
    [InlineData("MAIL FROM:<>\r\n", "530")]
    public async Task Server_takes_logins_in_every_form(string said, string code)
    {
        await using var server = SmtpServer.Start(
            new SmtpServerOptions { Endpoint = new IPEndPoint(IPAddress.Loopback, 0), Name = DomainName.Parse("mx.example.net"), AllowsClearAuth = true, RequiresAuth = true },
            new SmtpHandler
            {
                Auth = (_, user, secret, _) => ValueTask.FromResult(user == "u" && secret == "p" ? new SmtpAnswer(235, "2.7.0", "ok") : new SmtpAnswer(535, "5.7.8", "no")),
                Data = (_, _, _) => ValueTask.FromResult(SmtpAnswer.Ok),
            },
            TimeProvider.System);
        var replies = await SmtpServerTests.Talk(server, "EHLO c.example\r\n" + said);
        Assert.StartsWith(code, replies.Split("\r\n", StringSplitOptions.RemoveEmptyEntries)[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Server_outlives_octets_of_any_kind(int seed)
    {
        var random = new Random(seed);
        var faults = 0;
        await using var server = SmtpServer.Start(
            new SmtpServerOptions { Endpoint = new IPEndPoint(IPAddress.Loopback, 0), Name = DomainName.Parse("mx.example.net") },
            new SmtpHandler { Data = (_, _, _) => ValueTask.FromResult(SmtpAnswer.Ok), Faulted = _ => faults++ },
            TimeProvider.System);
        string[] pieces = ["EHLO x\r\n", "MAIL FROM:<", "RCPT TO:<", "a@example.com>", "\r\n", "DATA\r\n", ".\r\n", "\0", "\n", "\r", "ÿ", "AUTH PLAIN ", "STARTTLS\r\n", "RSET\r\n", " SIZE=1", "\"", "\\", "<@:"];
        for (var round = 0; round < 100; round++)
        {
            var said = string.Concat(Enumerable.Range(0, 60).Select(_ => pieces[random.Next(pieces.Length)]));
            Assert.StartsWith("220", await SmtpServerTests.Talk(server, said), StringComparison.Ordinal);
        }
        Assert.Equal(0, faults);
    }
}
