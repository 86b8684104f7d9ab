using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Accounts.Tenants;

/// <summary>The name of an account. For the command line of the operator; no route leads here.</summary>
public static class ReadTenantName
{
    const string Select = "select name from accounts.tenant where tenant_id = $1";

    /// <summary>Null when there is no such account.</summary>
    public static async Task<string?> Handle(TenantId tenant, TenantDb db, CancellationToken ct)
    {
        await using var tx = await db.Begin(tenant, ct);
        return (await tx.List(Select, row => row.GetString(0), ct, tenant)).SingleOrDefault();
    }
}
