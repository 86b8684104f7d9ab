using System.Net;
using PenguinMails.Mail.Imap;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Mail.Tests.Peers;

/// <summary>Dovecot: mailboxes over IMAP, in clear with STARTTLS and inside TLS.</summary>
sealed record Dovecot(PeerProcess Process, int Port, int TlsPort, TestCa Ca) : IAsyncDisposable
{
    public const string Host = "imap.peer.example";

    public ImapOptions Options(TlsPolicy tls, string user = MailServerPeer.User) => new()
    {
        Server = new DnsEndPoint("127.0.0.1", tls == TlsPolicy.Implicit ? TlsPort : Port), Tls = tls, TlsName = Host, Roots = Ca.Roots,
        Credentials = new SmtpCredentials(user, MailServerPeer.Secret, false), KeepDialogue = true,
    };

    /// <param name="more">Further users, with the same password.</param>
    public static async Task<Dovecot> Start(CancellationToken ct, params string[] more)
    {
        PeerProcess.Root();
        PeerProcess.Needs("dovecot", "dovecot-imapd");
        var (process, port, tlsPort, ca) = (new PeerProcess(), PeerProcess.FreePort(), PeerProcess.FreePort(), new TestCa());
        ca.Issue(Host, process.Folder).Dispose();
        Launch(process, PeerProcess.FreePort(), port, tlsPort, more);
        await process.UntilListening(port, ct);
        await process.UntilListening(tlsPort, ct);
        return new Dovecot(process, port, tlsPort, ca);
    }

    /// <summary>Port 0 leaves IMAP out; the log-in for others is always there.</summary>
    public static void Launch(PeerProcess process, int authPort, int port, int tlsPort, params string[] more)
    {
        foreach (var name in new[] { "dovecot/run", "dovecot/home" }) Directory.CreateDirectory(process.Path(name));
        File.SetUnixFileMode(process.Path("dovecot/home"), (UnixFileMode)0b111_111_111);
        process.Write("dovecot/users", string.Concat(more.Prepend(MailServerPeer.User).Select(user => $"{user}:{{PLAIN}}{MailServerPeer.Secret}\n")));
        process.Fill("dovecot.conf", "dovecot/dovecot.conf", ("AUTH", authPort), ("PORT", port), ("TLSPORT", tlsPort), ("PROTOCOLS", port == 0 ? "" : "imap"), ("TLS", port == 0 ? "no" : "yes"));
        process.Launch("dovecot", "-F", "-c", process.Path("dovecot/dovecot.conf"));
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        Ca.Dispose();
    }
}
