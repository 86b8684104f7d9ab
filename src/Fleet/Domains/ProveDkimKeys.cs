using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Secrets;

namespace PenguinMails.Fleet.Domains;

/// <summary>Opens the DKIM keys of an account and forgets them: proves that the installation's master key is the one they were sealed under. For the restore drill.</summary>
public static class ProveDkimKeys
{
    const string Select = """
        select id, dkim_private_key_sealed
        from fleet.domain
        where tenant_id = $1
        order by id
        limit 1000
        """;

    sealed record Sealed(DomainId Id, byte[] Box);

    /// <returns>How many opened, at most 1,000.</returns>
    /// <exception cref="System.Security.Cryptography.CryptographicException">One does not open: another master key, or an altered row.</exception>
    public static async Task<int> Handle(TenantId tenant, SealedBox box, TenantDb db, CancellationToken ct)
    {
        await using var tx = await db.Begin(tenant, ct);
        var found = await tx.List(Select, row => new Sealed(new(row.GetGuid(0)), row.GetFieldValue<byte[]>(1)), ct, tenant);
        foreach (var one in found) box.Open(tenant, AddDomain.DkimPurpose(one.Id), one.Box);
        return found.Count;
    }
}
