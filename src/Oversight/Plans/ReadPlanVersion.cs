using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Lint;

namespace PenguinMails.Oversight.Plans;

/// <summary>One version of a plan: its canonical text, and what the linter says of it today. Refuses with <c>permission.missing</c> (needs <c>overview:read</c>) or <c>plan.not_found</c>.</summary>
public static class ReadPlanVersion
{
    /// <param name="Findings">As of the day of asking, so that a waiver that ran out counts again.</param>
    public sealed record Output(PlanVersion Version, string Yaml, IReadOnlyList<Finding> Findings, IReadOnlyList<Waived> Waived);

    const string Select = """
        select id, plan, number, sha256, objects, errors, warnings, imported_by, imported_at, yaml
        from oversight.plan_version
        where tenant_id = $1 and id = $2
        """;

    static readonly Problem NotFound = new(ProblemKind.NotFound, "plan.not_found", "This account has no such version of a plan.");

    public static async Task<Result<Output>> Handle(Actor actor, PlanVersionId id, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OverviewRead)) return Actor.Forbidden(Permissions.OverviewRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var kept = await tx.Maybe(Select, row => new Kept(ListPlanVersions.Read(row), row.GetString(9)), ct, actor.Tenant, id);
        if (kept is null) return NotFound;
        var report = PlanLinter.Run(PlanReader.Read([($"{kept.Version.Plan}.yaml", kept.Yaml)]).Plan, DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime));
        return new Output(kept.Version, kept.Yaml, report.Findings, report.Waived);
    }

    sealed record Kept(PlanVersion Version, string Yaml);

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/plan-versions/{id}",
        async (Actor actor, PlanVersionId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, db, clock, ct)).ToHttp());
}
