using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Walks;

namespace PenguinMails.Fleet.Provisionings;

/// <summary>Goes on with a provisioning that stopped, or looks at once where one waits; and cancels one, which takes back what it did.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>provisioning.not_found</c> or <c>provisioning.over</c>.</remarks>
public static class ControlProvisioning
{
    const string GoOnSql = "update fleet.provisioning set state = 'running' where tenant_id = $1 and workspace_id = $2 and id = $3 and state in ('running', 'stopped') returning server_id";

    const string Forgive = "update fleet.server set stack_problem = '', stack_failures = 0 where tenant_id = $1 and id = $2";

    const string CancelSql = "update fleet.provisioning set state = 'undoing' where tenant_id = $1 and workspace_id = $2 and id = $3 and state in ('running', 'stopped') returning server_id";

    public static Task<Result<Provisioning>> GoOn(Actor actor, ProvisioningId id, TenantDb db, TimeProvider clock, CancellationToken ct) => Set(actor, id, GoOnSql, "provisioning.continued", db, clock, ct);

    /// <summary>Takes back what was done, in the other order; what cannot be taken back is named at its step. A step at work ends first.</summary>
    public static Task<Result<Provisioning>> Cancel(Actor actor, ProvisioningId id, TenantDb db, TimeProvider clock, CancellationToken ct) => Set(actor, id, CancelSql, "provisioning.cancelled", db, clock, ct);

    static async Task<Result<Provisioning>> Set(Actor actor, ProvisioningId id, string sql, string what, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersManage)) return Actor.Forbidden(Permissions.ServersManage);
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await Provisioning.Find(tx, workspace, id, ct) is not { } found) return Provisioning.NotFound;
        var changed = await tx.List(sql, row => row.GetGuid(0), ct, actor.Tenant, workspace, id);
        if (changed.Count == 0) return new Problem(ProblemKind.Conflict, "provisioning.over", $"It is {found.State}, so there is nothing to go on with or to cancel.");
        await tx.Execute(Forgive, ct, actor.Tenant, changed[0]);
        await WalkStep.Forgive(tx, id.Value, ct);
        await AdvanceProvisioning.Enqueue(tx, workspace, id, now, ct);
        await tx.Append(actor, what, id.ToString(), new { was = found.State, step = found.Current?.Name }, now, ct);
        var after = await Provisioning.Find(tx, workspace, id, ct);
        await tx.Commit(ct);
        return after is null ? Provisioning.NotFound : after;
    }

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/provisionings/{id}/continue", async (Actor actor, ProvisioningId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await GoOn(actor, id, db, clock, ct)).ToHttp());
        api.MapPost("/provisionings/{id}/cancel", async (Actor actor, ProvisioningId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Cancel(actor, id, db, clock, ct)).ToHttp());
    }
}
