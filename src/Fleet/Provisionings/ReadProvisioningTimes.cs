using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Provisionings;

/// <summary>How long a step took in the provisionings that reached their end.</summary>
/// <param name="PlatformMedianMs">Milliseconds of this installation's own time, half of them faster.</param>
/// <param name="PlatformWorstMs">The slowest.</param>
/// <param name="CustomerMedianMs">Milliseconds somebody outside was waited for.</param>
public sealed record StepTimes(string Step, int Count, long PlatformMedianMs, long PlatformWorstMs, long CustomerMedianMs);

/// <param name="Count">Provisionings that became ready in the last <paramref name="Days"/> days.</param>
/// <param name="PlatformMedianMs">Of whole provisionings; null while there are none.</param>
/// <param name="WithinTarget">How many took at most 60 minutes of this installation's own time.</param>
public sealed record ProvisioningTimes(int Days, int Count, long? PlatformMedianMs, int WithinTarget, IReadOnlyList<StepTimes> Steps);

/// <summary>The provisioning KPI of a workspace over the last 90 days. Refuses with <c>permission.missing</c> or <c>workspace.missing</c>.</summary>
public static class ReadProvisioningTimes
{
    const int Days = 90;
    const long TargetMs = 60 * 60 * 1000;

    const string SelectSteps = """
        select s.step, count(*), percentile_disc(0.5) within group (order by s.platform_ms), max(s.platform_ms), percentile_disc(0.5) within group (order by s.customer_ms)
        from fleet.provisioning p
        join fleet.walk_step s on s.tenant_id = p.tenant_id and s.walk_id = p.id
        where p.tenant_id = $1 and p.workspace_id = $2 and p.state = 'ready' and p.ended_at >= $3
        group by s.step
        limit 20
        """;

    const string SelectWhole = """
        select count(*), percentile_disc(0.5) within group (order by whole.ms), count(*) filter (where whole.ms <= $4)
        from (
          select sum(s.platform_ms)::bigint as ms
          from fleet.provisioning p
          join fleet.walk_step s on s.tenant_id = p.tenant_id and s.walk_id = p.id
          where p.tenant_id = $1 and p.workspace_id = $2 and p.state = 'ready' and p.ended_at >= $3
          group by p.id) as whole
        """;

    public static async Task<Result<ProvisioningTimes>> Handle(Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersRead)) return Actor.Forbidden(Permissions.ServersRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        var from = clock.GetUtcNow().AddDays(-Days);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var steps = await tx.List(SelectSteps, row => new StepTimes(row.GetString(0), (int)row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4)), ct, actor.Tenant, workspace, from);
        var whole = await tx.One(SelectWhole, row => (Count: (int)row.GetInt64(0), Median: row.Maybe<long>(1), Within: (int)row.GetInt64(2)), ct, actor.Tenant, workspace, from, TargetMs);
        return new ProvisioningTimes(Days, whole.Count, whole.Median, whole.Within, [.. steps.OrderBy(step => Provisioning.StepNames.ToList().IndexOf(step.Step))]);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/provisionings/times",
        async (Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, db, clock, ct)).ToHttp());
}
