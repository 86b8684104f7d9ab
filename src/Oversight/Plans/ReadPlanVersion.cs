using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Lint;

namespace PenguinMails.Oversight.Plans;

/// <summary>One version of a plan: its canonical text, and what the linter says of it today. Refuses with <c>permission.missing</c> (needs <c>oversight:read</c>) or <c>plan.not_found</c>.</summary>
public static class ReadPlanVersion
{
    /// <param name="Findings">As of the day of asking, so that a waiver that ran out counts again.</param>
    /// <param name="Newest">Id of the plan's newest version, where waivers can be written.</param>
    /// <param name="Status">Objectives, targets, roadmap, gates and registers as of the same day, by the plan alone.</param>
    public sealed record Output(PlanVersion Version, string Yaml, IReadOnlyList<Finding> Findings, IReadOnlyList<Waived> Waived, IReadOnlyList<UnusedWaiver> UnusedWaivers, PlanVersionId Newest, StatusReport Status);

    /// <param name="From">The version compared with; null when this is the first.</param>
    public sealed record Comparison(PlanVersion Version, PlanVersion? From, IReadOnlyList<PlanChange> Changes);

    const string Select = """
        select id, plan, number, sha256, objects, errors, warnings, imported_by, imported_at, yaml
        from oversight.plan_version
        where tenant_id = $1 and id = $2
        """;

    const string SelectBefore = """
        select id, plan, number, sha256, objects, errors, warnings, imported_by, imported_at
        from oversight.plan_version
        where tenant_id = $1 and plan = $2 and number < $3
        order by number desc
        limit 1
        """;

    internal static readonly Problem NotFound = new(ProblemKind.NotFound, "plan.not_found", "This account has no such version of a plan.");

    public static async Task<Result<Output>> Handle(Actor actor, PlanVersionId id, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var kept = await tx.Maybe(Select, row => new Kept(ListPlanVersions.Read(row), row.GetString(9)), ct, actor.Tenant, id);
        if (kept is null) return NotFound;
        var ((version, plan), today) = (await CurrentPlan.Open(tx, kept.Version, ct), DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime));
        var report = PlanLinter.Run(plan, today);
        var newest = await tx.One(NextVersion.SelectNewest, ListPlanVersions.Read, ct, actor.Tenant, kept.Version.Plan);
        return new Output(version, kept.Yaml, report.Findings, report.Waived, report.UnusedWaivers, newest.Id, PlanStatus.Of(plan, today));
    }

    /// <summary>What changed since the version before, as a change log.</summary>
    public static async Task<Result<Comparison>> Compare(Actor actor, PlanVersionId id, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Maybe(Select, row => new Kept(ListPlanVersions.Read(row), row.GetString(9)), ct, actor.Tenant, id) is not { } kept) return NotFound;
        var before = await tx.Maybe(SelectBefore, ListPlanVersions.Read, ct, actor.Tenant, kept.Version.Plan, kept.Version.Number);
        var now = await CurrentPlan.Open(tx, kept.Version, ct);
        if (before is null) return new Comparison(now.Version, null, []);
        var old = await CurrentPlan.Open(tx, before, ct);
        return new Comparison(now.Version, old.Version, PlanDiff.Compare(old.Plan, now.Plan));
    }

    sealed record Kept(PlanVersion Version, string Yaml);

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/plan-versions/{id}", async (Actor actor, PlanVersionId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, db, clock, ct)).ToHttp());
        api.MapGet("/plan-versions/{id}/changes", async (Actor actor, PlanVersionId id, TenantDb db, CancellationToken ct) => (await Compare(actor, id, db, ct)).ToHttp());
    }
}
