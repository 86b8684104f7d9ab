namespace PenguinMails.Mail.Tests.Peers;

/// <summary>Exim in a small root of its own.</summary>
static class Exim
{
    const string LogIn = "${if and{{eq{$auth2}{" + MailServerPeer.User + "}}{eq{$auth3}{" + MailServerPeer.Secret + "}}}}";

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
        process.Write("root/etc/exim4/exim4.conf", $$"""
            spool_directory = /var/spool/exim4
            log_file_path = /var/log/exim4/%slog
            pid_file_path = /run/exim.pid
            log_selector = +pipelining
            keep_environment =
            primary_hostname = {{MailServerPeer.Host}}
            daemon_smtp_ports = {{port}}
            local_interfaces = 127.0.0.1
            disable_ipv6 = true
            tls_advertise_hosts = *
            tls_certificate = /etc/tls.pem
            tls_privatekey = /etc/tls.key
            message_size_limit = {{MailServerPeer.MessageOctetsMax}}
            pipelining_advertise_hosts = *
            chunking_advertise_hosts = *
            dsn_advertise_hosts = *
            smtputf8_advertise_hosts = *
            rfc1413_query_timeout = 0s
            host_lookup =
            never_users =
            delay_warning = 1s
            acl_smtp_mail = accept
            acl_smtp_rcpt = rcpt
            begin acl
            rcpt:
              deny local_parts = refused
                   message = 550 5.1.1 No such person here
              defer local_parts = putoff
                    message = 451 4.7.1 Come again
              accept
            begin routers
            far:
              driver = manualroute
              domains = *
              route_list = * 127.0.0.1
              self = send
              transport = out
            begin transports
            out:
              driver = smtp
              port = {{farPort}}
              allow_localhost
              hosts_try_chunking = *
              tls_verify_certificates =
            begin retry
            * * F,5m,1s
            begin authenticators
            plain:
              driver = plaintext
              public_name = PLAIN
              server_condition = {{LogIn}}
              server_set_id = $auth2

            """);
        process.Launch("chroot", process.Path("root"), "/usr/sbin/exim4", "-bdf", "-q1s");
        await process.UntilListening(port, ct);
        return new MailServerPeer("exim", process, port, ca);
    }
}
