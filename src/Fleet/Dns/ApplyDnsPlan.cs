using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Dns.Hosts;
using PenguinMails.Fleet.Domains;

namespace PenguinMails.Fleet.Dns;

/// <summary>Writes a plan into the zone, as it was shown: a job does it, and proves first that the domain is this account's.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>domain.not_found</c>, <c>dns.plan_not_found</c>, <c>dns.plan_over</c>, <c>dns.plan_busy</c>,
/// <c>dns.by_hand</c>, what the host says, or <c>dns.zone_changed</c> when the zone is no longer what the plan shows; then a new plan was made.</remarks>
public static class ApplyDnsPlan
{
    const string Begin = """
        update fleet.dns_plan
        set state = 'applying', applied_at = $4, problem = ''
        where tenant_id = $1 and domain_id = $2 and id = $3 and state in ('ready', 'failed')
          and not exists (select from fleet.dns_plan as other where other.tenant_id = $1 and other.domain_id = $2 and other.state = 'applying')
        """;

    const string Stale = "update fleet.dns_plan set state = 'stale', problem = $4 where tenant_id = $1 and domain_id = $2 and id = $3 and state in ('ready', 'failed', 'applying')";

    public static async Task<Result<DnsPlan>> Handle(Actor actor, DomainId id, DnsPlanId planId, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.DomainsManage)) return Actor.Forbidden(Permissions.DomainsManage);
        var desk = await DnsDesk.At(actor, id, db, reach, clock, ct);
        if (desk.Problem is { } refused) return refused;
        using var host = desk.Value.Host;
        if (await Find(actor, id, planId, db, ct) is not { } plan) return DnsPlan.NotFound;
        if (plan.State is not ("ready" or "failed")) return new Problem(ProblemKind.Conflict, "dns.plan_over", $"This plan is {plan.State}. Make a new one.");
        if (desk.Value.Setup.HostKind == DnsSetup.ByHand) return (await host.Write([], ct)).Problem is { } byHand ? byHand : DnsPlan.NotFound;
        var view = await desk.Value.Read(plan, ct);
        if (view.Problem is { } silent) return silent;
        if (Moved(plan, view.Value) is { } moved) return await Refuse(actor, plan, moved, db, reach, clock, ct);

        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Execute(Begin, ct, actor.Tenant, id, planId, now) == 0) return new Problem(ProblemKind.Conflict, "dns.plan_busy", "Another plan of this domain is being applied. Wait until it is done.");
        await WriteDnsPlan.Enqueue(tx, new(desk.Value.Domain.WorkspaceId, id, planId, 1), TimeSpan.Zero, now, ct);
        await tx.Append(actor, "dns.plan_applied", planId.ToString(), new { domain = id, changes = plan.Changes.Count() }, now, ct);
        await tx.Commit(ct);
        return plan with { State = "applying", AppliedAt = now, Problem = "" };
    }

    /// <summary>The first item whose place holds neither what stood there nor what shall; null when the plan still fits.</summary>
    internal static PlanItem? Moved(DnsPlan plan, ZoneView view) => plan.Changes.FirstOrDefault(item => !IsPending(item, view) && !IsDone(item, view) && !IsHalfway(plan, item, view));

    // Only what this plan began itself: before it was applied, a set between the two belongs to somebody else.
    static bool IsHalfway(DnsPlan plan, PlanItem item, ZoneView view) =>
        plan.HostKind == DigitalOceanHost.Kind && plan.AppliedAt is not null && HalfwaySet.IsBetween(view.Find(item.Name, item.RecordType), item.SetBefore, item.SetAfter);

    internal static bool IsPending(PlanItem item, ZoneView view) => Same(view.Find(item.Name, item.RecordType), item.SetBefore);

    internal static bool IsDone(PlanItem item, ZoneView view) => Same(view.Find(item.Name, item.RecordType), item.SetAfter);

    static bool Same(Mail.Dns.DnsRecordSet? one, Mail.Dns.DnsRecordSet? other) => one is null || other is null ? one is null && other is null : one.HasSameRecords(other);

    static async Task<Result<DnsPlan>> Refuse(Actor actor, DnsPlan plan, PlanItem moved, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct)
    {
        await GoStale(actor.Tenant, plan, moved, db, ct);
        // The way back is not worked out anew: what stands there now belongs to whoever put it there.
        if (plan.Origin == "undo") return new Problem(ProblemKind.Conflict, "dns.zone_changed", $"{Changed(moved)} It cannot be undone any more without losing that; plan anew instead.");
        var fresh = await PlanDns.Draw(actor, plan.DomainId, plan.Origin, db, reach, clock, ct);
        return fresh.Problem is { } problem ? problem : new Problem(ProblemKind.Conflict, "dns.zone_changed", $"{Changed(moved)} Nothing was written. The plan {fresh.Value.Id} shows the difference as it is now.");
    }

    internal static string Changed(PlanItem moved) => $"{moved.Name} {moved.Type} changed since the plan was made.";

    internal static async Task GoStale(TenantId tenant, DnsPlan plan, PlanItem moved, TenantDb db, CancellationToken ct)
    {
        await using var tx = await db.Begin(tenant, ct);
        await tx.Execute(Stale, ct, tenant, plan.DomainId, plan.Id, Changed(moved));
        await tx.Commit(ct);
    }

    internal static async Task<DnsPlan?> Find(Actor actor, DomainId id, DnsPlanId planId, TenantDb db, CancellationToken ct)
    {
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await DnsPlan.Find(tx, id, planId, ct);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/domains/{id}/dns/plans/{plan}/apply",
        async (Actor actor, DomainId id, DnsPlanId plan, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, plan, db, reach, clock, ct)).ToHttp());
}
