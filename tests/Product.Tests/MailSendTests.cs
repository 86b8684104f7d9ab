using System.Buffers.Binary;
using System.Net;
using System.Text;
using System.Text.Json;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Dns;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Smtp;
using PenguinMails.Mail.Tests.Dns;
using PenguinMails.Mail.Tests.Smtp;

namespace PenguinMails.Product.Tests;

/// <summary><c>penguin mail send</c>, <c>sink</c> and <c>bench</c> against real listeners.</summary>
public sealed class MailSendTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    readonly List<(SmtpVisitor Visitor, SmtpDelivery Delivery)> _got = [];

    SmtpServer Serve() => SmtpServer.Start(
        new SmtpServerOptions { Endpoint = new IPEndPoint(IPAddress.Loopback, 0), Name = DomainName.Parse("mx.far.example"), AllowsClearAuth = true },
        new SmtpHandler
        {
            Auth = (_, user, secret, _) => ValueTask.FromResult(user == "olivia" && secret == "sesame" ? new SmtpAnswer(235, "2.7.0", "Welcome") : new SmtpAnswer(535, "5.7.8", "No")),
            Rcpt = (_, recipient, _) => ValueTask.FromResult(recipient.Local == "gone" ? new SmtpAnswer(550, "5.1.1", "No such user here") : SmtpAnswer.Ok),
            Data = (visitor, delivery, _) =>
            {
                lock (_got) _got.Add((visitor, delivery));
                return ValueTask.FromResult(SmtpAnswer.Ok);
            },
        }, TimeProvider.System);

    [Fact]
    public async Task A_letter_with_everything_arrives_and_the_conversation_is_shown()
    {
        await using var server = Serve();
        var folder = Directory.CreateTempSubdirectory("penguin-mail-");
        var file = Path.Combine(folder.FullName, "Zahlen März.bin");
        await File.WriteAllBytesAsync(file, Enumerable.Range(0, 5000).Select(i => (byte)i).ToArray(), Ct);
        var run = await MailCommand.Run(Ct, "send", "--server", $"127.0.0.1:{server.Endpoint.Port}", "--tls", "none", "--auth", "olivia", "--from", "a@client.example", "--to", "b@far.example", "c@far.example",
            "--subject", "Grüße", "--body", "Erste Zeile\\n.Punkt\\n", "--html", "<p>Grüße</p>", "--attach", file, "--header", "X-Campaign: 7");
        folder.Delete(recursive: true);
        Assert.True(run.Code == 0, run.Out + run.Error);
        Assert.Equal(["b@far.example", "c@far.example"], _got.SelectMany(one => one.Delivery.Recipients).Select(to => to.Text));
        Assert.Equal("olivia", _got[0].Visitor.User);
        var message = MimeMessage.Read(_got[0].Delivery.Message, new MimeLimits());
        Assert.Equal(("Grüße", "Erste Zeile\n.Punkt\n", "7"), (message.Subject, message.Text, message.Root.Header("X-Campaign")));
        Assert.Contains("Grüße", message.Html, StringComparison.Ordinal);
        Assert.Equal(("Zahlen März.bin", 5000), (message.Attachments[0].FileName, (int)message.Attachments[0].Size));
        Assert.Contains("-> AUTH PLAIN ***", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", run.Out, StringComparison.Ordinal);
        Assert.Contains("b@far.example: accepted at end_of_data: 250", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_recipient_makes_exit_code_1_and_is_named_in_json()
    {
        await using var server = Serve();
        var run = await MailCommand.Run(Ct, "send", "--server", $"127.0.0.1:{server.Endpoint.Port}", "--tls", "none", "--from", "a@client.example", "--to", "gone@far.example", "b@far.example", "--json");
        Assert.Equal(1, run.Code);
        var report = Assert.Single(run.Json);
        Assert.False(report.GetProperty("accepted").GetBoolean());
        Assert.Equal(["permanent_refusal 550 5.1.1", "accepted 250 2.0.0"], report.GetProperty("recipients").EnumerateArray().Select(r => $"{r.GetProperty("kind").GetString()} {r.GetProperty("code").GetInt32()} {r.GetProperty("enhanced").GetString()}"));
    }

    /// <summary>Records by name and type, over real DNS; every other name does not exist.</summary>
    static DnsPeer Zone(params (string Name, DnsType Type, byte[] Content)[] records) => new((question, _) =>
    {
        var (name, at) = ("", 12);
        for (; question[at] != 0; at += question[at] + 1) name += Encoding.ASCII.GetString(question, at + 1, question[at]).ToLowerInvariant() + ".";
        var type = (DnsType)BinaryPrimitives.ReadUInt16BigEndian(question.AsSpan(at + 1));
        var here = records.Where(record => record.Name + "." == name).ToArray();
        return [DnsPeer.Answer(question, here.Length == 0 ? 3 : 0, false, [.. here.Where(record => record.Type == type).Select(record => ((string?)null, record.Type, record.Content))])];
    });

    static byte[] Mx(int preference, string host) => [(byte)(preference >> 8), (byte)preference, .. DnsPeer.Name(host)];

    static byte[] Txt(string text) => [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)];

    static readonly byte[] Loopback = [127, 0, 0, 1];

    static IEnumerable<string> Route(JsonElement report) => report.GetProperty("dialogue").EnumerateArray().Where(line => line.GetProperty("who").GetString() == "route").Select(line => line.GetProperty("text").GetString()!);

    [Fact]
    public async Task Without_a_server_the_mail_exchangers_are_tried_in_order_and_told()
    {
        await using var server = Serve();
        await using var dns = Zone(
            ("far.example", DnsType.Mx, Mx(20, "mx2.far.example")), ("far.example", DnsType.Mx, Mx(10, "mx1.far.example")), ("mx1.far.example", DnsType.A, [127, 0, 0, 2]), ("mx2.far.example", DnsType.A, Loopback));
        var run = await MailCommand.Run(Ct, "send", "--resolver", $"{dns.EndPoint}", "--port", $"{server.Endpoint.Port}", "--from", "a@client.example", "--to", "b@far.example", "--json");
        var report = Assert.Single(run.Json);
        Assert.True(run.Code == 0, run.Out + run.Error);
        Assert.Equal("b@far.example", Assert.Single(_got).Delivery.Recipients[0].Text);
        Assert.Equal(
            ["far.example has 2 MX.", "MX 10 mx1.far.example", "MX 20 mx2.far.example", "no MTA-STS policy", $"connecting to mx1.far.example:{server.Endpoint.Port}", "not there: Connection refused", $"connecting to mx2.far.example:{server.Endpoint.Port}"],
            Route(report));
    }

    [Fact]
    public async Task No_exchanger_no_domain_and_no_answer_are_told_apart()
    {
        await using var server = Serve();
        await using var dns = Zone(("null.example", DnsType.Mx, Mx(0, "")), ("own.example", DnsType.A, Loopback), ("nothing.example", DnsType.Txt, Txt("x")));
        var run = await MailCommand.Run(Ct, "send", "--resolver", $"{dns.EndPoint}", "--port", $"{server.Endpoint.Port}", "--from", "a@client.example", "--to", "b@null.example", "b@own.example", "b@nothing.example", "b@absent.example", "--json");
        Assert.Equal(1, run.Code);
        Assert.Equal(
            ["b@null.example permanent_refusal 556 5.1.10", "b@own.example accepted 250 2.0.0", "b@nothing.example permanent_refusal 550 5.1.2", "b@absent.example permanent_refusal 550 5.1.2"],
            Assert.Single(run.Json).GetProperty("recipients").EnumerateArray().Select(r => $"{r.GetProperty("address").GetString()} {r.GetProperty("kind").GetString()} {r.GetProperty("code").GetInt32()} {r.GetProperty("enhanced").GetString()}"));
    }

    [Fact]
    public async Task An_announced_policy_that_cannot_be_had_is_told_and_dane_is_obeyed_when_asked_for()
    {
        await using var server = Serve();
        await using var dns = Zone(
            ("far.example", DnsType.Mx, Mx(10, "mx.far.example")), ("mx.far.example", DnsType.A, Loopback), ("_mta-sts.far.example", DnsType.Txt, Txt("v=STSv1; id=1;")),
            ($"_{server.Endpoint.Port}._tcp.mx.far.example", DnsType.Tlsa, [3, 1, 1, .. new byte[32]]));
        string[] words = ["send", "--resolver", $"{dns.EndPoint}", "--port", $"{server.Endpoint.Port}", "--from", "a@client.example", "--to", "b@far.example", "--json"];
        var run = await MailCommand.Run(Ct, words);
        Assert.True(run.Code == 0, run.Out + run.Error);
        Assert.Contains(Route(run.Json[0]), text => text.StartsWith("MTA-STS is announced, but the policy cannot be had", StringComparison.Ordinal));
        var obeying = await MailCommand.Run(Ct, [.. words, "--dane"]);
        Assert.Equal(1, obeying.Code);
        Assert.Contains("mx.far.example: DANE with 1 TLSA records, TLS required", Route(obeying.Json[0]));
        Assert.Equal("unsupported", obeying.Json[0].GetProperty("recipients")[0].GetProperty("kind").GetString()); // The server offers no STARTTLS.
        Assert.Single(_got);
    }

    [Fact]
    public async Task A_server_whose_tls_is_broken_gets_the_message_in_clear_when_nothing_asks_for_tls()
    {
        await using var peer = new ScriptedPeer(line => line.Serve(async verb =>
        {
            if (verb != "STARTTLS") return false;
            await line.Say("220 2.0.0 go\r\nthis is no TLS");
            throw new IOException("Hung up.");
        }, "250-STARTTLS\r\n"));
        await using var dns = Zone(("far.example", DnsType.Mx, Mx(10, "mx.far.example")), ("mx.far.example", DnsType.A, Loopback));
        string[] words = ["send", "--resolver", $"{dns.EndPoint}", "--port", $"{peer.EndPoint.Port}", "--from", "a@client.example", "--to", "b@far.example", "--json"];
        var run = await MailCommand.Run(Ct, words);
        Assert.True(run.Code == 0, run.Out + run.Error);
        Assert.Contains(Route(run.Json[0]), text => text.StartsWith("TLS failed", StringComparison.Ordinal));
        var required = await MailCommand.Run(Ct, [.. words, "--tls", "required"]);
        Assert.Equal((1, "tls"), (required.Code, required.Json[0].GetProperty("recipients")[0].GetProperty("stage").GetString()));
    }

    [Theory]
    [InlineData("send")]
    [InlineData("send", "--from", "a@b.example")]
    [InlineData("bench")]
    [InlineData("sink")]
    public async Task What_is_left_out_is_a_usage_error(params string[] words) => Assert.Equal(2, (await MailCommand.Run(Ct, words)).Code);

    [Fact]
    public async Task A_log_in_at_the_exchangers_of_others_is_refused() =>
        Assert.Contains("--auth needs --server", (await MailCommand.Run(Ct, "send", "--auth", "olivia", "--from", "a@b.example", "--to", "b@far.example")).Error, StringComparison.Ordinal);
}
