using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Domains;

/// <summary>One DNS record of a domain: what must stand there and what was found.</summary>
/// <param name="Kind">spf, dkim, dmarc, mx, ptr, tracking or return_path.</param>
/// <param name="State">unchecked, ok, missing, wrong, or unknown when DNS did not answer.</param>
/// <param name="Detail">What to do, in a sentence; empty when right. Before the first check: what to look out for when publishing it.</param>
public sealed record DomainRecord(
    string Kind, string Host, string Type, string Expected, IReadOnlyList<string> Found, string State, string Detail, bool IsRequired, DateTimeOffset? CheckedAt);

/// <summary>A domain with its records.</summary>
public sealed record DomainDetail(Domain Domain, IReadOnlyList<DomainRecord> Records);

/// <summary>The workspace's domains, newest first, and one of them with its records.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>cursor.invalid</c> or <c>domain.not_found</c>.</remarks>
public static class ListDomains
{
    public static readonly Problem NotFound = new(ProblemKind.NotFound, "domain.not_found", "There is no such domain in this workspace.");

    const string Select = """
        select id, workspace_id, name, state, dkim_selector, dkim_public_key, return_path_host, tracking_host, checked_at, created_at
        from fleet.domain
        where tenant_id = $1 and workspace_id = $2 and ($3::uuid is null or id < $3)
        order by id desc
        limit $4
        """;

    const string SelectOne = """
        select id, workspace_id, name, state, dkim_selector, dkim_public_key, return_path_host, tracking_host, checked_at, created_at
        from fleet.domain
        where tenant_id = $1 and workspace_id = $2 and id = $3
        """;

    const string SelectRecords = """
        select kind, host, type, expected, found, state, detail, required, checked_at
        from fleet.domain_record
        where tenant_id = $1 and domain_id = $2
        order by required desc, array_position(array['spf', 'dkim', 'dmarc', 'return_path', 'mx', 'tracking', 'ptr'], kind)
        limit 20
        """;

    public static async Task<Result<Page<Domain>>> Handle(Actor actor, string? cursor, int? limit, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.DomainsRead)) return Actor.Forbidden(Permissions.DomainsRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        if (!Cursor.TryDecodeId(cursor, out var after)) return Cursor.Broken;
        var most = Cursor.Limit(limit);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return Page<Domain>.Of(await tx.List(Select, Domain.Read, ct, actor.Tenant, workspace, after, most + 1), most, row => row.Id.Value.ToString("N"));
    }

    public static async Task<Result<DomainDetail>> One(Actor actor, DomainId id, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.DomainsRead)) return Actor.Forbidden(Permissions.DomainsRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await Within(tx, workspace, id, ct) is { } found ? found : NotFound;
    }

    /// <summary>Null when the workspace has no such domain.</summary>
    internal static async Task<DomainDetail?> Within(TenantTx tx, WorkspaceId workspace, DomainId id, CancellationToken ct) =>
        await tx.Maybe(SelectOne, Domain.Read, ct, tx.Tenant, workspace, id) is { } domain
            ? new DomainDetail(domain, await tx.List(SelectRecords, ReadRecord, ct, tx.Tenant, id))
            : null;

    internal static DomainRecord ReadRecord(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetFieldValue<string[]>(4),
        row.GetString(5), row.GetString(6), row.GetBoolean(7), row.Maybe<DateTimeOffset>(8));

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/domains", async (Actor actor, string? cursor, int? limit, TenantDb db, CancellationToken ct) => (await Handle(actor, cursor, limit, db, ct)).ToHttp());
        api.MapGet("/domains/{id}", async (Actor actor, DomainId id, TenantDb db, CancellationToken ct) => (await One(actor, id, db, ct)).ToHttp());
    }
}
