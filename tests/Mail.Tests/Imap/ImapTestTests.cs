using PenguinMails.Mail.Imap;
using PenguinMails.Mail.Smtp;
using PenguinMails.Mail.Tests.Smtp;

namespace PenguinMails.Mail.Tests.Imap;

public sealed class ImapTestTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static async Task<(ImapTest Test, List<string> Heard)> Run(
        string capabilities, Func<ScriptedPeer.Line, string, string, Task<bool>>? special = null, bool isToken = false, TlsPolicy tls = TlsPolicy.None, string password = "p\"w")
    {
        await using var peer = new ScriptedPeer(async line =>
        {
            await line.Say("* OK ready\r\n");
            while (true)
            {
                var words = (await line.Hear()).Split(' ');
                if (special is not null && await special(line, words[0], words[1])) continue;
                await line.Say(words[1] switch
                {
                    "CAPABILITY" => $"* CAPABILITY IMAP4rev1 {capabilities}\r\n",
                    "LIST" => "* LIST (\\HasNoChildren) \"/\" INBOX\r\n* LIST (\\Sent) \"/\" \"Sent \\\"x\\\"\"\r\n* LIST (\\Junk) NIL {7}\r\nSp&AOQ-\r\n* LIST (broken\r\n",
                    "LOGOUT" => "* BYE see you\r\n",
                    _ => "",
                } + $"{words[0]} OK done\r\n");
                if (words[1] == "LOGOUT") return;
            }
        });
        var test = await ImapTest.Run(
            new ImapOptions { Server = peer.EndPoint, Tls = tls, Credentials = new SmtpCredentials("user", password, isToken), Timeout = TimeSpan.FromMilliseconds(1500) },
            SmtpConnectors.Direct, TimeProvider.System, Ct);
        return (test, peer.Heard);
    }

    [Theory]
    [InlineData("", "A002 LOGIN \"user\" \"p\\\"w\"")]
    [InlineData("AUTH=PLAIN SASL-IR", "A002 AUTHENTICATE PLAIN AHVzZXIAcCJ3")]
    public async Task Working_mailbox_is_logged_into_and_its_folders_listed(string capabilities, string login)
    {
        var (test, heard) = await Run(capabilities);
        Assert.Equal((ImapStage.Done, ImapKind.Works), (test.Outcome.Stage, test.Outcome.Kind));
        Assert.Equal([new ImapFolder("INBOX", null), new ImapFolder("Sent \"x\"", "Sent"), new ImapFolder("Spä", "Junk")], test.Folders);
        Assert.Equal(["A001 CAPABILITY", login, "A003 LIST \"\" \"*\"", "A004 LOGOUT"], heard);
        Assert.DoesNotContain(test.Dialogue.Lines, line => line.Text.Contains("p\\\"w", StringComparison.Ordinal) || line.Text.Contains("AHVz", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Challenge_is_answered_when_the_server_takes_no_early_answer()
    {
        var (test, heard) = await Run("AUTH=PLAIN", async (line, tag, verb) =>
        {
            if (verb != "AUTHENTICATE") return false;
            await line.Say("+ \r\n");
            await line.Hear();
            await line.Say(tag + " OK\r\n");
            return true;
        });
        Assert.Equal(ImapKind.Works, test.Outcome.Kind);
        Assert.Equal(["A002 AUTHENTICATE PLAIN", "AHVzZXIAcCJ3"], heard.Skip(1).Take(2));
    }

    [Fact]
    public async Task Wrong_password_and_refused_token_say_why()
    {
        var (test, _) = await Run("", async (line, tag, verb) =>
        {
            if (verb == "LOGIN") await line.Say(tag + " NO [AUTHENTICATIONFAILED] wrong\r\n");
            return verb == "LOGIN";
        });
        Assert.Equal(new ImapOutcome(ImapStage.Auth, ImapKind.Refused, "AUTHENTICATIONFAILED", "wrong"), test.Outcome);
        (test, _) = await Run("AUTH=XOAUTH2 SASL-IR", async (line, tag, verb) =>
        {
            if (verb != "AUTHENTICATE") return false;
            await line.Say("+ eyJ9\r\n");
            Assert.Equal("", await line.Hear());
            await line.Say(tag + " NO expired\r\n");
            return true;
        }, isToken: true);
        Assert.Equal(new ImapOutcome(ImapStage.Auth, ImapKind.Refused, null, "expired"), test.Outcome);
    }

    [Theory]
    [InlineData("LOGINDISABLED", false, TlsPolicy.None, ImapStage.Auth)]
    [InlineData("AUTH=PLAIN", true, TlsPolicy.None, ImapStage.Auth)]
    [InlineData("AUTH=PLAIN", false, TlsPolicy.Required, ImapStage.Tls)]
    [InlineData("AUTH=PLAIN", false, TlsPolicy.Opportunistic, ImapStage.Tls)]
    public async Task Secret_is_not_sent_where_it_cannot_be_taken_safely(string capabilities, bool isToken, TlsPolicy tls, ImapStage stage)
    {
        var (test, heard) = await Run(capabilities, null, isToken, tls);
        Assert.Equal((stage, ImapKind.Unsupported), (test.Outcome.Stage, test.Outcome.Kind));
        Assert.Equal(["A001 CAPABILITY"], heard);
    }

    [Theory]
    [InlineData("CAPABILITY", ImapStage.Capability)]
    [InlineData("LOGIN", ImapStage.Auth)]
    [InlineData("LIST", ImapStage.List)]
    public async Task Hang_up_silence_garbage_and_endless_talk_are_outcomes(string verb, ImapStage stage)
    {
        var ways = new Dictionary<string, Func<ScriptedPeer.Line, Task>>
        {
            ["hang up"] = line => { line.HangUp(); return Task.CompletedTask; },
            ["silence"] = line => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, line.Stop),
            ["garbage"] = line => line.Say("HTTP/1.1 400 Bad Request\r\n"),
            ["other tag"] = line => line.Say("B999 OK\r\n"),
            ["endless line"] = line => line.Say("* " + new string('x', 100_000)),
            ["endless reply"] = line => line.Say(string.Concat(Enumerable.Repeat("* NOOP\r\n", 11_000))),
            ["huge literal"] = line => line.Say("* LIST () NIL {999999999}\r\n"),
            ["cut literal"] = async line => { await line.Say("* LIST () NIL {100}\r\nabc"); line.HangUp(); },
        };
        foreach (var (name, way) in ways)
        {
            var (test, _) = await Run("", async (line, _, heard) =>
            {
                if (heard == verb) await way(line);
                return heard == verb;
            });
            Assert.Equal((name, stage, ImapKind.ConnectionLost), (name, test.Outcome.Stage, test.Outcome.Kind));
        }
    }

    [Fact]
    public async Task Line_end_in_a_password_is_a_callers_bug() => await Assert.ThrowsAsync<ArgumentException>(() => Run("", password: "p\r\nA009 DELETE INBOX"));
}
