using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Servers;

/// <summary>The workspace's servers, newest first, and one of them. Destroyed ones are left out of the list and found by id.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>cursor.invalid</c> or <c>server.not_found</c>.</remarks>
public static class ListServers
{
    const string Select = """
        select id, workspace_id, name, host_name, host_kind, host_ref, region, size, monthly_price, currency, state, problem, addresses, ssh_port, ssh_user, ssh_public_key,
          host_key, host_key_offered, facts, stack_kind, stack_digest, stacked_at, checked_at, created_at, wish, stack_url, stack_version, stack_notes, stack_problem
        from fleet.server
        where tenant_id = $1 and workspace_id = $2 and state <> 'destroyed' and ($3::uuid is null or id < $3)
        order by id desc
        limit $4
        """;

    const string SelectNames = "select id, host_name from fleet.server where tenant_id = $1 order by id desc limit 1000";

    public static async Task<Result<Page<Server>>> Handle(Actor actor, string? cursor, int? limit, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersRead)) return Actor.Forbidden(Permissions.ServersRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        if (!Cursor.TryDecodeId(cursor, out var after)) return Cursor.Broken;
        var most = Cursor.Limit(limit);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return Page<Server>.Of(await tx.List(Select, Server.Read, ct, actor.Tenant, workspace, after, most + 1), most, row => row.Id.Value.ToString("N"));
    }

    public static async Task<Result<Server>> One(Actor actor, ServerId id, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersRead)) return Actor.Forbidden(Permissions.ServersRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await Server.Find(tx, workspace, id, ct) is { } found ? found : Server.NotFound;
    }

    /// <summary>Host names by id text, for pages that show a path such as <c>servers/srv_…/ssh</c>. The newest 1,000 of the account.</summary>
    public static async Task<Result<IReadOnlyDictionary<string, string>>> Names(Actor actor, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersRead)) return Actor.Forbidden(Permissions.ServersRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var names = await tx.List(SelectNames, row => (Id: new ServerId(row.GetGuid(0)), Name: row.GetString(1)), ct, actor.Tenant);
        return Result<IReadOnlyDictionary<string, string>>.Of(names.ToDictionary(one => one.Id.ToString(), one => one.Name));
    }

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/servers", async (Actor actor, string? cursor, int? limit, TenantDb db, CancellationToken ct) => (await Handle(actor, cursor, limit, db, ct)).ToHttp());
        api.MapGet("/servers/{id}", async (Actor actor, ServerId id, TenantDb db, CancellationToken ct) => (await One(actor, id, db, ct)).ToHttp());
    }
}
