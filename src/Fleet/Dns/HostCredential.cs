using PenguinMails.Core;
using PenguinMails.Fleet.Domains;
using PenguinMails.Secrets;

namespace PenguinMails.Fleet.Dns;

/// <summary>The one place where the credential of a DNS host is put away and read.</summary>
static class HostCredential
{
    public static byte[] Seal(SealedBox box, TenantId tenant, DomainId domain, string secret) => box.Seal(tenant, Purpose(domain), secret);

    public static string Open(SealedBox box, TenantId tenant, DomainId domain, byte[] closed) => box.Open(tenant, Purpose(domain), closed);

    static string Purpose(DomainId domain) => $"domain.dns_host/{domain.Value:N}";
}
