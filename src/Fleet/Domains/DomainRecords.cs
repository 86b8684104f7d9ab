using System.Security.Cryptography;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Domains;

/// <summary>Host names of this installation, which customers' records point to.</summary>
/// <param name="Mail">Name of the edge that takes bounces and replies, such as <c>mx.penguin.example</c>. From <c>PENGUIN__HOSTS__MAIL</c>.</param>
/// <param name="Web">Name of the web address that serves tracked links. From <c>PENGUIN__HOSTS__WEB</c>.</param>
public sealed record PlatformHosts(string Mail, string Web);

/// <summary>The DNS records a sending domain needs.</summary>
static class DomainRecords
{
    const string Insert = """
        insert into fleet.domain_record (tenant_id, domain_id, kind, host, type, expected, required)
        values ($1, $2, $3, $4, $5, $6, $7)
        """;

    sealed record Needed(string Kind, string Host, string Type, string Expected, bool IsRequired);

    public static async Task Write(TenantTx tx, DomainId domain, string name, string selector, RSA key, PlatformHosts hosts, CancellationToken ct)
    {
        foreach (var record in For(name, selector, key, hosts))
            await tx.Execute(Insert, ct, tx.Tenant, domain, record.Kind, record.Host, record.Type, record.Expected, record.IsRequired);
    }

    // Required is what decides whether mail passes: authentication (MBP-01 to MBP-04) and the way back for bounces.
    static IEnumerable<Needed> For(string name, string selector, RSA key, PlatformHosts hosts) =>
    [
        new("spf", name, "TXT", $"v=spf1 include:{hosts.Mail} ~all", true),
        new("dkim", $"{selector}._domainkey.{name}", "TXT", $"v=DKIM1; k=rsa; p={Convert.ToBase64String(key.ExportSubjectPublicKeyInfo())}", true),
        new("dmarc", $"_dmarc.{name}", "TXT", $"v=DMARC1; p=none; rua=mailto:dmarc@bounce.{name}", true),
        new("return_path", $"bounce.{name}", "MX", $"10 {hosts.Mail}", true),
        new("mx", name, "MX", "any", true),
        new("tracking", $"track.{name}", "CNAME", hosts.Web, false),
        new("ptr", hosts.Mail, "PTR", hosts.Mail, false),
    ];
}
