using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Fleet.WebNames;

/// <summary>How mail programs reach any mailbox of a domain: IMAP over TLS and submission with STARTTLS, the whole address as the user's name, for addresses that exist and for those that do not.</summary>
/// <param name="Server">The server of ours that carries the domain.</param>
public sealed record MailSettings(string Domain, string Server)
{
    public static int ImapPort => CreateMailbox.ImapsPort;

    public static int SmtpPort => CreateMailbox.SubmissionPort;
}

/// <summary>The settings of the domain a host name belongs to. For mail programs, who have not signed in: no mailbox is looked for.</summary>
/// <remarks>Refuses with <c>web_name.unknown</c>, also while the domain's account has not switched it on or its mailboxes lie at another provider.</remarks>
public static class ReadMailSettings
{
    const string Select = """
        select d.name, s.host_name
        from fleet.dns_setup u
        join fleet.domain d on d.tenant_id = u.tenant_id and d.id = u.domain_id
        join fleet.server s on s.tenant_id = d.tenant_id and s.id = d.server_id
        where u.tenant_id = $1 and u.domain_id = $2 and u.has_autoconfig
        """;

    public static async Task<Result<MailSettings>> Handle(string host, TenantDb db, CancellationToken ct)
    {
        foreach (var name in (await WebName.Find(host, db, ct)).Where(name => name.Kind == "autoconfig"))
        {
            await using var tx = await db.Begin(name.Tenant, ct);
            if (await tx.Maybe(Select, row => new MailSettings(row.GetString(0), row.GetString(1)), ct, name.Tenant, name.Domain) is { } settings) return settings;
        }

        return WebName.Unknown;
    }
}
