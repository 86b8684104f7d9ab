using System.Net;
using System.Net.Sockets;
using System.Text;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Mail.Tests.Smtp;

public sealed class SmtpServerTests
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

    /// <summary>Says everything, one octet at a time or at once, and returns all replies until the server hangs up.</summary>
    internal static async Task<string> Talk(SmtpServer server, string said, bool byOctet = false, bool closes = true)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server.Endpoint, Ct);
        await using var stream = new NetworkStream(socket);
        var rest = Rest(stream);
        var octets = Encoding.UTF8.GetBytes(said);
        for (var i = 0; i < octets.Length; i += byOctet ? 1 : octets.Length)
        {
            try { await socket.SendAsync(octets.AsMemory(i, byOctet ? 1 : octets.Length), Ct); }
            catch (SocketException) { break; }
        }
        try { if (closes) socket.Shutdown(SocketShutdown.Send); }
        catch (SocketException) { }
        return await rest;
    }

    internal static async Task<string> Rest(Stream stream)
    {
        var all = new MemoryStream();
        try { await stream.CopyToAsync(all, Ct).WaitAsync(TimeSpan.FromSeconds(20), Ct); }
        catch (IOException) { }
        return Encoding.UTF8.GetString(all.ToArray());
    }

    internal static string[] Codes(string replies) => [.. replies.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Where(line => line.Length < 4 || line[3] != '-').Select(line => line[..3])];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Message_arrives_as_sent_however_the_octets_are_cut(bool byOctet)
    {
        await using var server = Start();
        var replies = await Talk(server, Begin + "Subject: x\r\n\r\n..dot\r\nend.\r\n.\r\nNOOP\r\nQUIT\r\n", byOctet);
        Assert.Equal(["220", "250", "250", "250", "354", "250", "250", "221"], Codes(replies));
        var delivery = Assert.Single(got);
        Assert.Equal(("a@example.com", "b@example.net"), (delivery.Sender!.Text, delivery.Recipients.Single().Text));
        Assert.Equal("Subject: x\r\n\r\n.dot\r\nend.\r\n", Encoding.ASCII.GetString(delivery.Message.Span));
    }

    [Theory]
    [InlineData("x\n.\r\nMAIL FROM:<evil@example.com>\r\n")]
    [InlineData("x\n.\nMAIL FROM:<evil@example.com>\r\n")]
    [InlineData("x\r.\rMAIL FROM:<evil@example.com>\r\n")]
    [InlineData("x\r.\r\nMAIL FROM:<evil@example.com>\r\n")]
    [InlineData("x\r\n.\nMAIL FROM:<evil@example.com>\r\n")]
    [InlineData("x\r\n.\rMAIL FROM:<evil@example.com>\r\n")]
    [InlineData("bare \n feed\r\n")]
    [InlineData("bare \r return\r\n")]
    [InlineData("\n")]
    public async Task Only_crlf_dot_crlf_ends_a_message_and_bare_line_ends_are_refused(string content)
    {
        await using var server = Start();
        foreach (var byOctet in new[] { false, true })
        {
            var replies = await Talk(server, Begin + content + "\r\n.\r\nQUIT\r\n", byOctet);
            Assert.Equal(["220", "250", "250", "250", "354", "550", "221"], Codes(replies));
            Assert.Contains("550 5.5.2", replies, StringComparison.Ordinal);
        }
        Assert.Empty(got);
    }

    [Theory]
    [InlineData("MAIL FROM:<a@example.com>\r\n", "503 5.5.1")]
    [InlineData(Hello + "RCPT TO:<a@example.com>\r\n", "503 5.5.1")]
    [InlineData(Hello + "DATA\r\n", "503 5.5.1")]
    [InlineData(Hello + "MAIL FROM:<a@example.com>\r\nDATA\r\n", "503 5.5.1")]
    [InlineData(Hello + "MAIL FROM:<a@example.com>\r\nMAIL FROM:<a@example.com>\r\n", "503 5.5.1")]
    [InlineData(Hello + "MAIL FROM:<a@example.com>\r\nRSET\r\nRCPT TO:<a@example.com>\r\n", "503 5.5.1")]
    [InlineData(Hello + "MAIL FROM:a@example.com\r\n", "501 5.5.4")]
    [InlineData(Hello + "MAIL FROM:<nonsense>\r\n", "501 5.1.7")]
    [InlineData(Hello + "MAIL FROM:<a@example.com> XYZ=1\r\n", "555 5.5.4")]
    [InlineData(Hello + "MAIL FROM:<a@example.com> SIZE=x\r\n", "501 5.5.4")]
    [InlineData(Hello + "MAIL FROM:<a@example.com> SIZE=99999999999\r\n", "552 5.3.4")]
    [InlineData(Hello + "MAIL FROM:<ä@example.com>\r\n", "553 5.6.7")]
    [InlineData(Hello + "MAIL FROM:<ä@example.com> SMTPUTF8\r\n", "250 2.0.0")]
    [InlineData(Hello + "MAIL FROM:<> BODY=8BITMIME SIZE=10\r\n", "250 2.0.0")]
    [InlineData(Hello + "mail from: <@relay.example:a@example.com>\r\n", "250 2.0.0")]
    [InlineData(Hello + "MAIL FROM:<>\r\nRCPT TO:<Postmaster>\r\n", "250 2.0.0")]
    [InlineData(Hello + "MAIL FROM:<>\r\nRCPT TO:<\"a>b\"@example.com>\r\n", "250 2.0.0")]
    [InlineData(Hello + "MAIL FROM:<>\r\nRCPT TO:<x@>\r\n", "501 5.1.3")]
    [InlineData("EHLO\r\n", "501 5.5.4")]
    [InlineData("HELO c.example\r\n", "250 mx.example.net")]
    [InlineData("VRFY bob\r\n", "252 2.1.5")]
    [InlineData("FROB\r\n", "500 5.5.1")]
    [InlineData("GET / HTTP/1.1\r\n", "500 5.5.1")]
    [InlineData("NOOP\n", "500 5.5.2")]
    [InlineData("NOOP\rNOOP\r\n", "500 5.5.2")]
    [InlineData(Hello + "STARTTLS\r\n", "502 5.5.1")]
    [InlineData(Hello + "AUTH PLAIN\r\n", "502 5.5.1")]
    public async Task Last_reply_to(string said, string reply)
    {
        await using var server = Start();
        var replies = await Talk(server, said);
        Assert.StartsWith(reply, replies.Split("\r\n", StringSplitOptions.RemoveEmptyEntries)[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(99, 0)]
    [InlineData(100, 0)]
    [InlineData(101, 1)]
    public async Task Recipients_beyond_100_are_put_off(int count, int refused)
    {
        await using var server = Start();
        var rcpts = string.Concat(Enumerable.Range(0, count).Select(i => $"RCPT TO:<b{i}@example.net>\r\n"));
        var replies = await Talk(server, Hello + "MAIL FROM:<>\r\n" + rcpts + "DATA\r\nx\r\n.\r\nQUIT\r\n");
        Assert.Equal(refused, Codes(replies).Count(code => code == "452"));
        Assert.Equal(count - refused, got.Single().Recipients.Count);
    }

    [Theory]
    [InlineData(999, "250")]
    [InlineData(1000, "250")]
    [InlineData(1001, "552")]
    [InlineData(100_000, "552")]
    public async Task Message_beyond_the_limit_is_refused_whole_and_the_session_goes_on(int octets, string code)
    {
        await using var server = Start(Options with { MessageOctetsMax = 1000, MessageLineOctetsMax = 200_000 });
        var replies = await Talk(server, Begin + (octets > 4500 ? string.Concat(Enumerable.Repeat("12345678\r\n", 400)) : new string('x', octets - 2) + "\r\n") + ".\r\nQUIT\r\n");
        Assert.Equal(["220", "250", "250", "250", "354", code, "221"], Codes(replies));
    }

    [Theory]
    [InlineData(200, "250")]
    [InlineData(201, "550")]
    public async Task Message_line_limit_counts_its_line_end(int octets, string code)
    {
        await using var server = Start(Options with { MessageLineOctetsMax = 200 });
        Assert.Equal(code, Codes(await Talk(server, Begin + new string('x', octets - 2) + "\r\n.\r\n"))[^1]);
    }

    [Theory]
    [InlineData(512, "250")]
    [InlineData(513, "500")]
    [InlineData(300_000, "500")]
    public async Task Command_line_limit(int octets, string code)
    {
        await using var server = Start(Options with { CommandOctetsMax = 511 });
        var replies = await Talk(server, "NOOP " + new string('x', octets - 7) + "\r\nQUIT\r\n");
        Assert.Equal(["220", code, "221"], Codes(replies));
    }

    [Theory]
    [InlineData(10, "221")]
    [InlineData(11, "421")]
    public async Task Bad_commands_end_the_session(int count, string last)
    {
        await using var server = Start();
        Assert.Equal(last, Codes(await Talk(server, string.Concat(Enumerable.Repeat("FROB\r\n", count)) + "QUIT\r\n"))[^1]);
    }

    [Fact]
    public async Task Silence_and_a_trickle_end_with_421()
    {
        await using var server = Start(Options with { Idle = TimeSpan.FromMilliseconds(200), Session = TimeSpan.FromSeconds(1) });
        foreach (var said in new[] { "NOO", Begin + "half a mess" })
            Assert.Contains("421 4.4.2", await Talk(server, said, closes: false), StringComparison.Ordinal);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.Endpoint, Ct);
        var rest = Rest(new NetworkStream(socket));
        while (!rest.IsCompleted)
        {
            try { await socket.SendAsync("x"u8.ToArray(), Ct); }
            catch (SocketException) { break; }
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Ct);
        }
        Assert.Contains("421 4.4.2", await rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_beyond_the_limits_are_turned_away()
    {
        await using var server = Start(Options with { ConnectionsPerAddressMax = 2 });
        var open = new List<Socket>();
        for (var i = 0; i < 2; i++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(server.Endpoint, Ct);
            await socket.ReceiveAsync(new byte[100], Ct);
            open.Add(socket);
        }
        Assert.StartsWith("421 4.7.0", await Talk(server, ""), StringComparison.Ordinal);
        open.ForEach(socket => socket.Dispose());
        await using var full = Start(Options with { ConnectionsMax = 0 });
        Assert.StartsWith("421 4.3.2", await Talk(full, ""), StringComparison.Ordinal);
    }
}
