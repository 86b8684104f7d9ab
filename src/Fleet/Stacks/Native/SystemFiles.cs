namespace PenguinMails.Fleet.Stacks.Native;

/// <summary>What a node has beside the mail programs: user, folders, firewall, bans, upgrades, certificate.</summary>
static class SystemFiles
{
    public const string FirewallUnit = "penguinmails-firewall.service", FirewallUnitPath = "/etc/systemd/system/" + FirewallUnit, FirewallRules = "/etc/penguinmails/firewall.nft";
    public const string MailFolder = "/var/vmail";

    // RFC 6409 (587), RFC 8314 (465, 993), RFC 8555 8.3 (80).
    static readonly int[] OpenPorts = [22, 25, 80, 465, 587, 993];

    public static IEnumerable<NodeFile> Of(StackPlan plan, int sshPort)
    {
        yield return new("/etc/sysusers.d/penguinmails.conf", $"u vmail - \"Mail of the mailboxes\" {MailFolder}\n");
        yield return new("/etc/tmpfiles.d/penguinmails.conf", $"d {MailFolder} 0750 vmail vmail\n");
        yield return new(FirewallRules, Firewall(sshPort), "0600");
        yield return new(FirewallUnitPath, Unit);
        yield return new("/etc/fail2ban/jail.d/penguinmails.conf", Jails);
        yield return new("/etc/apt/apt.conf.d/52penguinmails", "APT::Periodic::Update-Package-Lists \"1\";\nAPT::Periodic::Unattended-Upgrade \"1\";\n");
        if (plan.Certificate is StackCertificate.Acme)
            yield return new("/etc/letsencrypt/renewal-hooks/deploy/penguinmails", DeployHook, "0755");
        if (plan.Certificate is not StackCertificate.Given given) yield break;
        yield return new(NodeDescription.TlsFolder + "/chain.pem", Tidy(given.ChainPem), IsKept: true);
        yield return new(NodeDescription.TlsFolder + "/key.pem", Tidy(given.KeyPem), "0600", IsSecret: true, IsKept: true);
        yield return new(NodeDescription.TlsFolder + "/origin", "given\n", IsKept: true);
    }

    static string Tidy(string pem) => pem.ReplaceLineEndings("\n").Trim('\n') + "\n";

    // A table of our own beside whatever else is there: replaced whole and at once, and gone with its unit.
    static string Firewall(int sshPort) => $$"""
        table inet penguinmails
        delete table inet penguinmails
        table inet penguinmails {
          chain input {
            type filter hook input priority 0; policy drop;
            ct state established,related accept
            iif "lo" accept
            meta l4proto { icmp, ipv6-icmp } accept
            tcp dport { {{string.Join(", ", OpenPorts.Append(sshPort).Distinct().Order())}} } accept
          }
        }

        """;

    const string Unit = $"""
        [Unit]
        Description=Firewall of the mail server
        Before=network-pre.target
        Wants=network-pre.target

        [Service]
        Type=oneshot
        RemainAfterExit=yes
        ExecStart=/usr/sbin/nft -f {FirewallRules}
        ExecReload=/usr/sbin/nft -f {FirewallRules}
        ExecStop=/usr/sbin/nft delete table inet penguinmails

        [Install]
        WantedBy=multi-user.target

        """;

    // The table above drops later than fail2ban's own (priority -1), so a ban holds.
    const string Jails = """
        [DEFAULT]
        backend = systemd
        banaction = nftables
        banaction_allports = nftables[type=allports]

        [sshd]
        enabled = true

        [postfix]
        enabled = true
        mode = auth

        [dovecot]
        enabled = true

        """;

    // certbot runs it after each renewal; Postfix and Dovecot read a copy, so that both have one place whatever the certificate comes from.
    const string DeployHook = $"""
        #!/bin/sh
        set -eu
        [ "$(basename "$RENEWED_LINEAGE")" = penguinmails ] || exit 0
        install -d -m 755 {NodeDescription.TlsFolder}
        install -m 600 "$RENEWED_LINEAGE/privkey.pem" {NodeDescription.TlsFolder}/key.pem.new
        install -m 644 "$RENEWED_LINEAGE/fullchain.pem" {NodeDescription.TlsFolder}/chain.pem.new
        mv -f {NodeDescription.TlsFolder}/key.pem.new {NodeDescription.TlsFolder}/key.pem
        mv -f {NodeDescription.TlsFolder}/chain.pem.new {NodeDescription.TlsFolder}/chain.pem
        systemctl try-reload-or-restart dovecot.service postfix.service

        """;
}
