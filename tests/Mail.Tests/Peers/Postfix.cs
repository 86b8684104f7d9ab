namespace PenguinMails.Mail.Tests.Peers;

/// <summary>Postfix as a relay, with Dovecot behind its log-in.</summary>
static class Postfix
{
    const string Services = """
        pickup unix n - n 60 1 pickup
        cleanup unix n - n - 0 cleanup
        qmgr unix n - n 1 1 qmgr
        rewrite unix - - n - - trivial-rewrite
        bounce unix - - n - 0 bounce
        defer unix - - n - 0 bounce
        trace unix - - n - 0 bounce
        verify unix - - n - 1 verify
        anvil unix - - n - 1 anvil
        smtp unix - - n - - smtp
        relay unix - - n - - smtp
        scache unix - - n - 1 scache
        error unix - - n - - error
        retry unix - - n - - error
        discard unix - - n - - discard
        proxymap unix - - n - - proxymap
        tlsmgr unix - - n 1000? 1 tlsmgr
        postlog unix-dgram n - n - 1 postlogd

        """;

    public static async Task<MailServerPeer> Start(int farPort, CancellationToken ct)
    {
        PeerProcess.Root();
        PeerProcess.Needs("postfix", "postfix");
        var (process, port, authPort, ca) = (new PeerProcess(), PeerProcess.FreePort(), PeerProcess.FreePort(), new TestCa());
        foreach (var name in new[] { "queue", "lib" }) Directory.CreateDirectory(process.Path(name));
        ca.Issue(MailServerPeer.Host, process.Folder).Dispose();
        await PeerProcess.Run("chown", ["postfix:", process.Path("lib")], null, ct);
        process.Write("main.cf", MainFile(process.Folder, farPort, authPort));
        process.Write("refused", "/^refused@/ 550 5.1.1 No such person here\n/^putoff@/ 451 4.7.1 Come again\n");
        process.Write("master.cf", $"127.0.0.1:{port} inet n - n - - smtpd\n{Services}");
        Dovecot.Launch(process, authPort, 0, 0);
        await process.UntilListening(authPort, ct);
        process.Launch("postfix", "-c", process.Folder, "start-fg");
        process.AtEnd(() => PeerProcess.Run("postfix", ["-c", process.Folder, "stop"], null, CancellationToken.None));
        await process.UntilListening(port, ct);
        return new MailServerPeer("postfix", process, port, ca);
    }

    static string MainFile(string folder, int farPort, int authPort) => $"""
        compatibility_level = 3.6
        queue_directory = {folder}/queue
        data_directory = {folder}/lib
        maillog_file = {folder}/mail.log
        maillog_file_prefixes = {folder}
        myhostname = {MailServerPeer.Host}
        mydestination =
        mynetworks = 127.0.0.0/8
        alias_maps =
        alias_database =
        local_recipient_maps =
        inet_interfaces = 127.0.0.1
        inet_protocols = ipv4
        relayhost = [127.0.0.1]:{farPort}
        smtp_tls_security_level = may
        smtputf8_enable = yes
        message_size_limit = {MailServerPeer.MessageOctetsMax}
        smtpd_tls_cert_file = {folder}/tls.pem
        smtpd_tls_key_file = {folder}/tls.key
        smtpd_tls_security_level = may
        smtpd_sasl_auth_enable = yes
        smtpd_tls_auth_only = yes
        smtpd_sasl_type = dovecot
        smtpd_sasl_path = inet:127.0.0.1:{authPort}
        smtpd_recipient_restrictions = check_recipient_access regexp:{folder}/refused, permit_mynetworks, reject
        delay_warning_time = 1s
        queue_run_delay = 1s
        minimal_backoff_time = 1s
        maximal_backoff_time = 2s
        in_flow_delay = 0
        debug_peer_list = 127.0.0.1
        debug_peer_level = 1


        """;
}
