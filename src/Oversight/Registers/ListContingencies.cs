using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Registers;

/// <summary>What is done when something happens, as the plan says.</summary>
/// <param name="Authority">Who decides it; null when the plan does not say, so that nobody may.</param>
public sealed record ContingencyLine(string Name, string Title, string When, IReadOnlyList<string> Then, string? Authority, string? Owner);

/// <summary>Contingencies of the plan. Refuses with <c>permission.missing</c> (needs <c>oversight:read</c>).</summary>
public static class ListContingencies
{
    public static async Task<Result<PlanPage<ContingencyLine>>> Handle(Actor actor, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await CurrentPlan.Read(tx, ct) is { } plan
            ? new PlanPage<ContingencyLine>(plan.Version, [.. plan.Plan.Of("Contingency").Select(one => new ContingencyLine(one.Name, one.Title, one.Text("when") ?? "", [.. one.Names("then")], one.Text("authority"), plan.OwnerOf(one)))])
            : new PlanPage<ContingencyLine>(null, []);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/oversight/contingencies",
        async (Actor actor, TenantDb db, CancellationToken ct) => (await Handle(actor, db, ct)).ToHttp());
}
