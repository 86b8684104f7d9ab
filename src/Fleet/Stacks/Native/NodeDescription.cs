using System.Security.Cryptography;
using System.Text;

namespace PenguinMails.Fleet.Stacks.Native;

/// <summary>One file of a node.</summary>
/// <param name="Mode">Four octal digits, such as "0640".</param>
/// <param name="IsSecret">Never shown in a diff.</param>
/// <param name="IsKept">Stays when it is no longer wanted, because something else then makes it.</param>
sealed record NodeFile(string Path, string Content, string Mode = "0644", string Owner = "root", string Group = "root", bool IsSecret = false, bool IsKept = false)
{
    public byte[] Bytes => Encoding.UTF8.GetBytes(Content);

    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(Bytes));

    public override string ToString() => $"{Path} {Mode} {Owner}:{Group}";
}

/// <summary>How a node comes to its certificate when no file says it.</summary>
/// <param name="Origin">One line that stands beside the certificate and tells what it was made from.</param>
/// <param name="Acme">Null for a self-signed one.</param>
sealed record NodeCertificate(string Origin, StackCertificate.Acme? Acme, string HostName);

/// <summary>Everything wanted on a node. Made by pure functions of the plan; knows nothing of the machine.</summary>
/// <param name="Units">systemd units that must be enabled and active.</param>
/// <param name="Certificate">Null when the certificate is among the files.</param>
/// <param name="MailFolders">"domain/local" of every mailbox.</param>
sealed record NodeDescription(
    IReadOnlyList<string> Packages, IReadOnlyList<NodeFile> Files, IReadOnlyList<string> Units, NodeCertificate? Certificate, IReadOnlySet<string> MailFolders)
{
    public const string StateFolder = "/var/lib/penguinmails", TlsFolder = "/etc/penguinmails/tls";

    public static NodeDescription Of(StackPlan plan, int sshPort)
    {
        var certificate = plan.Certificate switch
        {
            StackCertificate.Acme acme => new NodeCertificate($"acme {acme.Directory.AbsoluteUri} {plan.HostName}", acme, plan.HostName),
            StackCertificate.Given => null,
            _ => new NodeCertificate($"self-signed {plan.HostName}", null, plan.HostName),
        };
        string[] packages =
        [
            "postfix", "dovecot-imapd", "dovecot-lmtpd", "rspamd", "redis-server", "nftables", "fail2ban", "python3-systemd", "unattended-upgrades", "ca-certificates", "openssl",
            .. certificate?.Acme is null ? Array.Empty<string>() : ["certbot"],
        ];
        return new(
            packages,
            [.. SystemFiles.Of(plan, sshPort), .. PostfixFiles.Of(plan), .. DovecotFiles.Of(plan), .. RspamdFiles.Of(plan)],
            ["redis-server.service", "rspamd.service", "dovecot.service", "postfix.service", SystemFiles.FirewallUnit, "fail2ban.service", "unattended-upgrades.service"],
            certificate,
            plan.Mailboxes.Select(mailbox => MailFolder(mailbox.Address)).ToHashSet());
    }

    /// <summary>The units that must read again what changed at a path.</summary>
    public static IEnumerable<string> ReadersOf(string path) =>
        path.StartsWith("/etc/postfix/", StringComparison.Ordinal) ? ["postfix.service"]
        : path.StartsWith("/etc/dovecot/", StringComparison.Ordinal) ? ["dovecot.service"]
        : path.StartsWith("/etc/rspamd/", StringComparison.Ordinal) ? ["rspamd.service"]
        : path.StartsWith("/etc/fail2ban/", StringComparison.Ordinal) ? ["fail2ban.service"]
        : path.StartsWith(TlsFolder, StringComparison.Ordinal) ? ["dovecot.service", "postfix.service"]
        : path is SystemFiles.FirewallRules or SystemFiles.FirewallUnitPath ? [SystemFiles.FirewallUnit]
        : [];

    static string MailFolder(string address) => $"{address[(address.IndexOf('@', StringComparison.Ordinal) + 1)..]}/{address[..address.IndexOf('@', StringComparison.Ordinal)]}";
}
