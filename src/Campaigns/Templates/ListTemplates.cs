using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Campaigns.Templates;

/// <summary>The workspace's templates, newest first, and one of them.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>cursor.invalid</c> or <c>template.not_found</c>.</remarks>
public static class ListTemplates
{
    const string Select = """
        select id, name, subject, html, text, created_at, updated_at
        from campaigns.template
        where tenant_id = $1 and workspace_id = $2 and ($3::uuid is null or id < $3)
        order by id desc
        limit $4
        """;

    public static async Task<Result<Page<Template>>> Handle(Actor actor, string? cursor, int? limit, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.TemplatesRead)) return Actor.Forbidden(Permissions.TemplatesRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        if (!Cursor.TryDecodeId(cursor, out var after)) return Cursor.Broken;
        var most = Cursor.Limit(limit);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return Page<Template>.Of(await tx.List(Select, Template.Read, ct, actor.Tenant, workspace, after, most + 1), most, row => row.Id.Value.ToString("N"));
    }

    public static async Task<Result<Template>> One(Actor actor, TemplateId id, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.TemplatesRead)) return Actor.Forbidden(Permissions.TemplatesRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        var found = await tx.Maybe(Template.SelectOne, Template.Read, ct, actor.Tenant, workspace, id);
        return found is null ? Template.NotFound : found;
    }

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/templates", async (Actor actor, string? cursor, int? limit, TenantDb db, CancellationToken ct) => (await Handle(actor, cursor, limit, db, ct)).ToHttp());
        api.MapGet("/templates/{id}", async (Actor actor, TemplateId id, TenantDb db, CancellationToken ct) => (await One(actor, id, db, ct)).ToHttp());
    }
}
