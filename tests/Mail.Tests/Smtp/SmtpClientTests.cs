using System.Net.Sockets;
using System.Text;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Mail.Tests.Smtp;

public sealed class SmtpClientTests
{
    static readonly SmtpEnvelope Envelope = new(EmailAddress.Parse("a@example.com"), EmailAddress.Parse("b@example.net"));
    static readonly byte[] Message = "Subject: x\r\n\r\nhello\r\n"u8.ToArray();
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static SmtpClientOptions Options(ScriptedPeer peer, int limitMs = 10_000) => new()
    {
        Server = peer.EndPoint, EhloName = "client.example", Tls = TlsPolicy.None, KeepDialogue = true,
        Timeouts = SmtpTimeouts.AtMost(TimeSpan.FromMilliseconds(limitMs)),
    };

    static async Task<SmtpOutcome> Deliver(SmtpClientOptions options)
    {
        var opening = await SmtpConnection.Open(options, SmtpConnectors.Direct, TimeProvider.System, Ct);
        if (opening.Connection is null) return opening.Refusal!;
        await using var connection = opening.Connection;
        return await connection.Send(Envelope, Message, null, Ct);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Message_is_accepted_with_the_servers_words(bool pipelines)
    {
        await using var peer = new ScriptedPeer(line => line.Serve(_ => Task.FromResult(false), pipelines ? "250-PIPELINING\r\n250-SIZE 1000\r\n" : ""));
        var outcome = await Deliver(Options(peer));
        Assert.Equal(new SmtpOutcome(SmtpStage.EndOfData, SmtpKind.Accepted, 250, "2.0.0", "queued as 42"), outcome);
        var size = pipelines ? " SIZE=21" : "";
        Assert.Equal(["EHLO client.example", "MAIL FROM:<a@example.com>" + size, "RCPT TO:<b@example.net>", "DATA", "Subject: x", "", "hello", "."], peer.Heard);
    }

    [Theory]
    [InlineData("GREETING", SmtpStage.Greeting, SmtpKind.ConnectionLostBeforeData)]
    [InlineData("EHLO", SmtpStage.Ehlo, SmtpKind.ConnectionLostBeforeData)]
    [InlineData("MAIL", SmtpStage.Mail, SmtpKind.ConnectionLostBeforeData)]
    [InlineData("RCPT", SmtpStage.Rcpt, SmtpKind.ConnectionLostBeforeData)]
    [InlineData("DATA", SmtpStage.Data, SmtpKind.ConnectionLostBeforeData)]
    [InlineData("DOT", SmtpStage.EndOfData, SmtpKind.InDoubt)]
    public async Task Hang_up_garbage_silence_and_endless_talk_at_each_verb_are_outcomes(string verb, SmtpStage stage, SmtpKind kind)
    {
        var endless = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("250-more\r\n", 500)));
        var ways = new Dictionary<string, Func<ScriptedPeer.Line, Task>>
        {
            ["hang up"] = line => { line.HangUp(); return Task.CompletedTask; },
            ["reset"] = line => { line.Reset(); return Task.CompletedTask; },
            ["garbage"] = line => line.Say("HTTP/1.1 400 Bad Request\r\n"),
            ["no code"] = line => line.Say("\r\n"),
            ["code out of range"] = line => line.Say("999 x\r\n"),
            ["no separator"] = line => line.Say("250_x\r\n"),
            ["codes differ"] = line => line.Say("250-a\r\n251 b\r\n"),
            ["long line"] = line => line.Say("250 " + new string('x', 5000) + "\r\n"),
            ["endless line"] = line => line.Say(new string('2', 100_000)),
            ["endless reply"] = async line => await line.Stream.WriteAsync(endless, line.Stop),
            ["silence"] = line => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, line.Stop),
            ["half a reply"] = line => line.Say("250-wait\r\n25"),
        };
        foreach (var (name, way) in ways)
        {
            await using var peer = new ScriptedPeer(line => line.Serve(async heard =>
            {
                if (heard != verb) return false;
                await way(line);
                return true;
            }));
            var outcome = await Deliver(Options(peer, 300));
            // A reset can overtake the replies of a pipelined group, so the stage may be an earlier one of the group.
            if (name != "reset") Assert.Equal((name, stage), (name, outcome.Stage));
            Assert.Equal((name, kind), (name, outcome.Kind));
        }
    }

    [Theory]
    [InlineData("GREETING", "554 5.7.1 no", SmtpStage.Greeting, SmtpKind.PermanentRefusal, "5.7.1")]
    [InlineData("GREETING", "421 4.3.2 later", SmtpStage.Greeting, SmtpKind.TransientRefusal, "4.3.2")]
    [InlineData("EHLO", "550 no", SmtpStage.Ehlo, SmtpKind.PermanentRefusal, null)]
    [InlineData("MAIL", "421 4.7.0 slow down", SmtpStage.Mail, SmtpKind.TransientRefusal, "4.7.0")]
    [InlineData("MAIL", "354 what", SmtpStage.Mail, SmtpKind.ConnectionLostBeforeData, null)]
    [InlineData("RCPT", "550-5.1.1 unknown\r\n550 5.1.1 user", SmtpStage.Rcpt, SmtpKind.PermanentRefusal, "5.1.1")]
    [InlineData("RCPT", "451 4.2.0 greylisted", SmtpStage.Rcpt, SmtpKind.TransientRefusal, "4.2.0")]
    [InlineData("RCPT", "421 4.3.0 bye", SmtpStage.Rcpt, SmtpKind.TransientRefusal, "4.3.0")]
    [InlineData("DATA", "554 5.5.1 no", SmtpStage.Data, SmtpKind.PermanentRefusal, "5.5.1")]
    [InlineData("DATA", "250 ok", SmtpStage.Data, SmtpKind.ConnectionLostBeforeData, null)]
    [InlineData("DOT", "552 5.3.4 big", SmtpStage.EndOfData, SmtpKind.PermanentRefusal, "5.3.4")]
    [InlineData("DOT", "421 4.3.0 bye", SmtpStage.EndOfData, SmtpKind.TransientRefusal, "4.3.0")]
    [InlineData("DOT", "354 again", SmtpStage.EndOfData, SmtpKind.InDoubt, null)]
    public async Task Refusal_carries_stage_kind_and_codes(string verb, string reply, SmtpStage stage, SmtpKind kind, string? enhanced)
    {
        foreach (var capabilities in new[] { "250-PIPELINING\r\n", "" })
        {
            await using var peer = new ScriptedPeer(line => line.Serve(async heard =>
            {
                if (heard != verb) return false;
                await line.Say(reply + "\r\n");
                return true;
            }, capabilities));
            var outcome = await Deliver(Options(peer, 10_000));
            Assert.Equal((stage, kind, enhanced, int.Parse(reply[..3])), (outcome.Stage, outcome.Kind, outcome.EnhancedCode, outcome.Code));
        }
    }

    [Fact]
    public async Task One_connection_serves_the_next_message_after_a_refusal()
    {
        var count = 0;
        await using var peer = new ScriptedPeer(line => line.Serve(async heard =>
        {
            if (heard != "RCPT" || count++ > 0) return false;
            await line.Say("550 5.1.1 unknown\r\n");
            return true;
        }));
        var opening = await SmtpConnection.Open(Options(peer), SmtpConnectors.Direct, TimeProvider.System, Ct);
        await using var connection = opening.Connection!;
        Assert.Equal(SmtpKind.PermanentRefusal, (await connection.Send(Envelope, Message, null, Ct)).Kind);
        Assert.Equal(SmtpKind.Accepted, (await connection.Send(Envelope, Message, null, Ct)).Kind);
        Assert.True(await connection.Noop(Ct));
        await connection.Quit(Ct);
        Assert.False(connection.IsOpen);
        // RFC 2920 3.1: DATA was let in without a recipient, so an empty message ended it, and RSET cleared the sender.
        Assert.Equal(["MAIL FROM:<a@example.com>", "RCPT TO:<b@example.net>", "DATA", ".", "RSET", "MAIL FROM:<a@example.com>"], peer.Heard.Skip(1).Take(6));
        Assert.Equal("QUIT", peer.Heard[^1]);
    }

    [Fact]
    public async Task Gate_that_says_no_withholds_the_message_and_keeps_the_connection()
    {
        await using var peer = new ScriptedPeer(line => line.Serve(_ => Task.FromResult(false)));
        var opening = await SmtpConnection.Open(Options(peer), SmtpConnectors.Direct, TimeProvider.System, Ct);
        await using var connection = opening.Connection!;
        Assert.Equal(SmtpKind.Withheld, (await connection.Send(Envelope, Message, _ => ValueTask.FromResult(false), Ct)).Kind);
        Assert.Equal(["EHLO client.example"], peer.Heard);
        Assert.Equal(SmtpKind.Accepted, (await connection.Send(Envelope, Message, _ => ValueTask.FromResult(true), Ct)).Kind);
    }

    [Fact]
    public async Task Needs_that_the_server_does_not_meet_are_refused_before_anything_is_sent()
    {
        await using var peer = new ScriptedPeer(line => line.Serve(_ => Task.FromResult(false), "250-SIZE 20\r\n"));
        Assert.Equal((SmtpStage.Mail, SmtpKind.Unsupported), Told(await Deliver(Options(peer))));
        Assert.Equal((SmtpStage.Tls, SmtpKind.Unsupported), Told(await Deliver(Options(peer) with { Tls = TlsPolicy.Required })));
        var login = new SmtpCredentials("u", "p", false);
        Assert.Equal((SmtpStage.Auth, SmtpKind.Unsupported), Told(await Deliver(Options(peer) with { Credentials = login })));
        Assert.Equal((SmtpStage.Auth, SmtpKind.Unsupported), Told(await Deliver(Options(peer) with { Credentials = login, Tls = TlsPolicy.Opportunistic })));
        Assert.DoesNotContain(peer.Heard, line => line.StartsWith("MAIL", StringComparison.Ordinal) || line.StartsWith("AUTH", StringComparison.Ordinal));
        static (SmtpStage, SmtpKind) Told(SmtpOutcome outcome) => (outcome.Stage, outcome.Kind);
    }

    [Fact]
    public async Task Cancelling_throws_before_the_final_dot_and_is_in_doubt_after_it()
    {
        foreach (var verb in new[] { "MAIL", "DATA", "DOT" })
        {
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Ct);
            await using var peer = new ScriptedPeer(line => line.Serve(async heard =>
            {
                if (heard != verb) return false;
                await cancel.CancelAsync();
                return true;
            }));
            var opening = await SmtpConnection.Open(Options(peer), SmtpConnectors.Direct, TimeProvider.System, Ct);
            await using var connection = opening.Connection!;
            var sending = connection.Send(Envelope, Message, null, cancel.Token).AsTask();
            if (verb == "DOT") Assert.Equal(SmtpKind.InDoubt, (await sending).Kind);
            else await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
            Assert.False(connection.IsOpen);
        }
    }

    [Theory]
    [InlineData("250-AUTH PLAIN LOGIN\r\n", false, "AUTH PLAIN AHVzZXIAcC13b3Jk")]
    [InlineData("250-AUTH=LOGIN\r\n", false, "AUTH LOGIN|dXNlcg==|cC13b3Jk")]
    [InlineData("250-AUTH XOAUTH2\r\n", true, "AUTH XOAUTH2 dXNlcj11c2VyAWF1dGg9QmVhcmVyIHAtd29yZAEB")]
    public async Task Login_uses_what_the_server_offers_and_the_dialogue_hides_it(string offered, bool isToken, string said)
    {
        var expected = said.Split('|');
        await using var peer = new ScriptedPeer(line => line.Serve(async heard =>
        {
            if (heard != "AUTH") return false;
            for (var i = 1; i < expected.Length; i++)
            {
                await line.Say("334 VXNlcm5hbWU6\r\n");
                await line.Hear();
            }
            await line.Say("235 2.7.0 welcome\r\n");
            return true;
        }, offered));
        var opening = await SmtpConnection.Open(Options(peer) with { Credentials = new SmtpCredentials("user", "p-word", isToken) }, SmtpConnectors.Direct, TimeProvider.System, Ct);
        await opening.Connection!.DisposeAsync();
        Assert.Equal(expected, peer.Heard.Skip(1));
        Assert.Contains(opening.Dialogue!.Lines, line => line.IsClient && line.Text.EndsWith("***", StringComparison.Ordinal));
        Assert.DoesNotContain(opening.Dialogue.Lines, line => line.Text.Contains("d29yZ", StringComparison.Ordinal) || line.Text.Contains("p-word", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Refused_token_is_a_permanent_refusal_after_the_empty_answer()
    {
        await using var peer = new ScriptedPeer(line => line.Serve(async heard =>
        {
            if (heard != "AUTH") return false;
            await line.Say("334 eyJzdGF0dXMiOiI0MDEifQ==\r\n");
            Assert.Equal("", await line.Hear());
            await line.Say("535 5.7.8 no\r\n");
            return true;
        }, "250-AUTH XOAUTH2\r\n"));
        var outcome = await Deliver(Options(peer) with { Credentials = new SmtpCredentials("user", "t", true) });
        Assert.Equal((SmtpStage.Auth, SmtpKind.PermanentRefusal, "5.7.8"), (outcome.Stage, outcome.Kind, outcome.EnhancedCode));
    }

    [Fact]
    public async Task Nobody_listening_is_a_lost_connection()
    {
        var peer = new ScriptedPeer(_ => Task.CompletedTask);
        var options = Options(peer);
        await peer.DisposeAsync();
        var outcome = await Deliver(options);
        Assert.Equal((SmtpStage.Connect, SmtpKind.ConnectionLostBeforeData), (outcome.Stage, outcome.Kind));
        var guarded = await SmtpConnection.Open(options, (_, _) => throw new SocketException((int)SocketError.AccessDenied), TimeProvider.System, Ct);
        Assert.Equal(SmtpStage.Connect, guarded.Refusal!.Stage);
    }

    [Theory]
    [InlineData(".\r\n", "..\r\n.\r\n")]
    [InlineData(".a\r\n..\r\nb.\r\n", "..a\r\n...\r\nb.\r\n.\r\n")]
    [InlineData("no end", "no end\r\n.\r\n")]
    public async Task Dots_at_line_starts_are_doubled_on_the_wire(string message, string wire)
    {
        await using var peer = new ScriptedPeer(line => line.Serve(_ => Task.FromResult(false)));
        var opening = await SmtpConnection.Open(Options(peer), SmtpConnectors.Direct, TimeProvider.System, Ct);
        await using var connection = opening.Connection!;
        await connection.Send(Envelope, Encoding.ASCII.GetBytes(message), null, Ct);
        Assert.EndsWith("DATA\r\n" + wire, string.Join("\r\n", peer.Heard) + "\r\n", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Message_of_several_blocks_arrives_whole(int seed)
    {
        var random = new Random(seed);
        var text = new StringBuilder();
        while (text.Length < 300_000) text.Append(random.Next(4) switch { 0 => ".", 1 => "\r\n", 2 => "\r\n.", _ => new string('x', random.Next(2000)) });
        text.Append("\r\n");
        List<string>? got = null;
        await using var peer = new ScriptedPeer(line => line.Serve(async heard =>
        {
            if (heard != "DATA") return false;
            await line.Say("354 go\r\n");
            got = await line.HearMessage();
            await line.Say("250 ok\r\n");
            return true;
        }));
        var opening = await SmtpConnection.Open(Options(peer, 20000) with { KeepDialogue = false }, SmtpConnectors.Direct, TimeProvider.System, Ct);
        await using var connection = opening.Connection!;
        Assert.Equal(SmtpKind.Accepted, (await connection.Send(Envelope, Encoding.ASCII.GetBytes(text.ToString()), null, Ct)).Kind);
        Assert.Equal(text.ToString(), string.Concat(got!.Select(line => (line.StartsWith('.') ? line[1..] : line) + "\r\n")));
    }

    [Fact]
    public async Task Hang_up_in_the_middle_of_a_long_message_proves_it_was_not_delivered()
    {
        await using var peer = new ScriptedPeer(line => line.Serve(async heard =>
        {
            if (heard != "DATA") return false;
            await line.Say("354 go\r\n");
            line.Reset();
            return true;
        }));
        var opening = await SmtpConnection.Open(Options(peer), SmtpConnectors.Direct, TimeProvider.System, Ct);
        await using var connection = opening.Connection!;
        var big = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("0123456789\r\n", 2_000_000)));
        var outcome = await connection.Send(Envelope, big, null, Ct);
        Assert.Equal((SmtpStage.Data, SmtpKind.ConnectionLostBeforeData), (outcome.Stage, outcome.Kind));
    }

    [Theory]
    [InlineData("a\n.\r\nb\r\n")]
    [InlineData("\n.\r\n")]
    public async Task Message_with_a_dot_behind_a_bare_line_feed_is_a_callers_bug(string message)
    {
        await using var peer = new ScriptedPeer(line => line.Serve(_ => Task.FromResult(false)));
        var opening = await SmtpConnection.Open(Options(peer), SmtpConnectors.Direct, TimeProvider.System, Ct);
        await using var connection = opening.Connection!;
        await Assert.ThrowsAsync<ArgumentException>(() => connection.Send(Envelope, Encoding.ASCII.GetBytes(message), null, Ct).AsTask());
    }
}
