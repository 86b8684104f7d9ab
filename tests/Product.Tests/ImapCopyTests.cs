using System.Net;
using System.Text;
using PenguinMails.Mail.Imap;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Product.Tests;

/// <summary>Carrying an account from one Dovecot to another.</summary>
public sealed class ImapCopyTests
{
    static readonly DateTimeOffset Received = new(2026, 3, 4, 5, 6, 7, TimeSpan.FromHours(2));

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static byte[] Message(int number) => Encoding.UTF8.GetBytes($"From: a@b.example\r\nSubject: Brief {number}\r\nMessage-ID: <{number}@b.example>\r\n\r\nBody {number}\r\n");

    [Fact]
    public async Task Everything_arrives_once_with_folder_flags_and_date_however_often_it_is_broken_off()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Postfix and Dovecot start as root only.");
        await using var old = await RealServers.Start(Ct);
        await using var next = await RealServers.Start(Ct);
        await using var source = await Open(old);
        await using var target = await Open(next);
        await source.Create("Archive", Ct);
        for (var i = 1; i <= 20; i++) await Put(source, i % 4 == 0 ? "Archive" : "INBOX", i);
        await Put(source, "INBOX", 1); // The same once more: both arrive.
        await Put(target, "INBOX", 99); // Came to the new server meanwhile: stays.

        for (var stops = 0; stops < 6; stops++)
        {
            await using var from = await Open(old);
            await using var to = await Open(next);
            var broken = await Assert.ThrowsAnyAsync<InvalidOperationException>(async () => await ImapCopy.Run(from, to, (so, _) => so.Messages == 3 ? throw new InvalidOperationException("killed") : ValueTask.CompletedTask, Ct));
            Assert.Equal("killed", broken.Message);
        }

        var last = await Run(source, target);
        Assert.Equal((ImapKind.Works, 3, 0), (last.Outcome.Kind, last.Messages, last.TooLarge)); // 21 in all, three at each of six tries.
        Assert.Equal(0, (await Run(source, target)).Messages);

        var (inbox, archive) = (await Read(target, "INBOX"), await Read(target, "Archive"));
        Assert.Equal([.. Enumerable.Range(1, 20).Where(i => i % 4 != 0).Append(1).Append(99).Order().Select(i => $"<{i}@b.example>")], inbox.Select(Id).OrderBy(Number));
        Assert.Equal(["<4@b.example>", "<8@b.example>", "<12@b.example>", "<16@b.example>", "<20@b.example>"], archive.Select(Id).OrderBy(Number));
        Assert.All(archive, message => Assert.Equal((true, Received), (message.Flags?.Contains("\\Flagged"), message.InternalDate)));
        Assert.Equal(Message(8), archive.Single(message => Id(message) == "<8@b.example>").Contents[1].Octets.ToArray());
    }

    static ValueTask<ImapCopyResult> Run(ImapConnection source, ImapConnection target) => ImapCopy.Run(source, target, (_, _) => ValueTask.CompletedTask, Ct);

    static async Task<List<ImapFetched>> Read(ImapConnection connection, string folder)
    {
        var all = new List<ImapFetched>();
        Assert.NotNull((await connection.Select(folder, readOnly: true, null, Ct)).Value);
        await connection.Fetch(ImapUidSet.From(1), new ImapFetch { Flags = true, InternalDate = true, Size = true, Sections = [ImapSection.Fields("MESSAGE-ID"), ImapSection.Whole] }, (fetched, _) =>
        {
            all.Add(fetched);
            return ValueTask.CompletedTask;
        }, Ct);
        return all;
    }

    static string Id(ImapFetched message) => ImapFingerprint.Of(message).MessageId ?? "";

    static int Number(string id) => int.Parse(id[1..id.IndexOf('@')], System.Globalization.CultureInfo.InvariantCulture);

    static async Task Put(ImapConnection connection, string folder, int number) =>
        Assert.NotNull((await connection.Append(folder, Message(number), ["\\Flagged"], Received, Ct)).Value);

    static async Task<ImapConnection> Open(RealServers servers)
    {
        var opening = await ImapConnection.Open(new ImapOptions { Server = new DnsEndPoint("127.0.0.1", servers.ImapPort), Tls = TlsPolicy.None, Credentials = new SmtpCredentials(RealServers.User, RealServers.Secret, false) }, SmtpConnectors.Direct, TimeProvider.System, Ct);
        return opening.Connection ?? throw new InvalidOperationException($"{opening.Outcome}\n{servers.Logs()}");
    }
}
