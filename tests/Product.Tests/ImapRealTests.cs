using System.Net;
using System.Text;
using PenguinMails.Mail.Imap;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Product.Tests;

/// <summary>The IMAP client against Dovecot: every command it has, and a sync across changes.</summary>
public sealed class ImapRealTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static byte[] Message(int number) => Encoding.UTF8.GetBytes($"From: a@b.example\r\nSubject: Brief {number}\r\nMessage-ID: <{number}@b.example>\r\n\r\nBody {number}\r\n");

    static async Task<ImapConnection> Open(RealServers servers)
    {
        var opening = await ImapConnection.Open(new ImapOptions
        {
            Server = new DnsEndPoint("127.0.0.1", servers.ImapPort), Tls = TlsPolicy.None, Credentials = new SmtpCredentials(RealServers.User, RealServers.Secret, false), KeepDialogue = true,
        }, SmtpConnectors.Direct, TimeProvider.System, Ct);
        return opening.Connection ?? throw new InvalidOperationException($"{opening.Outcome}\n{string.Join('\n', opening.Dialogue?.Lines ?? [])}\n{servers.Logs()}");
    }

    static async Task<uint> Append(ImapConnection connection, string folder, int number)
    {
        var appended = await connection.Append(folder, Message(number), ["\\Flagged"], new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.FromHours(2)), Ct);
        return appended.Value?.Uid ?? throw new InvalidOperationException(appended.Outcome.ToString());
    }

    [Fact]
    public async Task Dovecot_is_read_searched_changed_watched_and_synced()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Postfix and Dovecot start as root only.");
        await using var servers = await RealServers.Start(Ct);
        await using var one = await Open(servers);
        await using var other = await Open(servers);
        Assert.Contains("IDLE", one.Capabilities);

        for (var i = 1; i <= 5; i++) Assert.Equal((uint)i, await Append(one, "INBOX", i));
        var folder = (await one.Select("INBOX", false, null, Ct)).Value ?? throw new InvalidOperationException("Not selected.");
        Assert.Equal((5u, 6u, false), (folder.Exists, folder.UidNext, folder.IsReadOnly));
        Assert.NotNull(folder.HighestModSeq);
        Assert.Contains((await one.List(Ct)).Value ?? [], listed => listed is { Name: "INBOX", IsSelectable: true });

        Assert.Equal("1:5", (await one.Search(ImapCriteria.Flagged, Ct)).Value?.ToString());
        Assert.Equal("3", (await one.Search(ImapCriteria.And(ImapCriteria.Subject("Brief 3"), ImapCriteria.Not(ImapCriteria.Seen)), Ct)).Value?.ToString());
        Assert.Equal("", (await one.Search(ImapCriteria.Text("größer"), Ct)).Value?.ToString());
        Assert.Equal("4:5", (await one.Search(ImapCriteria.Uids(ImapUidSet.From(4)), Ct)).Value?.ToString());

        var got = new List<ImapFetched>();
        await one.Fetch(ImapUidSet.Of(2, 4), new ImapFetch { Flags = true, InternalDate = true, Size = true, ModSeq = true, Sections = [ImapSection.Whole, ImapSection.Text.Stretch(5, 1), ImapSection.Fields("Message-ID")] }, (fetched, _) =>
        {
            got.Add(fetched);
            return ValueTask.CompletedTask;
        }, Ct);
        Assert.Equal([2u, 4u], got.Select(fetched => fetched.Uid));
        Assert.Equal(Encoding.UTF8.GetString(Message(4)), Encoding.UTF8.GetString(got[1].Contents[0].Octets.Span));
        Assert.Equal(("4", "Message-ID: <4@b.example>\r\n\r\n"), (Encoding.UTF8.GetString(got[1].Contents[1].Octets.Span), Encoding.UTF8.GetString(got[1].Contents[2].Octets.Span)));
        Assert.Equal((Message(4).Length, new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.FromHours(2))), ((int)(got[1].Size ?? 0), got[1].InternalDate));
        Assert.True(got[1].ModSeq > 0 && got[1].Flags!.Contains("\\Flagged"));

        await Synced(one, other);
        await Watched(one, other);
        await Moved(servers, one, other, folder);
    }

    static async Task Synced(ImapConnection one, ImapConnection other)
    {
        var got = new List<uint>();
        ValueTask<bool> Take(ImapMessage message, ImapSyncState next, CancellationToken _)
        {
            got.Add(message.Uid);
            Assert.Equal(Message((int)message.Uid), message.Octets.ToArray());
            return ValueTask.FromResult(true);
        }

        var first = await ImapSync.Run(other, ImapSyncState.Everything("INBOX"), new(), (_, _) => ValueTask.FromResult(false), Take, Ct);
        Assert.Equal([1u, 2, 3, 4, 5], got);
        var again = await ImapSync.Run(other, first.State, new(), (_, _) => ValueTask.FromResult(false), Take, Ct);
        Assert.Equal((0, 5u, ImapKind.Works), (again.Delivered, again.State.LastUid, again.Outcome.Kind));
        await Append(one, "INBOX", 6);
        var third = await ImapSync.Run(other, again.State, new(), (_, _) => ValueTask.FromResult(false), Take, Ct);
        Assert.Equal((1, 6u), (third.Delivered, third.State.LastUid));
    }

    static async Task Watched(ImapConnection one, ImapConnection other)
    {
        await other.Noop(Ct);
        Assert.Empty((await other.Idle(TimeSpan.FromMilliseconds(300), Ct)).Value!);
        var waiting = other.Idle(TimeSpan.FromSeconds(60), Ct).AsTask();
        await Append(one, "INBOX", 7);
        Assert.Contains(new ImapChange(ImapChangeKind.Exists, 7), (await waiting).Value!);
        Assert.Equal(7u, other.Exists);
    }

    static async Task Moved(RealServers servers, ImapConnection one, ImapConnection other, ImapFolderState before)
    {
        const string name = "Überschüsse & mehr";
        Assert.Equal("TRYCREATE", (await one.Append(name, Message(1), [], null, Ct)).Outcome.Code);
        Assert.Equal(ImapKind.Works, (await one.Store(ImapUidSet.Of(1), ImapStoreKind.Add, ["\\Seen", "$Read"], Ct)).Kind);
        Assert.Equal(ImapKind.Works, (await one.Move(ImapUidSet.Of(2, 3), "INBOX", Ct)).Kind);
        await using var third = await Open(servers);
        var state = (await third.Select("INBOX", true, new ImapKnown(before.UidValidity, before.HighestModSeq ?? 1), Ct)).Value;
        Assert.Equal("2:3", state?.Vanished.ToString());
        Assert.Contains(state?.Changed ?? [], changed => changed.Uid == 1 && changed.Flags!.Contains("$Read"));
        Assert.True(state?.IsReadOnly);
        await third.LogOut(Ct);
        await other.LogOut(Ct);
        Assert.False(other.IsOpen);
    }
}
