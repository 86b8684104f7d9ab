using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;

namespace PenguinMails.Fleet.Dns;

/// <summary>Makes the plan that restores what stood in the zone before another plan was written. It is shown and applied like any other.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>domain.not_found</c>, <c>dns.plan_not_found</c> or <c>dns.plan_over</c>.</remarks>
public static class UndoDnsPlan
{
    public static async Task<Result<DnsPlan>> Handle(Actor actor, DomainId id, DnsPlanId planId, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.DomainsManage)) return Actor.Forbidden(Permissions.DomainsManage);
        var found = await DnsDesk.SetUp(actor, id, db, reach, clock, ct);
        if (found.Problem is { } refused) return refused;
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await DnsPlan.Find(tx, id, planId, ct) is not { } plan) return DnsPlan.NotFound;
        if (plan.State is not ("written" or "verified") || !plan.Changes.Any())
            return new Problem(ProblemKind.Conflict, "dns.plan_over", plan.Changes.Any() ? $"This plan is {plan.State}: only one that was written can be undone." : "This plan changed nothing.");
        var undo = new DnsPlan(TypedId.New<DnsPlanId>(now), id, "ready", "undo", planId, found.Value.Setup.HostKind, plan.Zone,
            [.. plan.Changes.Reverse().Select(item => item.Undone())], [], [], "", now, null, null, null);
        await undo.Save(tx, ct);
        await tx.Append(actor, "dns.undo_planned", id.ToString(), new { plan = undo.Id, undoes = planId }, now, ct);
        await tx.Commit(ct);
        return undo;
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/domains/{id}/dns/plans/{plan}/undo",
        async (Actor actor, DomainId id, DnsPlanId plan, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, id, plan, db, reach, clock, ct)).ToHttp(made => TypedResults.Created($"/api/v1/domains/{id}/dns/plans/{made.Id}", made)));
}
