using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;

namespace PenguinMails.Fleet.Mailboxes.Aliases;

/// <summary>The aliases of a domain, newest first, and one of them by id.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>cursor.invalid</c>, <c>domain.not_found</c> or <c>alias.not_found</c>.</remarks>
public static class ListAliases
{
    const string Select = """
        select id, domain_id, address, targets, created_at
        from fleet.mailbox_alias
        where tenant_id = $1 and domain_id = $2 and ($3::uuid is null or id < $3)
        order by id desc
        limit $4
        """;

    const string SelectOne = """
        select a.id, a.domain_id, a.address, a.targets, a.created_at
        from fleet.mailbox_alias a
        join fleet.domain d on d.tenant_id = a.tenant_id and d.id = a.domain_id
        where a.tenant_id = $1 and d.workspace_id = $2 and a.id = $3
        """;

    public static async Task<Result<Page<Alias>>> Handle(Actor actor, DomainId id, string? cursor, int? limit, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesRead)) return Actor.Forbidden(Permissions.MailboxesRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        if (!Cursor.TryDecodeId(cursor, out var after)) return Cursor.Broken;
        var most = Cursor.Limit(limit);
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await ListDomains.Within(tx, workspace, id, ct) is null) return ListDomains.NotFound;
        return Page<Alias>.Of(await tx.List(Select, Alias.Read, ct, actor.Tenant, id, after, most + 1), most, row => row.Id.Value.ToString("N"));
    }

    public static async Task<Result<Alias>> One(Actor actor, AliasId id, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesRead)) return Actor.Forbidden(Permissions.MailboxesRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await Within(tx, workspace, id, ct) is { } found ? found : Alias.NotFound;
    }

    /// <summary>Null when the workspace has no such alias.</summary>
    internal static Task<Alias?> Within(TenantTx tx, WorkspaceId workspace, AliasId id, CancellationToken ct) => tx.Maybe(SelectOne, Alias.Read, ct, tx.Tenant, workspace, id);

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/domains/{id}/aliases", async (Actor actor, DomainId id, string? cursor, int? limit, TenantDb db, CancellationToken ct) => (await Handle(actor, id, cursor, limit, db, ct)).ToHttp());
        api.MapGet("/aliases/{id}", async (Actor actor, AliasId id, TenantDb db, CancellationToken ct) => (await One(actor, id, db, ct)).ToHttp());
    }
}
