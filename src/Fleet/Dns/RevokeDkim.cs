using System.Security.Cryptography;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Secrets;

namespace PenguinMails.Fleet.Dns;

/// <summary>Puts a fresh key in the place of the waiting one, whose record goes with the next plan: for a key that lay where it may be read. In the caller's transaction.</summary>
static class RevokeDkim
{
    const int DkimKeyBits = 2048; // RFC 8301 3.2.
    const int RemembersMax = 5;

    // Only the newest few are looked at in DNS: older records are gone since long.
    const string Replace = """
        update fleet.dns_setup
        set dkim_revoked_selectors = (array_prepend(dkim_next_selector, dkim_revoked_selectors))[1:$6],
          dkim_next_selector = $3, dkim_next_public_key = $4, dkim_next_private_key_sealed = $5
        where tenant_id = $1 and domain_id = $2
        """;

    public static async Task Within(TenantTx tx, Actor actor, Domain domain, SealedBox box, DateTimeOffset now, CancellationToken ct)
    {
        var setup = await DnsSetup.Need(tx, domain, box, now, ct);
        using var key = RSA.Create(DkimKeyBits);
        var selector = $"pm{now:yyyyMMdd}{RandomNumberGenerator.GetHexString(4, lowercase: true)}";
        await tx.Execute(Replace, ct, tx.Tenant, domain.Id, selector, Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()), box.Seal(tx.Tenant, AddDomain.DkimPurpose(domain.Id), key.ExportPkcs8PrivateKeyPem()), RemembersMax);
        await tx.Append(actor, "dkim.revoked", domain.Id.ToString(), new { selector = setup.DkimNextSelector, next = selector }, now, ct);
    }
}
