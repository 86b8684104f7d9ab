using System.Text;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Mail.Tests.Peers;

/// <summary>Our client against Postfix, Exim and OpenSMTPD, which hand everything on to our server.</summary>
[Trait("Needs", "peers")]
public sealed class PeerClientTests
{
    static readonly EmailAddress Sender = EmailAddress.Parse("sender@client.example");

    public static TheoryData<string> Servers => [.. MailServerPeer.Names];

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static byte[] Letter(string subject, string body = "Hello.\r\n.dot\r\n..two\r\n") =>
        Encoding.UTF8.GetBytes($"From: <sender@client.example>\r\nTo: <b@far.example>\r\nSubject: {subject}\r\nMessage-ID: <{subject}@client.example>\r\n\r\n{body}");

    static SmtpEnvelope To(string recipient) => new(Sender, EmailAddress.Parse(recipient));

    static string Body(Arrival arrival) => arrival.Text[(arrival.Text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Mail_goes_through_in_clear_with_starttls_and_logged_in(string server)
    {
        await using var far = new FarSide();
        await using var peer = await MailServerPeer.Start(server, far.Port, Ct);
        var ways = new (string Name, TlsPolicy Tls, SmtpCredentials? Login)[]
        {
            ("clear", TlsPolicy.None, null), ("tls", TlsPolicy.Required, null), ("login", TlsPolicy.Required, new(MailServerPeer.User, MailServerPeer.Secret, false)),
        };
        foreach (var (name, tls, login) in server == "opensmtpd" ? ways[..1] : ways)
        {
            await using var connection = await peer.Open(Ct, o => o with { Tls = tls, Credentials = login });
            Assert.Equal(tls == TlsPolicy.Required, connection.IsVerified);
            var outcome = await connection.Send(To(name + "@far.example"), Letter(name), null, Ct);
            Assert.Equal((name, SmtpKind.Accepted, ""), (name, outcome.Kind, outcome.Kind == SmtpKind.Accepted ? "" : outcome.Text));
            var arrival = await far.For(name + "@far.example", Ct, peer.Process.Logs);
            Assert.Equal("Hello.\r\n.dot\r\n..two\r\n", Body(arrival));
            Assert.Equal(("sender@client.example", name), (arrival.Delivery.Sender?.Text, arrival.Message.Header("Subject")));
        }
    }

    [Fact]
    public async Task A_handshake_that_the_server_cannot_finish_is_told()
    {
        // OpenSMTPD 6.8 as Debian 12 has it offers STARTTLS and fails at it: https://github.com/OpenSMTPD/OpenSMTPD/issues/1171
        await using var far = new FarSide();
        await using var peer = await MailServerPeer.Start("opensmtpd", far.Port, Ct);
        foreach (var tls in new[] { TlsPolicy.Required, TlsPolicy.Opportunistic })
        {
            var opening = await SmtpConnection.Open(peer.Options with { Tls = tls }, SmtpConnectors.Direct, TimeProvider.System, Ct);
            Assert.Equal((null, SmtpStage.Tls, SmtpKind.ConnectionLostBeforeData), (opening.Connection, opening.Refusal?.Stage, opening.Refusal?.Kind));
        }
    }

    [Theory]
    [InlineData("postfix")]
    [InlineData("exim")]
    public async Task A_wrong_password_and_a_certificate_of_nobody_are_told(string server)
    {
        await using var far = new FarSide();
        await using var peer = await MailServerPeer.Start(server, far.Port, Ct);
        using var stranger = new TestCa();
        var wrong = await SmtpConnection.Open(peer.Options with { Tls = TlsPolicy.Required, Credentials = new(MailServerPeer.User, "guess", false) }, SmtpConnectors.Direct, TimeProvider.System, Ct);
        Assert.Equal((SmtpKind.PermanentRefusal, SmtpStage.Auth, 535), (wrong.Refusal?.Kind, wrong.Refusal?.Stage, wrong.Refusal?.Code ?? 0));
        Assert.DoesNotContain(wrong.Dialogue!.Lines, line => line.Text.Contains(Convert.ToBase64String("\0olivia\0guess"u8), StringComparison.Ordinal));
        foreach (var options in new[] { peer.Options with { Roots = stranger.Roots }, peer.Options with { TlsName = "other.example" }, peer.Options with { Roots = null } })
        {
            var refused = await SmtpConnection.Open(options with { Tls = TlsPolicy.Required }, SmtpConnectors.Direct, TimeProvider.System, Ct);
            Assert.Equal((SmtpKind.ConnectionLostBeforeData, SmtpStage.Tls), (refused.Refusal?.Kind, refused.Refusal?.Stage));
        }
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Commands_behind_the_message_before_are_taken_by_every_server(string server)
    {
        const int Letters = 20;
        await using var far = new FarSide();
        await using var peer = await MailServerPeer.Start(server, far.Port, Ct);
        await using var connection = await peer.Open(Ct);
        var chain = Enumerable.Range(0, Letters).Select(i => new SmtpNext(To(i % 5 == 3 ? "refused@far.example" : $"chained{i}@far.example"), Letter($"chained{i}"))).ToList();
        for (var i = 0; i < Letters; i++)
        {
            var outcome = await connection.Send(chain[i].Envelope, chain[i].Message, chain.ElementAtOrDefault(i + 1), null, Ct);
            Assert.Equal((i, i % 5 == 3 ? SmtpKind.PermanentRefusal : SmtpKind.Accepted, true), (i, outcome.Kind, connection.IsOpen));
        }

        for (var i = 0; i < Letters; i++)
            if (i % 5 != 3) Assert.Equal($"chained{i}", (await far.For($"chained{i}@far.example", Ct, peer.Process.Logs)).Message.Header("Subject"));
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_refused_recipient_costs_no_connection(string server)
    {
        await using var far = new FarSide();
        await using var peer = await MailServerPeer.Start(server, far.Port, Ct);
        await using var connection = await peer.Open(Ct);
        Assert.Equal(server != "opensmtpd", connection.Capabilities.Pipelining);
        for (var round = 1; round <= 2; round++)
        {
            var refused = await connection.Send(To("refused@far.example"), Letter("no"), null, Ct);
            Assert.Equal((SmtpKind.PermanentRefusal, SmtpStage.Rcpt, 550), (refused.Kind, refused.Stage, refused.Code));
            if (server != "opensmtpd") Assert.Equal("5.1.1", refused.EnhancedCode);
            if (server != "opensmtpd")
            {
                var putOff = await connection.Send(To("putoff@far.example"), Letter("later"), null, Ct);
                Assert.Equal((SmtpKind.TransientRefusal, SmtpStage.Rcpt, 451, "4.7.1"), (putOff.Kind, putOff.Stage, putOff.Code, putOff.EnhancedCode));
            }

            var taken = await connection.Send(To($"taken{round}@far.example"), Letter("yes"), null, Ct);
            Assert.Equal(SmtpKind.Accepted, taken.Kind);
            await far.For($"taken{round}@far.example", Ct, peer.Process.Logs);
        }

        Assert.True(connection.IsReusable);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_message_larger_than_announced_is_never_begun_and_a_large_one_arrives_whole(string server)
    {
        await using var far = new FarSide();
        await using var peer = await MailServerPeer.Start(server, far.Port, Ct);
        await using var connection = await peer.Open(Ct);
        Assert.Equal(MailServerPeer.MessageOctetsMax, connection.Capabilities.MessageOctetsMax);
        var line = ".3456789 123456789 123456789 123456789 123456789\r\n";
        var over = await connection.Send(To("over@far.example"), Letter("over", string.Concat(Enumerable.Repeat(line, 5000))), null, Ct);
        Assert.Equal((SmtpKind.Unsupported, SmtpStage.Mail), (over.Kind, over.Stage));
        var body = string.Concat(Enumerable.Repeat(line, 3500));
        Assert.Equal(SmtpKind.Accepted, (await connection.Send(To("large@far.example"), Letter("large", body), null, Ct)).Kind);
        Assert.Equal(body, Body(await far.For("large@far.example", Ct, peer.Process.Logs)));
    }

    [Theory]
    [InlineData("postfix")]
    [InlineData("exim")]
    public async Task Chunks_arrive_as_one_message(string server)
    {
        await using var far = new FarSide();
        await using var peer = await MailServerPeer.Start(server, far.Port, Ct);
        await using var connection = await peer.Open(Ct, o => o with { UsesChunking = true });
        Assert.True(connection.Capabilities.Chunking);
        var body = string.Concat(Enumerable.Repeat(".a line\r\n", 15_000));
        foreach (var (name, text) in new[] { ("small", ".\r\n"), ("big", body) })
        {
            Assert.Equal(SmtpKind.Accepted, (await connection.Send(To(name + "@far.example"), Letter(name, text), null, Ct)).Kind);
            Assert.Equal(text, Body(await far.For(name + "@far.example", Ct, peer.Process.Logs)));
        }

        var refused = await connection.Send(To("refused@far.example"), Letter("no"), null, Ct);
        Assert.Equal((SmtpStage.Rcpt, 550), (refused.Stage, refused.Code));
    }

    [Theory]
    [InlineData("postfix", true)]
    [InlineData("exim", true)]
    [InlineData("opensmtpd", false)]
    public async Task Letters_beyond_ascii_go_where_they_are_taken(string server, bool offers)
    {
        await using var far = new FarSide();
        await using var peer = await MailServerPeer.Start(server, far.Port, Ct);
        await using var connection = await peer.Open(Ct);
        Assert.True(connection.Capabilities.EightBitMime);
        Assert.Equal(SmtpKind.Accepted, (await connection.Send(To("eight@far.example"), Letter("eight", "Grüße aus Köln\r\n"), null, Ct)).Kind);
        Assert.Equal("Grüße aus Köln\r\n", Body(await far.For("eight@far.example", Ct, peer.Process.Logs)));

        Assert.Equal(offers, connection.Capabilities.SmtpUtf8);
        var outcome = await connection.Send(To("größe@far.example"), Letter("Größe"), null, Ct);
        Assert.Equal(offers ? SmtpKind.Accepted : SmtpKind.Unsupported, outcome.Kind);
        if (offers) Assert.Equal("Größe", (await far.For("größe@far.example", Ct, peer.Process.Logs)).Message.Header("Subject"));
    }
}
