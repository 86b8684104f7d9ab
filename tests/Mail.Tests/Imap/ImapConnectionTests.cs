using System.Text;
using PenguinMails.Mail.Imap;
using PenguinMails.Mail.Smtp;
using PenguinMails.Mail.Tests.Smtp;

namespace PenguinMails.Mail.Tests.Imap;

public sealed partial class ImapConnectionTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Logs in to a peer whose answers are given by verb, runs, and tells what the peer heard behind the log-in.</summary>
    static async Task<List<string>> Talk(string capabilities, Func<ImapConnection, Task> run, Func<ScriptedPeer.Line, string, string[], Task<bool>>? special = null, SmtpCredentials? credentials = null, ImapOptions? like = null)
    {
        await using var peer = new ScriptedPeer(async line =>
        {
            await line.Say("* OK [CAPABILITY IMAP4rev1] ready\r\n");
            while (true)
            {
                var words = (await line.Hear()).Split(' ');
                if (words.Length == 1) continue; // DONE, to a peer that ended the waiting itself.
                if (special is not null && await special(line, words[0], words)) continue;
                if (words[1] == "CAPABILITY") await line.Say($"* CAPABILITY IMAP4rev1 {capabilities}\r\n");
                await line.Say($"{words[0]} OK done\r\n");
            }
        });
        var options = (like ?? new ImapOptions { Server = peer.EndPoint, Credentials = new("u", "p", false) }) with { Server = peer.EndPoint, Tls = TlsPolicy.None, Timeout = TimeSpan.FromSeconds(2), Credentials = credentials ?? new("u", "p", false) };
        var opening = await ImapConnection.Open(options, SmtpConnectors.Direct, TimeProvider.System, Ct);
        Assert.True(opening.Connection is not null, opening.Outcome.ToString());
        await using var connection = opening.Connection;
        await run(connection);
        return [.. peer.Heard.SkipWhile(heard => !heard.Contains("LOGIN", StringComparison.Ordinal) && !heard.Contains("AUTHENTICATE", StringComparison.Ordinal))];
    }

    /// <summary>Answers one verb, with "$" for the tag.</summary>
    static Func<ScriptedPeer.Line, string, string[], Task<bool>> Answer(string verb, string answer) => async (line, tag, words) =>
    {
        if (!words.Contains(verb)) return false;
        await line.Say(answer.Replace("$", tag, StringComparison.Ordinal));
        return true;
    };

    [Theory]
    [InlineData("", "{5}")]
    [InlineData("LITERAL+", "{5+}")]
    [InlineData("LITERAL-", "{5+}")]
    public async Task Literals_wait_unless_the_server_takes_them_at_once(string capability, string announced)
    {
        var heard = await Talk(capability, async connection =>
        {
            var appended = await connection.Append("INBOX", "a\r\nb!"u8.ToArray(), ["\\Seen"], new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.FromHours(-7)), Ct);
            Assert.Equal(new ImapAppended(38505, 3955), appended.Value);
        }, async (line, tag, words) =>
        {
            if (words[1] != "APPEND") return false;
            if (capability.Length == 0) await line.Say("* 1 EXISTS\r\n+ go\r\n");
            Assert.Equal(("a", "b!"), (await line.Hear(), await line.Hear()));
            await line.Say(tag + " OK [APPENDUID 38505 3955] done\r\n");
            return true;
        });
        Assert.Contains($"APPEND \"INBOX\" (\\Seen) \"03-Feb-2026 04:05:06 -0700\" {announced}", heard[1]);
    }

    [Fact]
    public async Task Append_that_is_refused_before_the_literal_sends_nothing_more()
    {
        var heard = await Talk("", async connection =>
        {
            Assert.Equal("TRYCREATE", (await connection.Append("x", "secret"u8.ToArray(), [], null, Ct)).Outcome.Code);
            Assert.Equal(ImapKind.Works, (await connection.Noop(Ct)).Outcome.Kind);
        }, Answer("APPEND", "$ NO [TRYCREATE] no such folder\r\n"));
        Assert.Equal("A004 NOOP", heard[^1]);
    }

    [Theory]
    [InlineData("AUTH=XOAUTH2 AUTH=OAUTHBEARER SASL-IR", "AUTHENTICATE OAUTHBEARER bixhPXUs")]
    [InlineData("AUTH=XOAUTH2 SASL-IR", "AUTHENTICATE XOAUTH2 dXNlcj11AWF1dGg9QmVhcmVyIHAB")]
    public async Task Tokens_go_by_the_standard_where_it_is_offered(string capabilities, string said) =>
        Assert.Contains(said, (await Talk(capabilities, _ => Task.CompletedTask, null, new("u", "p", true)))[0]);

    [Fact]
    public async Task Select_tells_what_the_folder_is_and_what_changed_since()
    {
        const string said = "* 172 EXISTS\r\n* OK [CLOSED] old one\r\n* 314 EXISTS\r\n* 15 RECENT\r\n* FLAGS (\\Answered)\r\n* OK [UIDVALIDITY 67890007] UIDVALIDITY\r\n* OK [UIDNEXT 567] next\r\n"
            + "* OK [HIGHESTMODSEQ 90060115205545359] x\r\n* VANISHED (EARLIER) 41,43:116,118\r\n* 49 FETCH (UID 117 FLAGS (\\Seen \\Answered) MODSEQ (90060115194045001))\r\n$ OK [READ-WRITE] mailbox selected\r\n";
        var heard = await Talk("ENABLE QRESYNC CONDSTORE", async connection =>
        {
            var state = (await connection.Select("INBOX", false, new ImapKnown(67890007, 90060115194045000), Ct)).Value!;
            Assert.Equal((67890007u, 567u, 314u, 90060115205545359ul, false), (state.UidValidity, state.UidNext, state.Exists, state.HighestModSeq, state.IsReadOnly));
            Assert.Equal("41,43:116,118", state.Vanished.ToString());
            var changed = Assert.Single(state.Changed);
            Assert.Equal((117u, 90060115194045001ul), (changed.Uid, changed.ModSeq));
        }, Answer("SELECT", said));
        Assert.Equal("A004 ENABLE QRESYNC", heard[^2]);
        Assert.Equal("A005 SELECT \"INBOX\" (QRESYNC (67890007 90060115194045000))", heard[^1]);
    }

    [Fact]
    public async Task Fetched_sections_come_with_everything_odd_between_them()
    {
        const string said = "* 2 FETCH (FLAGS (\\Seen))\r\n* 1 EXPUNGE\r\n* 1 FETCH (X-GM-LABELS (\"\\\\Important\" (a)) UID 7 INTERNALDATE \" 7-Feb-1994 21:52:25 -0800\" RFC822.SIZE 44827 BODY[HEADER.FIELDS (\"Date\" FROM)] {3}\r\na)b BODY[]<0> \"quoted \\\" one\" BODY[TEXT] NIL)\r\n$ OK x\r\n";
        await Talk("", async connection =>
        {
            var got = new List<ImapFetched>();
            var outcome = await connection.Fetch(ImapUidSet.Of(7), new ImapFetch { Sections = [ImapSection.Whole] }, (fetched, _) =>
            {
                got.Add(fetched);
                return ValueTask.CompletedTask;
            }, Ct);
            Assert.Equal(ImapKind.Works, outcome.Kind);
            var one = Assert.Single(got);
            Assert.Equal((7u, 44827L, new DateTimeOffset(1994, 2, 7, 21, 52, 25, TimeSpan.FromHours(-8))), (one.Uid, one.Size, one.InternalDate));
            Assert.Equal(["a)b", "quoted \" one", ""], one.Contents.Select(content => Encoding.UTF8.GetString(content.Octets.Span)));
        }, Answer("FETCH", said));
    }

    [Theory]
    [InlineData(65_536, false)]
    [InlineData(65_537, true)]
    public async Task Section_beyond_the_limit_is_read_over(int octets, bool isCut) => await Talk("", async connection =>
    {
        ImapContent? got = null;
        await connection.Fetch(ImapUidSet.Of(1), new ImapFetch { Sections = [ImapSection.Whole] }, (fetched, _) =>
        {
            got = fetched.Contents[0];
            return ValueTask.CompletedTask;
        }, Ct);
        Assert.Equal((isCut, isCut ? 0 : octets, (long)octets), (got!.IsCut, got.Octets.Length, got.OctetsAnnounced));
        Assert.Equal(ImapKind.Works, (await connection.Noop(Ct)).Outcome.Kind);
    }, Answer("FETCH", $"* 1 FETCH (UID 1 BODY[] {{{octets}}}\r\n{new string('x', octets)})\r\n$ OK x\r\n"), null, new ImapOptions { Server = new("x", 1), Credentials = new("u", "p", false), SectionOctetsMax = 65_536 });

    [Theory]
    [InlineData("MOVE", "UID MOVE 4:5 \"Old\"")]
    [InlineData("UIDPLUS", "UID COPY 4:5 \"Old\"|UID STORE 4:5 +FLAGS.SILENT (\\Deleted)|UID EXPUNGE 4:5")]
    [InlineData("", "UID COPY 4:5 \"Old\"|UID STORE 4:5 +FLAGS.SILENT (\\Deleted)")]
    public async Task Moving_never_expunges_more_than_was_moved(string capabilities, string said)
    {
        var heard = await Talk(capabilities, async connection => Assert.Equal(ImapKind.Works, (await connection.Move(ImapUidSet.Of(5, 4), "Old", Ct)).Kind));
        Assert.Equal(said.Split('|'), heard.Skip(1).Select(line => line[5..]));
    }

    [Fact]
    public async Task Idle_is_issued_again_and_ends_with_the_first_news()
    {
        var idles = 0;
        var heard = await Talk("IDLE", async connection =>
        {
            var changes = (await connection.Idle(TimeSpan.FromSeconds(20), Ct)).Value;
            Assert.Equal([new ImapChange(ImapChangeKind.Exists, 4)], changes);
            Assert.Equal(4u, connection.Exists);
        }, async (line, tag, words) =>
        {
            if (words[1] != "IDLE") return false;
            await line.Say("+ idling\r\n" + (++idles == 3 ? "* 4 EXISTS\r\n" : ""));
            Assert.Equal("DONE", await line.Hear());
            await line.Say(tag + " OK done\r\n");
            return true;
        }, null, new ImapOptions { Server = new("x", 1), Credentials = new("u", "p", false), IdleTimeMax = TimeSpan.FromMilliseconds(100) });
        Assert.Equal(3, heard.Count(line => line.EndsWith("IDLE", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Goodbye_at_any_time_is_the_servers_word() => await Talk("IDLE", async connection =>
    {
        var outcome = (await connection.Idle(TimeSpan.FromSeconds(20), Ct)).Outcome;
        Assert.Equal((ImapKind.Refused, "Autologout; idle for too long"), (outcome.Kind, outcome.Text));
        Assert.False(connection.IsOpen);
        Assert.Equal(ImapKind.ConnectionLost, (await connection.Noop(Ct)).Outcome.Kind);
    }, Answer("IDLE", "+ idling\r\n* BYE Autologout; idle for too long\r\n"));

    [Theory]
    [InlineData("", "UID SEARCH (UNSEEN FROM \"x\")", "* SEARCH 9 2 4 (MODSEQ 917162500)\r\n")]
    [InlineData("ESEARCH", "UID SEARCH RETURN (ALL) (UNSEEN FROM \"x\")", "* ESEARCH (TAG \"A3\") UID ALL 2,4,9 MODSEQ 917162500\r\n")]
    public async Task Search_answers_in_either_form_are_one(string capabilities, string said, string answer)
    {
        var heard = await Talk(capabilities, async connection => Assert.Equal("2,4,9", (await connection.Search(ImapCriteria.And(ImapCriteria.Unseen, ImapCriteria.From("x")), Ct)).Value?.ToString()), Answer("SEARCH", answer + "$ OK x\r\n"));
        Assert.EndsWith(said, heard[^1]);
    }

    [Theory]
    [InlineData("4:2,9,3:5,*", "2:5,9,4294967295")]
    [InlineData("0,x,,7", "7")]
    [InlineData("1:*", "1:*")]
    [InlineData("5,4,4", "4:5")]
    public void Sets_are_read_loosely_and_kept_in_order(string text, string kept) => Assert.Equal(kept, ImapUidSet.Read(text).ToString());
}
