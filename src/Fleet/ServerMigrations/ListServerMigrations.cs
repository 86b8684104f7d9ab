using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.ServerMigrations;

/// <summary>The workspace's migrations of servers, newest first and without their parts, and one of them whole.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>cursor.invalid</c> or <c>server_migration.not_found</c>.</remarks>
public static class ListServerMigrations
{
    const string Select = """
        select m.id, m.workspace_id, m.state, m.from_server_id, m.to_server_id, f.host_name, t.host_name, m.is_mail_left, m.switched_at, m.left_at, m.created_at, m.ended_at
        from fleet.server_migration m
        join fleet.server f on f.tenant_id = m.tenant_id and f.id = m.from_server_id
        join fleet.server t on t.tenant_id = m.tenant_id and t.id = m.to_server_id
        where m.tenant_id = $1 and m.workspace_id = $2 and ($3::uuid is null or m.id < $3)
        order by m.id desc
        limit $4
        """;

    public static async Task<Result<Page<ServerMigration>>> Handle(Actor actor, string? cursor, int? limit, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersRead)) return Actor.Forbidden(Permissions.ServersRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        if (!Cursor.TryDecodeId(cursor, out var after)) return Cursor.Broken;
        var most = Cursor.Limit(limit);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return Page<ServerMigration>.Of(await tx.List(Select, ServerMigration.Read, ct, actor.Tenant, workspace, after, most + 1), most, row => row.Id.Value.ToString("N"));
    }

    public static async Task<Result<ServerMigration>> One(Actor actor, ServerMigrationId id, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersRead)) return Actor.Forbidden(Permissions.ServersRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await ServerMigration.Find(tx, workspace, id, ct) is { } found ? found : ServerMigration.NotFound;
    }

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/server-migrations", async (Actor actor, string? cursor, int? limit, TenantDb db, CancellationToken ct) => (await Handle(actor, cursor, limit, db, ct)).ToHttp());
        api.MapGet("/server-migrations/{id}", async (Actor actor, ServerMigrationId id, TenantDb db, CancellationToken ct) => (await One(actor, id, db, ct)).ToHttp());
    }
}
