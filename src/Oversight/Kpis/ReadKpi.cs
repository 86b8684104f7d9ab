using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Oversight.Kpis;

/// <summary>One KPI: its passport, its values with where each came from, its verdicts. Refuses with <c>permission.missing</c> (needs <c>oversight:read</c>) or <c>kpi.not_found</c>.</summary>
public static class ReadKpi
{
    /// <summary>Where a value came from.</summary>
    /// <param name="File">Of a feed; null for facts.</param>
    /// <param name="Rows">Page with the rows that were counted; null for a feed.</param>
    public sealed record Origin(DateOnly Start, string? File, int? Line, string? LoadedBy, DateTimeOffset At, string? Rows);

    /// <param name="Values">Oldest first, two years at most.</param>
    /// <param name="Verdicts">Newest first: what was said when each period closed.</param>
    public sealed record Output(Kpi Kpi, KpiVerdict? Verdict, IReadOnlyList<KpiValue> Values, IReadOnlyList<Origin> Origins, IReadOnlyList<KpiVerdict> Verdicts);

    const string SelectOrigins = """
        select v.start, l.file, v.line, l.loaded_by, v.computed_at
        from oversight.kpi_value v
        left join oversight.kpi_load l on l.tenant_id = v.tenant_id and l.id = v.load_id
        where v.tenant_id = $1 and v.kpi = $2
        order by v.start desc
        limit 110
        """;

    public static async Task<Result<Output>> Handle(Actor actor, string key, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        if (KpiCatalog.Find(key) is not { } kpi || !ListKpis.IsShown(kpi, actor, settings)) return ListKpis.NotFound;
        await using var tx = await db.Begin(actor.Tenant, ct);
        var values = (await KpiBook.Read(tx, key, DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), ct))[key].TakeLast(KpiBook.PeriodsMax).ToList();
        var verdicts = await tx.List(KpiVerdict.SelectHistory, KpiVerdict.Read, ct, actor.Tenant, key);
        var origins = await tx.List(SelectOrigins, row => new Origin(row.GetFieldValue<DateOnly>(0), row.Text(1), row.Maybe<int>(2), row.Text(3), row.GetFieldValue<DateTimeOffset>(4), row.Text(1) is null ? kpi.Rows : null), ct, actor.Tenant, key);
        return new Output(kpi, verdicts.FirstOrDefault(), values, origins, verdicts);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/kpis/{kpi}",
        async (Actor actor, string kpi, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct) => (await Handle(actor, kpi, db, settings, clock, ct)).ToHttp());
}
