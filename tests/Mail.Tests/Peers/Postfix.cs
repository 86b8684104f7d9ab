namespace PenguinMails.Mail.Tests.Peers;

/// <summary>Postfix as a relay, with Dovecot behind its log-in.</summary>
static class Postfix
{
    /// <param name="allowsClearAuth">True: log-in without TLS.</param>
    /// <param name="tokens">Null: passwords.</param>
    public static async Task<MailServerPeer> Start(int farPort, CancellationToken ct, bool allowsClearAuth = false, DovecotTokens? tokens = null)
    {
        PeerProcess.Root();
        PeerProcess.Needs("postfix", "postfix");
        var (process, port, authPort, ca) = (new PeerProcess(), PeerProcess.FreePort(), PeerProcess.FreePort(), new TestCa());
        foreach (var name in new[] { "queue", "lib" }) Directory.CreateDirectory(process.Path(name));
        ca.Issue(MailServerPeer.Host, process.Folder).Dispose();
        await PeerProcess.Run("chown", ["postfix:", process.Path("lib")], null, ct);
        process.Fill("postfix-main.cf", "main.cf", ("FAR", farPort), ("AUTH", authPort), ("AUTHONLY", allowsClearAuth ? "no" : "yes"));
        process.Write("refused", "/^refused@/ 550 5.1.1 No such person here\n/^putoff@/ 451 4.7.1 Come again\n");
        process.Fill("postfix-master.cf", "master.cf", ("PORT", port));
        Dovecot.Launch(process, authPort, 0, 0, tokens);
        await process.UntilListening(authPort, ct);
        process.Launch("postfix", "-c", process.Folder, "start-fg");
        process.AtEnd(() => PeerProcess.Run("postfix", ["-c", process.Folder, "stop"], null, CancellationToken.None));
        await process.UntilListening(port, ct);
        return new MailServerPeer("postfix", process, port, ca);
    }
}
