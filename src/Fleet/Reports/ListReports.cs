using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;

namespace PenguinMails.Fleet.Reports;

/// <summary>A domain's reports, newest first, those that do not count with the reason.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>report.kind_unknown</c>, <c>cursor.invalid</c> or <c>domain.not_found</c>.</remarks>
public static class ListReports
{
    const string Select = """
        select id, kind, state, reason, reporter, org, begins_at, ends_at, policy, messages, messages_left_out, received_at
        from fleet.report
        where tenant_id = $1 and domain_id = $2 and ($3::text is null or kind = $3) and ($4::uuid is null or id < $4)
        order by id desc
        limit $5
        """;

    /// <param name="kind">dmarc or tls; null for both.</param>
    public static async Task<Result<Page<Report>>> Handle(Actor actor, DomainId id, string? kind, string? cursor, int? limit, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.DomainsRead)) return Actor.Forbidden(Permissions.DomainsRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        if (kind is not (null or "dmarc" or "tls")) return Problem.Invalid("report.kind_unknown", new FieldProblem("kind", "dmarc or tls; leave it out for both."));
        if (!Cursor.TryDecodeId(cursor, out var after)) return Cursor.Broken;
        var most = Cursor.Limit(limit);
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await ListDomains.Within(tx, workspace, id, ct) is null) return ListDomains.NotFound;
        return Page<Report>.Of(await tx.List(Select, Report.Read, ct, actor.Tenant, id, kind, after, most + 1), most, row => row.Id.Value.ToString("N"));
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/domains/{id}/reports",
        async (Actor actor, DomainId id, string? kind, string? cursor, int? limit, TenantDb db, CancellationToken ct) => (await Handle(actor, id, kind, cursor, limit, db, ct)).ToHttp());
}
