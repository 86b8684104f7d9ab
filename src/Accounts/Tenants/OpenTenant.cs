using System.Collections.Frozen;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Accounts.Tenants;

/// <summary>Makes a tenant with the workspace "Main" and its first owner, in a transaction of that new tenant.</summary>
static class OpenTenant
{
    const string InsertTenant = "insert into accounts.tenant (tenant_id, name, created_at) values ($1, $2, $3)";

    public static async Task<WorkspaceId> Within(TenantTx tx, UserId owner, string name, DateTimeOffset now, CancellationToken ct)
    {
        await tx.Execute(InsertTenant, ct, tx.Tenant, name, now);
        var workspace = TypedId.New<WorkspaceId>(now);
        await Workspace.Insert(tx, workspace, "Main", senderName: name, postalAddress: "", now, ct);
        await Members.Membership.Insert(tx, owner, null, Role.Owner, now, ct);
        await tx.Append(As(tx.Tenant, owner), "tenant.opened", tx.Tenant.ToString(), new { workspace, owner }, now, ct);
        return workspace;
    }

    /// <summary>A person as an actor for the record, where no session stands behind them yet.</summary>
    public static Actor As(TenantId tenant, UserId user) => new(ActorKind.Person, tenant, null, user, user.ToString(), FrozenSet<string>.Empty);
}
