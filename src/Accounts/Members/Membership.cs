using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Accounts.Members;

/// <summary>What a person is in a tenant; a row without a workspace holds in all of them.</summary>
sealed record Membership(UserId User, WorkspaceId? Workspace, Role Role)
{
    const string InsertRow = """
        insert into accounts.membership (tenant_id, user_id, workspace_id, role, created_at)
        values ($1, $2, $3, $4, $5)
        on conflict on constraint membership_once do update set role = excluded.role
        """;

    const string InsertLookup = """
        insert into accounts.user_tenant (user_id, tenant_id, created_at)
        values ($1, $2, $3)
        on conflict (user_id, tenant_id) do nothing
        """;

    const string SelectOf = """
        select user_id, workspace_id, role
        from accounts.membership
        where tenant_id = $1 and user_id = $2
        limit 1000
        """;

    // Locks every owner, so that two who demote each other at once cannot both succeed.
    const string LockOwners = """
        select user_id
        from accounts.membership
        where tenant_id = $1 and role = 'owner'
        order by user_id
        limit 10000
        for update
        """;

    public static async Task Insert(TenantTx tx, UserId user, WorkspaceId? workspace, Role role, DateTimeOffset now, CancellationToken ct)
    {
        await tx.Execute(InsertRow, ct, tx.Tenant, user, workspace, Roles.Word(role), now);
        await tx.Execute(InsertLookup, ct, user, tx.Tenant, now);
    }

    public static Task<List<Membership>> Of(TenantTx tx, UserId user, CancellationToken ct) => tx.List(SelectOf, Read, ct, tx.Tenant, user);

    /// <summary>True when nobody else owns the tenant. Holds the owners until the transaction ends.</summary>
    public static async Task<bool> IsLastOwner(TenantTx tx, UserId user, CancellationToken ct)
    {
        var owners = await tx.List(LockOwners, row => new UserId(row.GetGuid(0)), ct, tx.Tenant);
        return owners.Contains(user) && owners.All(owner => owner == user);
    }

    static Membership Read(NpgsqlDataReader row) =>
        new(new(row.GetGuid(0)), row.Maybe<Guid>(1) is { } workspace ? new WorkspaceId(workspace) : null, Roles.Parse(row.GetString(2)));
}
