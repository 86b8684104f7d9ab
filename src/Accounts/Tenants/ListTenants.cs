using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Accounts.Tenants;

/// <summary>Every tenant that has a member. For the command line of the operator; no route leads here.</summary>
public static class ListTenants
{
    const string Select = "select distinct tenant_id from accounts.user_tenant order by tenant_id limit 1000000";

    const string Exists = "select exists (select from accounts.user_tenant where tenant_id = $1)";

    public static async Task<List<TenantId>> Handle(TenantDb db, CancellationToken ct)
    {
        await using var tx = await db.BeginUnscoped(ct);
        return await tx.List(Select, row => new TenantId(row.GetGuid(0)), ct);
    }

    public static async Task<bool> Has(TenantId tenant, TenantDb db, CancellationToken ct)
    {
        await using var tx = await db.BeginUnscoped(ct);
        return await tx.One(Exists, row => row.GetBoolean(0), ct, tenant);
    }
}
