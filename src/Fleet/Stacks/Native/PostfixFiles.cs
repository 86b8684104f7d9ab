using System.Net;
using System.Net.Sockets;

namespace PenguinMails.Fleet.Stacks.Native;

/// <summary>Postfix: takes mail for the domains on port 25, and from the mailboxes on 587 and 465.</summary>
/// <remarks>Tables are of type texthash: read from the text itself, so that no made file can lag behind.</remarks>
static class PostfixFiles
{
    const string Folder = "/etc/postfix/penguin";

    public static IEnumerable<NodeFile> Of(StackPlan plan)
    {
        yield return new("/etc/postfix/main.cf", Main(plan));
        yield return new("/etc/postfix/master.cf", Master(plan));
        yield return new(Folder + "/domains", Table(plan.Domains.Select(domain => (domain.Name, "OK"))));
        yield return new(Folder + "/mailboxes", Table(plan.Mailboxes.Select(mailbox => (mailbox.Address, "OK"))));
        yield return new(Folder + "/aliases", Table(plan.Aliases.Select(alias => (alias.Address, string.Join(", ", alias.Targets)))));
        yield return new(Folder + "/senders", Table(Senders(plan)));
        yield return new(Folder + "/transports", Table(Transports(plan)));
    }

    static string Table(IEnumerable<(string Key, string Value)> rows) => string.Concat(rows.OrderBy(row => row.Key, StringComparer.Ordinal).Select(row => $"{row.Key} {row.Value}\n"));

    // A mailbox sends as itself, and from the return path host of its domain, where the platform keeps one envelope sender per message (VERP).
    static IEnumerable<(string, string)> Senders(StackPlan plan) => plan.Mailboxes.Select(mailbox => (mailbox.Address, mailbox.Address))
        .Concat(plan.Mailboxes.GroupBy(mailbox => DomainOf(mailbox.Address)).Select(domain => ("@bounce." + domain.Key, string.Join(",", domain.Select(mailbox => mailbox.Address).Order(StringComparer.Ordinal)))));

    // The envelope sender decides the way out. At the return path host all mailboxes of a domain share one:
    // that of most of them, so one domain should send from one address.
    static IEnumerable<(string, string)> Transports(StackPlan plan)
    {
        var ways = plan.Mailboxes.Select(mailbox => (mailbox.Address, Number: NumberOf(plan, mailbox.SendFrom))).ToList();
        return ways.Where(way => way.Number > 0).Select(way => (way.Address, $"out{way.Number}:"))
            .Concat(ways.GroupBy(way => DomainOf(way.Address))
                .Select(domain => ("@bounce." + domain.Key, Number: domain.GroupBy(way => way.Number).OrderByDescending(number => number.Count()).ThenBy(number => number.Key).First().Key))
                .Where(way => way.Number > 0).Select(way => (way.Item1, $"out{way.Number}:")));
    }

    static int NumberOf(StackPlan plan, IPAddress? from) => from is null ? 0 : plan.Addresses.Select((address, number) => (address.Ip, number)).First(one => one.Ip.Equals(from)).number;

    static string DomainOf(string address) => address[(address.IndexOf('@', StringComparison.Ordinal) + 1)..];

    static string Bind(IPAddress ip) => ip.AddressFamily == AddressFamily.InterNetworkV6 ? $"smtp_bind_address6={ip}" : $"smtp_bind_address={ip}";

    static string Main(StackPlan plan)
    {
        var isOwnDomain = plan.Domains.Any(domain => domain.Name == plan.HostName);
        var hasSix = plan.Addresses.Any(address => address.Ip.AddressFamily == AddressFamily.InterNetworkV6);
        var ways = plan.Addresses.GroupBy(address => address.Ip.AddressFamily).Select(family => Bind(family.First().Ip).Replace("=", " = ", StringComparison.Ordinal));
        return $$"""
            # Written by PenguinMails: changes by hand are undone by the next run.
            compatibility_level = 3.6
            myhostname = {{plan.HostName}}
            myorigin = $myhostname
            mydestination = localhost{{(isOwnDomain ? "" : ", $myhostname")}}
            mynetworks = 127.0.0.0/8 [::1]/128
            inet_interfaces = all
            inet_protocols = {{(hasSix ? "all" : "ipv4")}}
            {{string.Join('\n', ways)}}
            smtp_helo_name = {{plan.Addresses[0].EhloName}}
            """ + "\n" + MainCommon;
    }

    const string MainCommon = $"""
        alias_maps =
        alias_database =
        biff = no
        recipient_delimiter = +
        message_size_limit = 26214400
        mailbox_size_limit = 0

        virtual_mailbox_domains = texthash:{Folder}/domains
        virtual_mailbox_maps = texthash:{Folder}/mailboxes
        virtual_alias_maps = texthash:{Folder}/aliases
        virtual_transport = lmtp:unix:private/dovecot-lmtp
        smtpd_sender_login_maps = texthash:{Folder}/senders
        sender_dependent_default_transport_maps = texthash:{Folder}/transports

        disable_vrfy_command = yes
        smtpd_helo_required = yes
        smtpd_banner = $myhostname ESMTP
        smtpd_data_restrictions = reject_unauth_pipelining
        smtpd_relay_restrictions = reject_unauth_destination
        smtpd_recipient_restrictions = reject_unauth_destination, reject_unlisted_recipient, check_policy_service unix:private/quota-status
        smtpd_sasl_type = dovecot
        smtpd_sasl_path = private/auth

        smtpd_tls_cert_file = {NodeDescription.TlsFolder}/chain.pem
        smtpd_tls_key_file = {NodeDescription.TlsFolder}/key.pem
        smtpd_tls_security_level = may
        smtpd_tls_auth_only = yes
        smtpd_tls_mandatory_protocols = >=TLSv1.2
        smtp_tls_security_level = may
        smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt
        smtp_tls_loglevel = 1

        # Without the signer nothing leaves: mail is put off, never sent unsigned.
        milter_protocol = 6
        milter_default_action = tempfail
        smtpd_milters = inet:127.0.0.1:11332

        """;

    static string Master(StackPlan plan) => MasterCommon + string.Concat(plan.Addresses.Skip(1).Select((address, at) =>
        $"out{at + 1} unix - - n - - smtp\n  -o {Bind(address.Ip)}\n  -o smtp_helo_name={address.EhloName}\n  -o syslog_name=postfix/out{at + 1}\n"));

    const string MasterCommon = """
        # Written by PenguinMails: changes by hand are undone by the next run.
        smtp inet n - n - - smtpd
        submission inet n - n - - smtpd
          -o syslog_name=postfix/submission
          -o smtpd_tls_security_level=encrypt
          -o smtpd_sasl_auth_enable=yes
          -o smtpd_client_restrictions=permit_sasl_authenticated,reject
          -o smtpd_sender_restrictions=reject_sender_login_mismatch
          -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
          -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
          -o milter_macro_daemon_name=ORIGINATING
        submissions inet n - n - - smtpd
          -o syslog_name=postfix/submissions
          -o smtpd_tls_wrappermode=yes
          -o smtpd_sasl_auth_enable=yes
          -o smtpd_client_restrictions=permit_sasl_authenticated,reject
          -o smtpd_sender_restrictions=reject_sender_login_mismatch
          -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
          -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
          -o milter_macro_daemon_name=ORIGINATING
        pickup unix n - n 60 1 pickup
        cleanup unix n - n - 0 cleanup
        qmgr unix n - n 300 1 qmgr
        tlsmgr unix - - n 1000? 1 tlsmgr
        rewrite unix - - n - - trivial-rewrite
        bounce unix - - n - 0 bounce
        defer unix - - n - 0 bounce
        trace unix - - n - 0 bounce
        verify unix - - n - 1 verify
        flush unix n - n 1000? 0 flush
        proxymap unix - - n - - proxymap
        proxywrite unix - - n - 1 proxymap
        smtp unix - - n - - smtp
        relay unix - - n - - smtp
        showq unix n - n - - showq
        error unix - - n - - error
        retry unix - - n - - error
        discard unix - - n - - discard
        local unix - n n - - local
        virtual unix - n n - - virtual
        lmtp unix - - n - - lmtp
        anvil unix - - n - 1 anvil
        scache unix - - n - 1 scache
        postlog unix-dgram n - n - 1 postlogd

        """;
}
