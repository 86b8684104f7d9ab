using PenguinMails.Core.Db;
using PenguinMails.Oversight.Kpis;

namespace PenguinMails.Oversight.Plans;

/// <summary>A list of what a plan holds, with the version it was read from.</summary>
/// <param name="Plan">Null while the account has no plan.</param>
/// <param name="NextCursor">Null on the last page.</param>
public sealed record PlanPage<T>(PlanVersion? Plan, IReadOnlyList<T> Items, string? NextCursor = null);

/// <summary>The plan an account goes by: the newest version of its plans.</summary>
/// <param name="Plan">What this release reads of it; the version names the rest.</param>
sealed record CurrentPlan(PlanVersion Version, Plan Plan)
{
    const string SelectNewest = """
        select id, plan, number, sha256, objects, errors, warnings, imported_by, imported_at
        from oversight.plan_version
        where tenant_id = $1
        order by imported_at desc, number desc
        limit 1
        """;

    // What the last review looked at, also when that is this very version; else the version before.
    const string Earlier = """
        with reviewed as (
          select plan_version_id
          from oversight.review_held
          where tenant_id = $1 and plan = $2
          order by held_on desc, id desc
          limit 1)
        select v.id, v.plan, v.number, v.sha256, v.objects, v.errors, v.warnings, v.imported_by, v.imported_at
        from oversight.plan_version v
        left join reviewed r on r.plan_version_id = v.id
        where v.tenant_id = $1 and v.plan = $2 and (v.number < $3 or r.plan_version_id is not null)
        order by r.plan_version_id is null, v.number desc
        limit 1
        """;

    const string First = "select min(imported_at) from oversight.plan_version where tenant_id = $1 and plan = $2";

    const string SelectText = "select yaml from oversight.plan_version where tenant_id = $1 and id = $2";

    // The founding plan has 109,000 characters, and 1.1 MB in memory.
    static readonly PlanMemory Memory = new(plansMax: 200, charactersMax: 4_000_000);

    readonly PlanTimes _times = new(Plan);

    public PlanTimes Times => _times;

    /// <summary>Null while the account has none.</summary>
    public static async Task<CurrentPlan?> Read(TenantTx tx, CancellationToken ct) => await Newest(tx, ct) is { } version ? await Open(tx, version, ct) : null;

    /// <summary>The version alone, with nothing read of it.</summary>
    public static Task<PlanVersion?> Newest(TenantTx tx, CancellationToken ct) => tx.Maybe(SelectNewest, ListPlanVersions.Read, ct, tx.Tenant);

    /// <summary>What slips are counted against: the version the last review looked at, which may be this one, else the one before; null for the first.</summary>
    public async Task<CurrentPlan?> Before(TenantTx tx, CancellationToken ct) =>
        await tx.Maybe(Earlier, ListPlanVersions.Read, ct, tx.Tenant, Version.Plan, Version.Number) is { } version ? await Open(tx, version, ct) : null;

    /// <summary>Day its first version was imported.</summary>
    public async Task<DateOnly> Since(TenantTx tx, CancellationToken ct) =>
        DateOnly.FromDateTime((await tx.One(First, row => row.GetFieldValue<DateTimeOffset>(0), ct, tx.Tenant, Version.Plan)).UtcDateTime);

    /// <summary>Who answers for an object: its owner, else the plan's default; null where the plan names nobody.</summary>
    public string? OwnerOf(PlanObject? one) => one?.Owner ?? Plan.Head?.Text("defaultOwner");

    /// <summary>The figure a metric of the plan is measured by, also by the figure's own key; null when nothing here measures it.</summary>
    public Kpi? KpiOf(string? metric)
    {
        if (metric is null) return null;
        return Plan.Find("Metric", metric) is { } one ? KpiCatalog.Find(one.Text("kpi") ?? one.Text("is") ?? "") : KpiCatalog.Find(metric);
    }

    /// <summary>A version of this account as this release reads it.</summary>
    public static async Task<CurrentPlan> Open(TenantTx tx, PlanVersion version, CancellationToken ct)
    {
        var reading = Memory.Find(tx.Tenant, version.Id);
        if (reading is null)
        {
            var yaml = await tx.One(SelectText, row => row.GetString(0), ct, tx.Tenant, version.Id);
            reading = PlanReader.Kept(version.Plan, yaml);
            Memory.Keep(tx.Tenant, version.Id, reading, yaml.Length);
        }

        return new(version with { Unread = reading.Faults }, reading.Plan);
    }
}
