using System.Text;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Reports;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Mail.Tests.Peers;

/// <summary>Clients that others wrote against our server: swaks, nodemailer, and Postfix, Exim and OpenSMTPD as relays.</summary>
[Trait("Needs", "peers")]
public sealed class PeerSenderTests
{
    static readonly string Nodemailer = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../bench/peers/nodemailer/node_modules/nodemailer"));

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static async Task<(int Code, string Said)> Swaks(FarSide far, params string[] words)
    {
        PeerProcess.Needs("swaks", "swaks libnet-ssleay-perl");
        return await PeerProcess.Run("swaks", ["--server", $"127.0.0.1:{far.Port}", "--helo", "swaks.example", "--from", "a@swaks.example", "--timeout", "20", .. words], null, Ct);
    }

    [Fact]
    public async Task Swaks_hands_over_in_clear_with_tls_and_logged_in()
    {
        using var ca = new TestCa();
        using var certificate = ca.Issue("mx.far.example");
        await using var far = new FarSide(certificate);
        var body = "first\\n.dot\\n..two\\n.\\nlast";
        var plain = await Swaks(far, "--to", "plain@far.example,other@far.example", "--header", "Subject: plain", "--body", body);
        Assert.True(plain.Code == 0, plain.Said);
        var got = await far.For("plain@far.example", Ct);
        Assert.Equal(["plain@far.example", "other@far.example"], got.Delivery.Recipients.Select(to => to.Text));
        Assert.EndsWith("\r\n\r\nfirst\r\n.dot\r\n..two\r\n.\r\nlast\r\n", got.Text.TrimEnd('\r', '\n') + "\r\n");
        Assert.Equal(("swaks.example", false), (got.Visitor.Hello, got.Visitor.IsTls));

        var secure = await Swaks(far, "--to", "tls@far.example", "--tls");
        Assert.True(secure.Code == 0, secure.Said);
        Assert.True((await far.For("tls@far.example", Ct)).Visitor.IsTls);

        foreach (var mechanism in new[] { "PLAIN", "LOGIN" })
        {
            var login = await Swaks(far, "--to", $"auth-{mechanism}@far.example", "--tls", "--auth", mechanism, "--auth-user", "olivia", "--auth-password", "sesame");
            Assert.True(login.Code == 0, login.Said);
            Assert.Equal("olivia", (await far.For($"auth-{mechanism}@far.example", Ct)).Visitor.User);
        }
    }

    // Exit codes as swaks documents them: 24 recipient refused, 28 not logged in, 29 no TLS.
    [Theory]
    [InlineData(24, "550 5.1.1", "--to", "unknown@far.example")]
    [InlineData(24, "451 4.7.1", "--to", "later@far.example")]
    [InlineData(28, "535 5.7.8", "--to", "b@far.example", "--tls", "--auth", "PLAIN", "--auth-user", "olivia", "--auth-password", "guess")]
    [InlineData(28, "Host did not advertise authentication", "--to", "b@far.example", "--auth", "PLAIN", "--auth-user", "olivia", "--auth-password", "sesame")]
    public async Task Swaks_is_told_why_not(int code, string said, params string[] words)
    {
        using var ca = new TestCa();
        using var certificate = ca.Issue("mx.far.example");
        await using var far = new FarSide(certificate);
        var run = await Swaks(far, words);
        Assert.True(run.Code == code && run.Said.Contains(said, StringComparison.Ordinal), $"{run.Code}\n{run.Said}");
    }

    [Fact]
    public async Task Swaks_without_pipelining_waits_and_a_pipelined_pile_is_answered_in_order()
    {
        await using var far = new FarSide();
        var run = await Swaks(far, "--to", "first@far.example,unknown@far.example,second@far.example", "--pipeline", "--body", "x");
        Assert.True(run.Code == 0, run.Said); // One recipient refused of three.
        Assert.Equal(["first@far.example", "second@far.example"], (await far.For("first@far.example", Ct)).Delivery.Recipients.Select(to => to.Text));
        Assert.Contains("550 5.1.1 No such user here", run.Said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postfix", false)]
    [InlineData("postfix", true)]
    [InlineData("exim", false)]
    [InlineData("exim", true)]
    [InlineData("opensmtpd", false)]
    [InlineData("opensmtpd", true)]
    public async Task A_relay_hands_several_messages_over_and_bounces_only_the_refused_recipient(string server, bool hasTls)
    {
        using var ca = new TestCa();
        using var certificate = ca.Issue("mx.far.example");
        await using var far = new FarSide(hasTls ? certificate : null);
        await using var peer = await MailServerPeer.Start(server, far.Port, Ct);
        await using (var connection = await peer.Open(Ct))
            for (var i = 0; i < 3; i++)
                Assert.Equal(SmtpKind.Accepted, (await connection.Send(new SmtpEnvelope(EmailAddress.Parse("s@client.example"), EmailAddress.Parse($"good{i}@far.example")), Encoding.UTF8.GetBytes($"Subject: {i}\r\n\r\n..{i} ä\r\n"), null, Ct)).Kind);
        for (var i = 0; i < 3; i++)
        {
            var arrival = await far.For($"good{i}@far.example", Ct, peer.Process.Logs);
            Assert.EndsWith($"\r\n\r\n..{i} ä\r\n", arrival.Text);
            Assert.Equal(hasTls, arrival.Visitor.IsTls);
        }

        // Three recipients in one transaction of the relay, one of them refused by us.
        PeerProcess.Needs("swaks", "swaks");
        var run = await PeerProcess.Run("swaks", ["--server", $"127.0.0.1:{peer.Port}", "--from", "s@client.example", "--to", "one@far.example,unknown@far.example,two@far.example", "--body", "x"], null, Ct);
        Assert.True(run.Code == 0, run.Said);
        await far.For("one@far.example", Ct, peer.Process.Logs);
        var bounce = await far.For("s@client.example", Ct, peer.Process.Logs);
        Assert.Equal("unknown@far.example", Assert.Single(IncomingReport.Read(bounce.Message).Delivery!.Recipients).Final?.Text);
    }

    [Theory]
    [InlineData("postfix")]
    [InlineData("exim")]
    public async Task Utf8_addresses_pipelines_and_chunks_come_from_servers_that_have_them(string server)
    {
        await using var far = new FarSide();
        await using var peer = await MailServerPeer.Start(server, far.Port, Ct);
        await using var connection = await peer.Open(Ct, o => o with { UsesChunking = true });
        var body = string.Concat(Enumerable.Repeat(".Grüße\r\n", 10_000));
        var outcome = await connection.Send(new SmtpEnvelope(null, EmailAddress.Parse("größe@far.example")), Encoding.UTF8.GetBytes("Subject: Größe\r\n\r\n" + body), null, Ct);
        Assert.Equal(SmtpKind.Accepted, outcome.Kind);
        var arrival = await far.For("größe@far.example", Ct, peer.Process.Logs);
        Assert.EndsWith(body, arrival.Text);
        Assert.Null(arrival.Delivery.Sender);
        // How each of them logs it: Exim with an L for pipelining and a K for chunks, Postfix line by line: commands in one go, before the first answer.
        while (!peer.Process.Logs().Contains(server == "exim" ? " => " : "status=sent", StringComparison.Ordinal)) await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Ct);
        var logs = peer.Process.Logs();
        if (server == "exim") Assert.Contains(" L K ", logs, StringComparison.Ordinal);
        else Assert.Matches(@"> \S+: MAIL FROM:<> SIZE=\d+ BODY=8BITMIME SMTPUTF8\n[^\n]*> \S+: RCPT TO:<größe@far\.example>\n[^\n]*> \S+: DATA\n", logs);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nodemailer_hands_a_pool_of_messages_over(bool hasTls)
    {
        Assert.SkipUnless(Directory.Exists(Nodemailer), "nodemailer is not there: npm ci in bench/peers/nodemailer.");
        using var ca = new TestCa();
        using var certificate = ca.Issue("mx.far.example");
        await using var far = new FarSide(certificate);
        string[] words = [Path.Combine(AppContext.BaseDirectory, "Peers/nodemailer.cjs"), Nodemailer, $"{far.Port}", $"{hasTls}"];
        var run = await PeerProcess.Run("node", words, null, Ct, new Dictionary<string, string> { ["CA"] = ca.Roots[0].ExportCertificatePem() });
        Assert.True(run.Code == 0, run.Said);
        Assert.StartsWith("550 550 5.1.1 No such user here", run.Said);
        for (var i = 0; i < 12; i++)
        {
            var arrival = await far.For($"node{i}@far.example", Ct);
            Assert.Equal((hasTls, hasTls ? "olivia" : null), (arrival.Visitor.IsTls, arrival.Visitor.User));
            var message = MimeMessage.Read(arrival.Delivery.Message, new MimeLimits());
            Assert.Equal(($"Größe node{i}@far.example", ".\n..\nText für dich\n"), (message.Subject, message.Text));
            Assert.Equal(50_000, Assert.Single(message.Attachments).Size);
        }
    }
}
