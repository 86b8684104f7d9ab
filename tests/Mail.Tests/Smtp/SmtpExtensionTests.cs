using System.Net;
using System.Net.Security;
using System.Text;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Mail.Tests.Smtp;

/// <summary>CHUNKING (RFC 3030), DSN (RFC 3461) and REQUIRETLS (RFC 8689).</summary>
public sealed class SmtpExtensionTests
{
    const string Begin = "EHLO c.example\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.net>\r\n";
    static readonly EmailAddress Sender = EmailAddress.Parse("a@example.com");
    static readonly EmailAddress Recipient = EmailAddress.Parse("b@example.net");

    readonly List<SmtpDelivery> got = [];

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    SmtpServer Start(Func<SmtpServerOptions, SmtpServerOptions>? with = null)
    {
        var options = new SmtpServerOptions { Endpoint = new IPEndPoint(IPAddress.Loopback, 0), Name = DomainName.Parse("mx.example.net"), MessageOctetsMax = 1000 };
        return SmtpServer.Start(with?.Invoke(options) ?? options, new SmtpHandler
        {
            Data = (_, delivery, _) =>
            {
                lock (got) got.Add(delivery);
                return ValueTask.FromResult(SmtpAnswer.Ok);
            },
        }, TimeProvider.System);
    }

    [Theory]
    [InlineData("BDAT 12 LAST\r\nA: b\r\n\r\n.c\r\n", "A: b\r\n\r\n.c\r\n", false)]
    [InlineData("BDAT 12 LAST\r\nA: b\r\n\r\n.c\r\n", "A: b\r\n\r\n.c\r\n", true)]
    [InlineData("BDAT 6\r\nA: b\r\nBDAT 2\r\n\r\nBDAT 4 LAST\r\n.c\r\n", "A: b\r\n\r\n.c\r\n", true)]
    [InlineData("BDAT 8\r\nA: b\r\n\r\nBDAT 0 LAST\r\n", "A: b\r\n\r\n", false)]
    [InlineData("BDAT 9 last\r\nA: b\r\n\r\nc", "A: b\r\n\r\nc\r\n", false)]
    public async Task Chunks_make_one_message_without_dots_undone(string said, string message, bool byOctet)
    {
        await using var server = Start();
        var replies = await SmtpServerTests.Talk(server, Begin + said + "QUIT\r\n", byOctet);
        Assert.EndsWith("250 2.0.0 Ok\r\n221 2.0.0 Bye\r\n", replies);
        Assert.Equal(message, Encoding.ASCII.GetString(Assert.Single(got).Message.Span));
    }

    [Theory]
    [InlineData("EHLO c.example\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n", "503,250,221")] // The octets of a chunk are never commands.
    [InlineData(Begin + "BDAT 4\r\nabcdDATA\r\n", "250,503,221")]
    [InlineData(Begin + "BDAT 4\r\nabcdRSET\r\nMAIL FROM:<>\r\n", "250,250,250,221")]
    [InlineData(Begin + "BDAT x LAST\r\n", "501")] // Nobody knows where the next command begins.
    [InlineData(Begin + "BDAT 6 LAST\r\na\nb\nc\n", "550,221")] // Bare line feeds, as in DATA.
    [InlineData(Begin + "BDAT 99999999999999999999 LAST\r\n", "501")]
    public async Task Chunks_in_the_wrong_place_or_form_are_refused_and_read_away(string said, string codes)
    {
        await using var server = Start();
        var all = SmtpServerTests.Codes(await SmtpServerTests.Talk(server, said + (codes.EndsWith("221", StringComparison.Ordinal) ? "QUIT\r\n" : "")));
        var expected = codes.Split(',');
        Assert.Equal(expected, all[^expected.Length..]);
        Assert.Empty(got);
    }

    [Theory]
    [InlineData(998, true)]
    [InlineData(1000, true)]
    [InlineData(1001, false)]
    public async Task Chunks_together_have_the_limit_of_a_message(int octets, bool isTaken)
    {
        await using var server = Start();
        var half = octets / 2;
        var text = new string('x', octets - 2) + "\r\n";
        var replies = await SmtpServerTests.Talk(server, $"{Begin}BDAT {half}\r\n{text[..half]}BDAT {octets - half} LAST\r\n{text[half..]}QUIT\r\n");
        Assert.EndsWith((isTaken ? "250 2.0.0 Ok" : "552 5.3.4 Message too large") + "\r\n221 2.0.0 Bye\r\n", replies);
        Assert.Equal(isTaken ? 1 : 0, got.Count);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(64 * 1024)]
    [InlineData(300_000)]
    public async Task Client_and_server_agree_about_chunks_of_any_size(int lines)
    {
        await using var server = Start(o => o with { MessageOctetsMax = 2_000_000 });
        var message = Encoding.ASCII.GetBytes("A: b\r\n\r\n" + string.Concat(Enumerable.Repeat(".x\r\n", lines)));
        var (outcome, _) = await Deliver(new DnsEndPoint("127.0.0.1", server.Endpoint.Port), new SmtpEnvelope(Sender, Recipient), message, o => o with { UsesChunking = true });
        Assert.Equal(SmtpKind.Accepted, outcome.Kind);
        Assert.True(Assert.Single(got).Message.Span.SequenceEqual(message));
    }

    [Fact]
    public async Task A_refused_recipient_gets_no_chunk_and_the_connection_goes_on()
    {
        await using var peer = new ScriptedPeer(line => line.Serve(async verb =>
        {
            if (verb != "RCPT") return false;
            await line.Say("550 5.1.1 gone\r\n");
            return true;
        }, "250-PIPELINING\r\n250-CHUNKING\r\n"));
        var (outcome, _) = await Deliver(peer.EndPoint, new SmtpEnvelope(Sender, EmailAddress.Parse("gone@example.net")), "A: b\r\n\r\n"u8.ToArray(), o => o with { UsesChunking = true });
        Assert.Equal((SmtpKind.PermanentRefusal, SmtpStage.Rcpt), (outcome.Kind, outcome.Stage));
        Assert.DoesNotContain(peer.Heard, said => said.StartsWith("BDAT", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, "MAIL FROM:<a@example.com> RET=HDRS ENVID=a+2Bb+3D1", "RCPT TO:<b@example.net> NOTIFY=FAILURE,DELAY ORCPT=rfc822;b+2Bx@example.net")]
    [InlineData(false, "MAIL FROM:<a@example.com>", "RCPT TO:<b@example.net>")]
    public async Task Reports_are_wished_for_where_the_server_offers_them(bool offers, string mail, string rcpt)
    {
        await using var peer = new ScriptedPeer(line => line.Serve(_ => Task.FromResult(false), offers ? "250-DSN\r\n" : ""));
        var envelope = new SmtpEnvelope(Sender, Recipient) { Dsn = new SmtpDsn(EnvelopeId: "a+b=1", OriginalRecipient: EmailAddress.Parse("b+x@example.net")) };
        Assert.Equal(SmtpKind.Accepted, (await Deliver(peer.EndPoint, envelope, "A: b\r\n\r\n"u8.ToArray())).Outcome.Kind);
        Assert.Equal([mail, rcpt], peer.Heard.Skip(1).Take(2));
    }

    [Theory]
    [InlineData(DsnNotify.Never, "NEVER")]
    [InlineData(DsnNotify.Success, "SUCCESS")]
    [InlineData(DsnNotify.Success | DsnNotify.Failure | DsnNotify.Delay, "SUCCESS,FAILURE,DELAY")]
    public async Task Reports_name_their_occasions(DsnNotify notify, string words)
    {
        await using var peer = new ScriptedPeer(line => line.Serve(_ => Task.FromResult(false), "250-DSN\r\n"));
        await Deliver(peer.EndPoint, new SmtpEnvelope(Sender, Recipient) { Dsn = new SmtpDsn(notify, ReturnsWhole: true) }, "A: b\r\n\r\n"u8.ToArray());
        Assert.Equal(["MAIL FROM:<a@example.com> RET=FULL", $"RCPT TO:<b@example.net> NOTIFY={words}"], peer.Heard.Skip(1).Take(2));
    }

    [Fact]
    public async Task A_message_that_requires_tls_goes_nowhere_in_clear()
    {
        await using var peer = new ScriptedPeer(line => line.Serve(_ => Task.FromResult(false), "250-REQUIRETLS\r\n"));
        var (outcome, _) = await Deliver(peer.EndPoint, new SmtpEnvelope(Sender, Recipient) { RequiresTls = true }, "A: b\r\n\r\n"u8.ToArray());
        Assert.Equal((SmtpKind.Unsupported, SmtpStage.Mail), (outcome.Kind, outcome.Stage));
        Assert.DoesNotContain(peer.Heard, said => said.StartsWith("MAIL", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_certificate_check_decides_in_place_of_the_roots(bool accepts)
    {
        using var certificate = TestCertificate.For("mx.example.net");
        await using var server = Start(o => o with { Certificate = () => SslStreamCertificateContext.Create(certificate, null) });
        var seen = new List<string>();
        var (outcome, isVerified) = await Deliver(new DnsEndPoint("127.0.0.1", server.Endpoint.Port), new SmtpEnvelope(Sender, Recipient), "A: b\r\n\r\n"u8.ToArray(), o => o with
        {
            Tls = TlsPolicy.Required,
            CertificateCheck = chain =>
            {
                seen.Add(chain[0].Thumbprint);
                return accepts;
            },
        });
        Assert.Equal([certificate.Thumbprint], seen);
        Assert.Equal((accepts ? SmtpKind.Accepted : SmtpKind.ConnectionLostBeforeData, accepts), (outcome.Kind, isVerified));
    }

    static async Task<(SmtpOutcome Outcome, bool IsVerified)> Deliver(DnsEndPoint server, SmtpEnvelope envelope, byte[] message, Func<SmtpClientOptions, SmtpClientOptions>? with = null)
    {
        var options = new SmtpClientOptions { Server = server, EhloName = "client.example", Tls = TlsPolicy.None, Timeouts = SmtpTimeouts.AtMost(TimeSpan.FromSeconds(10)) };
        var opening = await SmtpConnection.Open(with?.Invoke(options) ?? options, SmtpConnectors.Direct, TimeProvider.System, Ct);
        if (opening.Connection is not { } connection) return (opening.Refusal!, false);
        await using (connection) return (await connection.Send(envelope, message, null, Ct), connection.IsVerified);
    }
}
