using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Provisionings;

/// <summary>The workspace's provisionings, newest first and without steps, and one of them with its steps.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>cursor.invalid</c> or <c>provisioning.not_found</c>.</remarks>
public static class ListProvisionings
{
    const string Select = """
        select id, workspace_id, state, wish, server_id, domain_id, dns_plan_id, test_mail_id, has_made_domain, created_at, ended_at
        from fleet.provisioning
        where tenant_id = $1 and workspace_id = $2 and ($3::uuid is null or id < $3)
        order by id desc
        limit $4
        """;

    public static async Task<Result<Page<Provisioning>>> Handle(Actor actor, string? cursor, int? limit, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersRead)) return Actor.Forbidden(Permissions.ServersRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        if (!Cursor.TryDecodeId(cursor, out var after)) return Cursor.Broken;
        var most = Cursor.Limit(limit);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return Page<Provisioning>.Of(await tx.List(Select, Provisioning.Read, ct, actor.Tenant, workspace, after, most + 1), most, row => row.Id.Value.ToString("N"));
    }

    public static async Task<Result<Provisioning>> One(Actor actor, ProvisioningId id, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersRead)) return Actor.Forbidden(Permissions.ServersRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await Provisioning.Find(tx, workspace, id, ct) is { } found ? found : Provisioning.NotFound;
    }

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/provisionings", async (Actor actor, string? cursor, int? limit, TenantDb db, CancellationToken ct) => (await Handle(actor, cursor, limit, db, ct)).ToHttp());
        api.MapGet("/provisionings/{id}", async (Actor actor, ProvisioningId id, TenantDb db, CancellationToken ct) => (await One(actor, id, db, ct)).ToHttp());
    }
}
