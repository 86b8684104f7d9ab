using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Oversight.Reports;

/// <summary>The archive of reports, newest first. Refuses with <c>permission.missing</c> (needs <c>oversight:read</c>) <c>report.invalid</c> or <c>cursor.invalid</c>.</summary>
public static class ListReports
{
    const string Select = """
        select id, kind, period, data_cut, plan_version_id, plan_sha256, engine, definitions, builder, sha256, unsupported, is_scheduled, built_by, built_at
        from oversight.report
        where tenant_id = $1 and ($2::text is null or kind = $2) and ($3::uuid is null or id < $3)
        order by id desc
        limit $4
        """;

    /// <param name="kind">Null: every kind.</param>
    public static async Task<Result<Page<Report>>> Handle(Actor actor, ReportKind? kind, string? cursor, int? limit, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        if (!Cursor.TryDecodeId(cursor, out var after)) return Cursor.Broken;
        var rows = Cursor.Limit(limit);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var found = await tx.List(Select, Report.Read, ct, actor.Tenant, kind is { } one ? ReportPeriods.Word(one) : null, after, rows + 1);
        return Page<Report>.Of(found, rows, report => report.Id.Value.ToString("N"));
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/oversight/reports",
        async (Actor actor, string? kind, string? cursor, int? limit, TenantDb db, CancellationToken ct) =>
            (kind is not null && ReportPeriods.Find(kind) is null ? Report.KindUnknown : await Handle(actor, ReportPeriods.Find(kind), cursor, limit, db, ct)).ToHttp());
}
