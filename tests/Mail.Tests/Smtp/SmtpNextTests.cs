using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Mail.Tests.Smtp;

/// <summary>The commands of the next message behind the content of the one before (RFC 2920 3.1).</summary>
public sealed class SmtpNextTests
{
    static readonly SmtpEnvelope[] Envelopes = [To("first"), To("second"), To("third")];
    static readonly ReadOnlyMemory<byte>[] Messages = ["one\r\n"u8.ToArray(), ".two\r\n"u8.ToArray(), "three\r\n"u8.ToArray()];
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static SmtpEnvelope To(string name) => new(EmailAddress.Parse("a@example.com"), EmailAddress.Parse(name + "@example.net"));

    static SmtpNext? Next(int i) => i + 1 < Envelopes.Length ? new(Envelopes[i + 1], Messages[i + 1]) : null;

    static async Task<SmtpConnection> Open(ScriptedPeer peer, Func<SmtpClientOptions, SmtpClientOptions>? with = null)
    {
        var options = new SmtpClientOptions { Server = peer.EndPoint, EhloName = "client.example", Tls = TlsPolicy.None, Timeouts = SmtpTimeouts.AtMost(TimeSpan.FromSeconds(10)) };
        var opening = await SmtpConnection.Open(with?.Invoke(options) ?? options, SmtpConnectors.Direct, TimeProvider.System, Ct);
        return opening.Connection ?? throw new InvalidOperationException(opening.Refusal?.Text);
    }

    static async Task<List<SmtpKind>> All(SmtpConnection connection)
    {
        var kinds = new List<SmtpKind>();
        for (var i = 0; i < Envelopes.Length; i++) kinds.Add((await connection.Send(Envelopes[i], Messages[i], Next(i), null, Ct)).Kind);
        await connection.Quit(Ct);
        return kinds;
    }

    static string[] Commands(string name) => ["MAIL FROM:<a@example.com>", $"RCPT TO:<{name}@example.net>", "DATA"];

    [Fact]
    public async Task Commands_of_the_next_are_heard_before_the_one_before_is_answered()
    {
        List<string> unasked = [];
        await using var peer = new ScriptedPeer(async line =>
        {
            await line.Say("220 peer.example ESMTP\r\n");
            await line.Hear();
            await line.Say("250-peer.example\r\n250 PIPELINING\r\n");
            for (var i = 0; i < 3; i++) await line.Hear();
            await line.Say("250 ok\r\n250 ok\r\n354 go\r\n");
            await line.HearMessage();
            for (var i = 0; i < 3; i++) unasked.Add(await line.Hear());
            await line.Say("250 queued as 1\r\n250 ok\r\n250 ok\r\n354 go\r\n");
            Assert.Equal(["..two"], await line.HearMessage());
            await line.Say("250 queued as 2\r\n");
        });
        await using var connection = await Open(peer);
        var first = await connection.Send(Envelopes[0], Messages[0], Next(0), null, Ct);
        Assert.Equal((SmtpKind.Accepted, "queued as 1", true), (first.Kind, first.Text, connection.IsReusable));
        var second = await connection.Send(Envelopes[1], Messages[1], null, null, Ct);
        Assert.Equal((SmtpKind.Accepted, "queued as 2"), (second.Kind, second.Text));
        Assert.Equal(Commands("second"), unasked);
    }

    [Theory]
    [InlineData("250-PIPELINING\r\n", false)]
    [InlineData("", false)]
    [InlineData("250-PIPELINING\r\n250-CHUNKING\r\n", true)]
    public async Task Whatever_the_server_offers_each_message_comes_once_and_in_order(string capabilities, bool inChunks)
    {
        await using var peer = new ScriptedPeer(line => line.Serve(async verb =>
        {
            if (verb != "BDAT") return false;
            await line.Hear();
            await line.Say("250 2.0.0 ok\r\n");
            return true;
        }, capabilities));
        await using var connection = await Open(peer, o => o with { UsesChunking = inChunks });
        Assert.All(await All(connection), kind => Assert.Equal(SmtpKind.Accepted, kind));
        Assert.Equal(["one", inChunks ? ".two" : "..two", "three"], peer.Heard.Where(l => l is "one" or ".two" or "..two" or "three"));
        Assert.Equal(Envelopes.Select(e => $"RCPT TO:<{e.Recipient.Text}>"), peer.Heard.Where(l => l.StartsWith("RCPT", StringComparison.Ordinal)));
        Assert.Equal("QUIT", peer.Heard[^1]);
    }

    [Theory]
    [InlineData("MAIL", "451 4.3.0 later", SmtpKind.TransientRefusal)]
    [InlineData("RCPT", "550 5.1.1 unknown", SmtpKind.PermanentRefusal)]
    [InlineData("DATA", "554 5.5.1 no", SmtpKind.PermanentRefusal)]
    [InlineData("DOT", "554 5.7.1 spam", SmtpKind.PermanentRefusal)]
    public async Task A_refusal_meets_its_own_message_alone(string verb, string reply, SmtpKind kind)
    {
        for (var which = 0; which < Envelopes.Length; which++)
        {
            var seen = 0;
            await using var peer = new ScriptedPeer(line => line.Serve(async heard =>
            {
                if (heard != verb || seen++ != which) return false;
                await line.Say(reply + "\r\n");
                return true;
            }));
            await using var connection = await Open(peer);
            Assert.Equal(Enumerable.Range(0, 3).Select(i => i == which ? kind : SmtpKind.Accepted), await All(connection));
        }
    }

    [Theory]
    [InlineData("MAIL")]
    [InlineData("RCPT")]
    [InlineData("DATA")]
    public async Task A_connection_lost_among_the_commands_of_the_next_leaves_it_unsent_and_nothing_in_doubt(string verb)
    {
        var seen = 0;
        await using var peer = new ScriptedPeer(line => line.Serve(heard =>
        {
            if (heard == verb && seen++ == 1) line.HangUp();
            return Task.FromResult(false);
        }));
        await using var connection = await Open(peer);
        Assert.Equal([SmtpKind.Accepted, SmtpKind.ConnectionLostBeforeData, SmtpKind.ConnectionLostBeforeData], await All(connection));
        Assert.DoesNotContain("..two", peer.Heard);
    }

    [Fact]
    public async Task A_next_that_is_withheld_costs_the_connection_and_none_of_its_content_goes_out()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var peer = new ScriptedPeer(async line =>
        {
            try { await line.Serve(_ => Task.FromResult(false)); }
            finally { ended.TrySetResult(); }
        });
        var connection = await Open(peer);
        await connection.Send(Envelopes[0], Messages[0], Next(0), null, Ct);
        Assert.Equal(SmtpKind.Withheld, (await connection.Send(Envelopes[1], Messages[1], Next(1), _ => ValueTask.FromResult(false), Ct)).Kind);
        Assert.False(connection.IsOpen);
        await connection.Quit(Ct);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(10), Ct);
        // A connection that ends with unread replies is reset, and a reset may cost the server commands that it had not read yet.
        var heard = peer.Heard.SkipWhile(l => l != "one").ToList();
        Assert.Equal(["one", ".", .. Commands("second").Take(heard.Count - 2)], heard);
    }

    [Fact]
    public async Task Another_message_than_the_one_named_is_the_callers_bug_and_closes_the_connection()
    {
        await using var peer = new ScriptedPeer(line => line.Serve(_ => Task.FromResult(false)));
        await using var connection = await Open(peer);
        await connection.Send(Envelopes[0], Messages[0], Next(0), null, Ct);
        await Assert.ThrowsAsync<ArgumentException>(() => connection.Send(Envelopes[1], Messages[2], null, Ct).AsTask());
        Assert.False(connection.IsOpen);
    }

    [Fact]
    public async Task A_next_that_the_server_cannot_take_is_not_begun()
    {
        await using var peer = new ScriptedPeer(line => line.Serve(_ => Task.FromResult(false), "250-PIPELINING\r\n250-SIZE 6\r\n"));
        await using var connection = await Open(peer);
        Assert.Equal([SmtpKind.Accepted, SmtpKind.Accepted, SmtpKind.Unsupported], await All(connection));
        Assert.DoesNotContain("RCPT TO:<third@example.net>", peer.Heard);
        Assert.Equal("QUIT", peer.Heard[^1]);
    }
}
