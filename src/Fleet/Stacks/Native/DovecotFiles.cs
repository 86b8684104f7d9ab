using System.Security.Cryptography;
using System.Text;

namespace PenguinMails.Fleet.Stacks.Native;

/// <summary>Dovecot: IMAP for the mailboxes, their log-in for Postfix too, and where mail is laid down.</summary>
static class DovecotFiles
{
    const string Folder = "/etc/dovecot/penguin";

    public static IEnumerable<NodeFile> Of(StackPlan plan)
    {
        yield return new("/etc/dovecot/dovecot.conf", Main(plan.HostName));
        yield return new(Folder + "/quotas", Lines(plan.Mailboxes.Select(mailbox => $"{mailbox.Address}::::::{(mailbox.QuotaBytes > 0 ? $"userdb_quota_rule=*:bytes={mailbox.QuotaBytes}" : "")}")), "0640", Group: "dovecot");
        foreach (var (name, list) in Lists) yield return new($"{Folder}/{name}", Lines(Passwords(plan, list)), "0640", Group: "dovecot", IsSecret: true);
    }

    /// <summary>The files of passwords in the order they are written, each with the number of the password it holds. There are two of each: files are replaced one after another,
    /// and a password may move from one to another. While the twins are written the others are whole as they were, then the other way round: one that was good and stays good always is.</summary>
    static IEnumerable<(string Name, int List)> Lists => new[] { "passwords.twin", "passwords" }.SelectMany(name => Enumerable.Range(0, StackMailbox.PasswordsMax).Select(list => ($"{name}.{list}", list)));

    static IEnumerable<string> Passwords(StackPlan plan, int list) =>
        plan.Mailboxes.Where(mailbox => mailbox.Passwords.Count > list).Select(mailbox => $"{mailbox.Address}:{Hash(mailbox.Address, mailbox.Passwords[list])}");

    static string Lines(IEnumerable<string> lines) => string.Concat(lines.Order(StringComparer.Ordinal).Select(line => line + "\n"));

    /// <summary>{SSHA512} as Dovecot reads it: base64 of the digest, then the salt. The salt comes from address and password,
    /// so that the same password gives the same line and a second run finds nothing to change.</summary>
    public static string Hash(string address, string password)
    {
        var salt = SHA512.HashData(Encoding.UTF8.GetBytes($"{address}\0{password}")).AsSpan(0, 16);
        byte[] salted = [.. Encoding.UTF8.GetBytes(password), .. salt];
        return $"{{SSHA512}}{Convert.ToBase64String([.. SHA512.HashData(salted), .. salt])}";
    }

    static string Main(string hostName)
    {
        // Each list holds one password of a mailbox; the next is asked when one does not fit. As many as there can ever be, so that a new one needs no other configuration.
        var passwords = string.Concat(Lists.OrderBy(list => list.Name.Contains("twin", StringComparison.Ordinal)).Select(list => $"passdb {{\n  driver = passwd-file\n  args = username_format=%Lu {Folder}/{list.Name}\n}}\n"));
        return $$"""
            # Written by PenguinMails: changes by hand are undone by the next run.
            protocols = imap lmtp
            hostname = {{hostName}}
            listen = *, ::
            ssl = required
            ssl_cert = <{{NodeDescription.TlsFolder}}/chain.pem
            ssl_key = <{{NodeDescription.TlsFolder}}/key.pem
            ssl_min_protocol = TLSv1.2
            disable_plaintext_auth = yes
            auth_mechanisms = plain login
            auth_username_format = %Lu
            mail_location = maildir:{{SystemFiles.MailFolder}}/%d/%n/Maildir
            mail_uid = vmail
            mail_gid = vmail
            first_valid_uid = 100
            mail_plugins = quota
            recipient_delimiter = +
            lmtp_save_to_detail_mailbox = no

            {{passwords}}userdb {
              driver = passwd-file
              args = username_format=%Lu {{Folder}}/quotas
              default_fields = uid=vmail gid=vmail home={{SystemFiles.MailFolder}}/%d/%n
            }

            {{Parts}}
            """;
    }

    const string Parts = """
        plugin {
          quota = count:User quota
          quota_vsizes = yes
          quota_status_success = DUNNO
          quota_status_nouser = DUNNO
          quota_status_overquota = 452 4.2.2 The mailbox is full
        }
        namespace inbox {
          inbox = yes
          mailbox Drafts {
            auto = subscribe
            special_use = \Drafts
          }
          mailbox Junk {
            auto = subscribe
            special_use = \Junk
          }
          mailbox Sent {
            auto = subscribe
            special_use = \Sent
          }
          mailbox Trash {
            auto = subscribe
            special_use = \Trash
          }
        }
        protocol imap {
          mail_plugins = quota imap_quota
          mail_max_userip_connections = 50
        }
        service imap-login {
          inet_listener imap {
            port = 0
          }
          inet_listener imaps {
            port = 993
            ssl = yes
          }
        }
        service auth {
          unix_listener /var/spool/postfix/private/auth {
            mode = 0600
            user = postfix
            group = postfix
          }
        }
        service lmtp {
          unix_listener /var/spool/postfix/private/dovecot-lmtp {
            mode = 0600
            user = postfix
            group = postfix
          }
        }
        service quota-status {
          executable = quota-status -p postfix
          unix_listener /var/spool/postfix/private/quota-status {
            mode = 0600
            user = postfix
            group = postfix
          }
          client_limit = 1
        }

        """;
}
