namespace PenguinMails.Mail.Tests.Peers;

/// <summary>Exim in a small root of its own.</summary>
static class Exim
{
    public static async Task<MailServerPeer> Start(int farPort, CancellationToken ct)
    {
        var (process, port, ca) = (new PeerProcess(), PeerProcess.FreePort(), new TestCa());
        await PeerRoot.Make(process, ct);
        ca.Issue(MailServerPeer.Host, process.Path("root/etc")).Dispose();
        await PeerRoot.Own(process, "Debian-exim", "root/etc/tls.key", ct);
        foreach (var name in new[] { "root/var/spool/exim4", "root/var/log/exim4" })
        {
            Directory.CreateDirectory(process.Path(name));
            await PeerRoot.Own(process, "Debian-exim", name, ct);
        }

        // The file the binary is compiled for: no other may be used as root.
        process.Fill("exim.conf", "root/etc/exim4/exim4.conf", ("PORT", port), ("FAR", farPort));
        process.Launch("chroot", process.Path("root"), "/usr/sbin/exim4", "-bdf", "-q1s");
        await process.UntilListening(port, ct);
        return new MailServerPeer("exim", process, port, ca);
    }
}
