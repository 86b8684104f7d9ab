using System.Security.Cryptography;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Domains;

/// <summary>Host names of this installation, which customers' records point to.</summary>
/// <param name="Mail">Name of the edge that takes bounces and replies, such as <c>mx.penguin.example</c>. From <c>PENGUIN__HOSTS__MAIL</c>.</param>
/// <param name="Web">Name of the web address that serves tracked links. The host of <c>PENGUIN__HOSTS__WEBURL</c>.</param>
public sealed record PlatformHosts(string Mail, string Web);

/// <summary>The DNS records a sending domain needs.</summary>
static class DomainRecords
{
    const string Insert = """
        insert into fleet.domain_record (tenant_id, domain_id, kind, host, type, expected, required, detail)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """;

    sealed record Needed(string Kind, string Host, string Type, string Expected, bool IsRequired, string Advice);

    public static async Task Write(TenantTx tx, DomainId domain, string name, string selector, RSA key, PlatformHosts hosts, CancellationToken ct)
    {
        foreach (var record in For(name, selector, key, hosts))
            await tx.Execute(Insert, ct, tx.Tenant, domain, record.Kind, record.Host, record.Type, record.Expected, record.IsRequired, record.Advice);
    }

    // Required is what decides whether mail passes: authentication (MBP-01 to MBP-04) and the way back for bounces.
    static IEnumerable<Needed> For(string name, string selector, RSA key, PlatformHosts hosts) =>
    [
        new("spf", name, "TXT", $"v=spf1 include:{hosts.Mail} ~all", true,
            $"If the domain has an SPF record already, put include:{hosts.Mail} into it before its last term and keep the rest: a second record makes both void (RFC 7208 3.2)."),
        new("dkim", $"{selector}._domainkey.{name}", "TXT", $"v=DKIM1; k=rsa; p={Convert.ToBase64String(key.ExportSubjectPublicKeyInfo())}", true,
            "Publish it as one TXT record. If your DNS panel takes 255 characters at most, split it into several quoted strings of the same record."),
        new("dmarc", $"_dmarc.{name}", "TXT", $"v=DMARC1; p=none; rua=mailto:dmarc@bounce.{name}", true,
            "If the domain has a DMARC record already, keep it: any valid policy is good. To see reports here, add our address to its rua."),
        new("return_path", $"bounce.{name}", "MX", $"10 {hosts.Mail}", true, "Bounces come back to this name. It must have no other MX record."),
        new("mx", name, "MX", "any", true, "The mailbox provider's MX records, so that people can reply."),
        new("tracking", $"track.{name}", "CNAME", hosts.Web, false, "Only for tracked links under your own name."),
        new("ptr", hosts.Mail, "PTR", hosts.Mail, false, "Belongs to whoever runs this installation, not to your domain."),
    ];
}
