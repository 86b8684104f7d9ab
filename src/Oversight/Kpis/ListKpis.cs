using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Oversight.Kpis;

/// <summary>A KPI with its newest verdict and the values a small chart shows.</summary>
/// <param name="Verdict">Null until a period of it is closed.</param>
/// <param name="Recent">Oldest first, at most 26 periods.</param>
public sealed record KpiLine(Kpi Kpi, KpiVerdict? Verdict, IReadOnlyList<KpiValue> Recent);

/// <summary>The account's KPIs with their verdicts: the verdict matrix. Refuses with <c>permission.missing</c> (needs <c>oversight:read</c>).</summary>
/// <remarks>Figures are those of the whole account. Those over all accounts are shown to the account of the company that runs the platform alone.</remarks>
public static class ListKpis
{
    const int RecentPeriods = 26;

    internal static readonly Problem NotFound = new(ProblemKind.NotFound, "kpi.not_found", "There is no such KPI. GET /api/v1/kpis lists them.");

    public static async Task<Result<Page<KpiLine>>> Handle(Actor actor, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var verdicts = (await tx.List(KpiVerdict.SelectLatest, KpiVerdict.Read, ct, actor.Tenant, null)).ToDictionary(verdict => verdict.Kpi, StringComparer.Ordinal);
        var values = await KpiBook.Recent(tx, DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), RecentPeriods, ct);
        return new Page<KpiLine>([.. KpiCatalog.Of(settings.Company == actor.Tenant).Select(kpi => new KpiLine(kpi, verdicts.GetValueOrDefault(kpi.Key), [.. values[kpi.Key].TakeLast(RecentPeriods)]))], null);
    }

    internal static bool IsShown(Kpi kpi, Actor actor, OversightSettings settings) => kpi.Scope == KpiScope.Account || settings.Company == actor.Tenant;

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/kpis",
        async (Actor actor, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct) => (await Handle(actor, db, settings, clock, ct)).ToHttp());
}
