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
    public static Task<Dovecot> Start(CancellationToken ct, params string[] more) => Start(null, ct, more);

    /// <param name="tokens">Null: passwords.</param>
    public static async Task<Dovecot> Start(DovecotTokens? tokens, CancellationToken ct, params string[] more)
    {
        PeerProcess.Root();
        PeerProcess.Needs("dovecot", "dovecot-imapd");
        var (process, port, tlsPort, ca) = (new PeerProcess(), PeerProcess.FreePort(), PeerProcess.FreePort(), new TestCa());
        ca.Issue(Host, process.Folder).Dispose();
        Launch(process, PeerProcess.FreePort(), port, tlsPort, tokens, more);
        await process.UntilListening(port, ct);
        await process.UntilListening(tlsPort, ct);
        return new Dovecot(process, port, tlsPort, ca);
    }

    /// <summary>Port 0 leaves IMAP out; the log-in for others is always there.</summary>
    public static void Launch(PeerProcess process, int authPort, int port, int tlsPort, DovecotTokens? tokens = null, params string[] more)
    {
        foreach (var name in new[] { "dovecot/run", "dovecot/home" }) Directory.CreateDirectory(process.Path(name));
        File.SetUnixFileMode(process.Path("dovecot/home"), (UnixFileMode)0b111_111_111);
        process.Write("dovecot/users", string.Concat(more.Prepend(MailServerPeer.User).Select(user => $"{user}:{{PLAIN}}{MailServerPeer.Secret}\n")));
        if (tokens is not null) process.Write("dovecot/tokens.conf", tokens.Settings);
        process.Fill("dovecot.conf", "dovecot/dovecot.conf", ("MECHANISMS", tokens?.Mechanisms ?? "plain login"), ("TOKENS", tokens is null ? "" : $"passdb {{\n  driver = oauth2\n  mechanisms = {tokens.Mechanisms}\n  args = {process.Path("dovecot/tokens.conf")}\n}}"),
            ("AUTH", authPort), ("PORT", port), ("TLSPORT", tlsPort), ("PROTOCOLS", port == 0 ? "" : "imap"), ("TLS", port == 0 ? "no" : "yes"));
        process.Launch("dovecot", "-F", "-c", process.Path("dovecot/dovecot.conf"));
    }

    /// <summary>Ends a person's sessions, as a provider does whose user was taken out.</summary>
    public async Task Kick(string user, CancellationToken ct)
    {
        var (code, said) = await PeerProcess.Run("doveadm", ["-c", Process.Path("dovecot/dovecot.conf"), "kick", user], null, ct);
        Assert.True(code == 0, said);
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        Ca.Dispose();
    }
}

/// <summary>Lets in with access tokens alone, and asks their issuer about each (RFC 7662).</summary>
/// <param name="Mechanisms">oauthbearer, xoauth2, or both.</param>
sealed record DovecotTokens(Uri Introspection, string Mechanisms = "oauthbearer xoauth2")
{
    public string Settings => $"introspection_url = {Introspection}\nintrospection_mode = post\nforce_introspection = yes\nusername_attribute = username\nactive_attribute = active\nactive_value = true\n";
}
