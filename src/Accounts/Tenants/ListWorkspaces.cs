using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Accounts.Members;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Accounts.Tenants;

/// <summary>The workspaces the actor may enter, oldest first.</summary>
/// <remarks>Needs no permission: whoever acts must be able to choose. Refuses with <c>cursor.invalid</c>.</remarks>
public static class ListWorkspaces
{
    const string Select = """
        select id, name, sender_name, postal_address, created_at, archived_at
        from accounts.workspace
        where tenant_id = $1 and ($2::uuid[] is null or id = any($2)) and ($3::uuid is null or id > $3)
        order by id
        limit $4
        """;

    public static async Task<Result<Page<Workspace>>> Handle(Actor actor, string? cursor, int? limit, TenantDb db, CancellationToken ct)
    {
        if (!Cursor.TryDecodeId(cursor, out var after)) return Cursor.Broken;
        var count = Cursor.Limit(limit);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var rows = await tx.List(Select, Workspace.Read, ct, actor.Tenant, await Reach(tx, actor, ct), after, count + 1);
        return Page<Workspace>.Of(rows, count, row => row.Id.Value.ToString("N"));
    }

    // Null: all of them.
    static async Task<Guid[]?> Reach(TenantTx tx, Actor actor, CancellationToken ct)
    {
        if (actor.Kind == ActorKind.ApiKey) return actor.Workspace is { } bound ? [bound.Value] : null;
        if (actor.User is not { } user) return null;
        var memberships = await Membership.Of(tx, user, ct);
        return memberships.Any(one => one.Workspace is null) ? null : [.. memberships.Select(one => one.Workspace?.Value ?? default)];
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/workspaces",
        async (Actor actor, string? cursor, int? limit, TenantDb db, CancellationToken ct) => (await Handle(actor, cursor, limit, db, ct)).ToHttp());
}

/// <summary>The tenant's record of who did what, newest first.</summary>
/// <remarks>Refuses with <c>permission.missing</c> or <c>cursor.invalid</c>.</remarks>
public static class ListAudit
{
    public static async Task<Result<Page<AuditEntry>>> Handle(Actor actor, string? cursor, int? limit, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AuditRead)) return Actor.Forbidden(Permissions.AuditRead);
        if (!Cursor.TryDecode(cursor, out var key)) return Cursor.Broken;
        long? before = null;
        if (key is not null)
        {
            if (!long.TryParse(key, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var seq)) return Cursor.Broken;
            before = seq;
        }

        var count = Cursor.Limit(limit);
        var rows = await Audit.Newest(db, actor.Tenant, before, count + 1, ct);
        return Page<AuditEntry>.Of(rows, count, row => row.Seq.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/audit",
        async (Actor actor, string? cursor, int? limit, TenantDb db, CancellationToken ct) => (await Handle(actor, cursor, limit, db, ct)).ToHttp());
}
