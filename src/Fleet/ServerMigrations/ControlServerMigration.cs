using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Walks;

namespace PenguinMails.Fleet.ServerMigrations;

/// <summary>Goes on with a migration that stopped, or looks at once where one waits; leaves the old server's mail behind; cancels one before mail leaves from the new server.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>server_migration.not_found</c>, <c>server_migration.over</c> or <c>server_migration.switched</c>.</remarks>
public static class ControlServerMigration
{
    const string GoOnSql = "update fleet.server_migration set state = 'running' where tenant_id = $1 and workspace_id = $2 and id = $3 and state in ('running', 'stopped')";

    const string LeaveMailSql = "update fleet.server_migration set state = 'running', is_mail_left = true where tenant_id = $1 and workspace_id = $2 and id = $3 and state in ('running', 'stopped')";

    const string CancelSql = "update fleet.server_migration set state = 'undoing' where tenant_id = $1 and workspace_id = $2 and id = $3 and state in ('running', 'stopped') and switched_at is null";

    const string Forgive = "update fleet.server set stack_problem = '', stack_failures = 0 where tenant_id = $1 and id in ($2, $3)";

    public static Task<Result<ServerMigration>> GoOn(Actor actor, ServerMigrationId id, TenantDb db, TimeProvider clock, CancellationToken ct) => Set(actor, id, GoOnSql, "server_migration.continued", db, clock, ct);

    /// <summary>For a server that does not come back. What was carried so far stays; the rest is lost with the machine.</summary>
    public static Task<Result<ServerMigration>> LeaveMail(Actor actor, ServerMigrationId id, TenantDb db, TimeProvider clock, CancellationToken ct) => Set(actor, id, LeaveMailSql, "server_migration.mail_left", db, clock, ct);

    /// <summary>Takes back what was done. Once mail leaves from the new server there is only the way forward, or a migration back.</summary>
    public static Task<Result<ServerMigration>> Cancel(Actor actor, ServerMigrationId id, TenantDb db, TimeProvider clock, CancellationToken ct) => Set(actor, id, CancelSql, "server_migration.cancelled", db, clock, ct);

    static async Task<Result<ServerMigration>> Set(Actor actor, ServerMigrationId id, string sql, string what, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersManage)) return Actor.Forbidden(Permissions.ServersManage);
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await ServerMigration.Find(tx, workspace, id, ct) is not { } found) return ServerMigration.NotFound;
        if (await tx.Execute(sql, ct, actor.Tenant, workspace, id) == 0) return Refused(found);
        await tx.Execute(Forgive, ct, actor.Tenant, found.FromServerId, found.ToServerId);
        await WalkStep.Forgive(tx, id.Value, ct);
        await AdvanceServerMigration.Enqueue(tx, workspace, id, now, ct);
        await tx.Append(actor, what, id.ToString(), new { was = found.State, step = found.Current?.Name }, now, ct);
        var after = await ServerMigration.Find(tx, workspace, id, ct);
        await tx.Commit(ct);
        return after is null ? ServerMigration.NotFound : after;
    }

    static Problem Refused(ServerMigration found) => found.State is "running" or "stopped"
        ? new(ProblemKind.Conflict, "server_migration.switched", $"Mail leaves from {found.ToHostName} already. Go on to the end, or migrate back afterwards.")
        : new(ProblemKind.Conflict, "server_migration.over", $"It is {found.State}, so there is nothing to go on with or to cancel.");

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/server-migrations/{id}/continue", async (Actor actor, ServerMigrationId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await GoOn(actor, id, db, clock, ct)).ToHttp());
        api.MapPost("/server-migrations/{id}/leave-mail", async (Actor actor, ServerMigrationId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await LeaveMail(actor, id, db, clock, ct)).ToHttp());
        api.MapPost("/server-migrations/{id}/cancel", async (Actor actor, ServerMigrationId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Cancel(actor, id, db, clock, ct)).ToHttp());
    }
}
