namespace PenguinMails.Mail.Tests.Peers;

/// <summary>OpenSMTPD in a small root of its own: its spool and socket have fixed places.</summary>
static class OpenSmtpd
{
    public static async Task<MailServerPeer> Start(int farPort, CancellationToken ct)
    {
        var (process, port, ca) = (new PeerProcess(), PeerProcess.FreePort(), new TestCa());
        await PeerRoot.Make(process, ct);
        ca.Issue(MailServerPeer.Host, process.Path("root/etc")).Dispose();
        Directory.CreateDirectory(process.Path("root/var/spool/smtpd"));
        File.SetUnixFileMode(process.Path("root/var/spool/smtpd"), (UnixFileMode)0b111_001_001);
        var (_, hash) = await PeerProcess.Run("openssl", ["passwd", "-6", MailServerPeer.Secret], null, ct);
        process.Write("root/etc/logins", $"{MailServerPeer.User}\t{hash.Trim()}\n");
        process.Fill("smtpd.conf", "root/etc/smtpd.conf", ("PORT", port), ("FAR", farPort));
        process.Write("root/etc/mailname", MailServerPeer.Host + "\n");
        process.Write("root/etc/refused", "refused@far.example\n");
        process.Launch("chroot", process.Path("root"), "/usr/sbin/smtpd", "-d", "-f", "/etc/smtpd.conf");
        await process.UntilListening(port, ct);
        return new MailServerPeer("opensmtpd", process, port, ca);
    }
}
