using System.Net;
using System.Text;
using PenguinMails.Mail.Imap;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Mail.Tests.Peers;

/// <summary>The IMAP client against Dovecot over TLS: who is believed, and that the conversation inside is the same.</summary>
[Trait("Needs", "peers")]
public sealed class PeerImapTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static ValueTask<ImapOpening> Open(ImapOptions options) => ImapConnection.Open(options, SmtpConnectors.Direct, TimeProvider.System, Ct);

    [Fact]
    public async Task Mail_is_kept_watched_and_synced_inside_tls_of_both_kinds()
    {
        await using var dovecot = await Dovecot.Start(Ct);
        uint last = 0;
        foreach (var tls in new[] { TlsPolicy.Implicit, TlsPolicy.Required, TlsPolicy.Opportunistic })
        {
            var opening = await Open(dovecot.Options(tls));
            Assert.True(opening.Connection is not null, $"{tls}: {opening.Outcome}\n{dovecot.Process.Logs()}");
            await using var connection = opening.Connection;
            Assert.Contains(opening.Dialogue!.Lines, line => line.Text.StartsWith("[Tls1", StringComparison.Ordinal));
            var message = Encoding.UTF8.GetBytes($"Subject: {tls}\r\nMessage-ID: <{tls}@b.example>\r\n\r\n{new string('x', 70_000)}\r\nGrüße\r\n");
            var appended = await connection.Append("INBOX", message, ["\\Seen"], null, Ct);
            Assert.Equal(last + 1, appended.Value?.Uid);
            await connection.Select("INBOX", true, null, Ct);
            var got = new List<byte[]>();
            await connection.Fetch(ImapUidSet.Of(last + 1), new ImapFetch { Sections = [ImapSection.Whole] }, (fetched, _) =>
            {
                got.Add(fetched.Contents[0].Octets.ToArray());
                return ValueTask.CompletedTask;
            }, Ct);
            Assert.Equal(message, Assert.Single(got));
            last++;
            await connection.LogOut(Ct);
        }

        var again = (await Open(dovecot.Options(TlsPolicy.Implicit))).Connection!;
        await using (again)
        {
            var run = await ImapSync.Run(again, ImapSyncState.Everything("INBOX"), new(), (_, _) => ValueTask.FromResult(false), (_, _, _) => ValueTask.FromResult(true), Ct);
            Assert.Equal((3, 3u), (run.Delivered, run.State.LastUid));
            await again.Noop(Ct);
            var waiting = again.Idle(TimeSpan.FromSeconds(60), Ct).AsTask();
            await using var other = (await Open(dovecot.Options(TlsPolicy.Required))).Connection!;
            await other.Append("INBOX", "Subject: new\r\n\r\n."u8.ToArray(), [], null, Ct);
            Assert.Contains(new ImapChange(ImapChangeKind.Exists, 4), (await waiting).Value!);
        }
    }

    [Theory]
    [InlineData(TlsPolicy.Implicit)]
    [InlineData(TlsPolicy.Required)]
    [InlineData(TlsPolicy.Opportunistic)] // A password is at stake, so it counts as required.
    public async Task No_password_goes_to_a_server_that_is_not_believed(TlsPolicy tls)
    {
        await using var dovecot = await Dovecot.Start(Ct);
        using var stranger = new TestCa();
        var options = dovecot.Options(tls);
        foreach (var (why, doubted) in new[]
        {
            ("another name", options with { TlsName = "imap.other.example" }), ("an unknown authority", options with { Roots = stranger.Roots }),
            ("the system's roots", options with { Roots = null }), ("refused by the caller", options with { CertificateCheck = _ => false }),
        })
        {
            var opening = await Open(doubted);
            Assert.Equal((why, null, ImapStage.Tls, ImapKind.ConnectionLost), (why, opening.Connection, opening.Outcome.Stage, opening.Outcome.Kind));
            Assert.DoesNotContain(opening.Dialogue!.Lines, line => line.IsClient && (line.Text.Contains("LOGIN", StringComparison.Ordinal) || line.Text.Contains("AUTHENTICATE", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task A_pinned_certificate_is_believed_whatever_its_name_and_authority()
    {
        await using var dovecot = await Dovecot.Start(Ct);
        var pinned = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(dovecot.Process.Path("tls.pem"), Ct)).Thumbprint;
        var opening = await Open(dovecot.Options(TlsPolicy.Implicit) with { TlsName = "imap.other.example", Roots = null, CertificateCheck = chain => chain[0].Thumbprint == pinned });
        Assert.True(opening.Connection is not null, opening.Outcome.ToString());
        await opening.Connection.DisposeAsync();
    }

    [Fact]
    public async Task A_wrong_password_is_refused_and_not_shown()
    {
        await using var dovecot = await Dovecot.Start(Ct);
        var opening = await Open(dovecot.Options(TlsPolicy.Implicit) with { Credentials = new SmtpCredentials(MailServerPeer.User, "guess-77", false), Server = new DnsEndPoint("127.0.0.1", dovecot.TlsPort) });
        Assert.Equal((ImapStage.Auth, ImapKind.Refused), (opening.Outcome.Stage, opening.Outcome.Kind));
        Assert.DoesNotContain(opening.Dialogue!.Lines, line => line.Text.Contains("guess-77", StringComparison.Ordinal) || line.Text.Contains(Convert.ToBase64String("\0olivia\0guess-77"u8), StringComparison.Ordinal));
    }
}
