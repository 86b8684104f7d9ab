using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Domains;

namespace PenguinMails.Fleet.Dns;

/// <summary>Asks every authoritative server and the resolver whether a plan is what the world sees, now, and keeps the answer. A plan for a zone that is changed by hand is done once all of them show it.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>domain.not_found</c>, <c>dns.plan_not_found</c> or <c>dns.plan_over</c>. As a job it looks again until all servers agree, for about a day.</remarks>
public static class WatchDnsPlan
{
    public const string Kind = "fleet.watch_dns_plan";

    const int RoundsMax = 60;

    const string Save = "update fleet.dns_plan set seen = $4, problem = $5 where tenant_id = $1 and domain_id = $2 and id = $3 and state in ('ready', 'written', 'verified')";

    const string Verify = """
        update fleet.dns_plan
        set state = 'verified', seen = $4, problem = '', written_at = coalesce(written_at, $5), verified_at = $5
        where tenant_id = $1 and domain_id = $2 and id = $3 and (state = 'written' or (state = 'ready' and host_kind = 'by_hand'))
        """;

    const string Proved = "update fleet.dns_setup set proved_at = $3 where tenant_id = $1 and domain_id = $2 and proved_at is null";

    // The world has the MX records of now, so the policy of MTA-STS may forget the hosts of before.
    const string Forget = "update fleet.dns_setup set mx_hosts_left = '{}' where tenant_id = $1 and domain_id = $2 and mx_hosts_left <> '{}'";

    public sealed record Order(WorkspaceId Workspace, DomainId Domain, DnsPlanId Plan, int Round);

    public static async Task<Result<DnsPlan>> Handle(Actor actor, DomainId id, DnsPlanId planId, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.DomainsManage)) return Actor.Forbidden(Permissions.DomainsManage);
        var found = await DnsDesk.SetUp(actor, id, db, reach, clock, ct);
        if (found.Problem is { } refused) return refused;
        if (await ApplyDnsPlan.Find(actor, id, planId, db, ct) is not { } plan) return DnsPlan.NotFound;
        if (plan.State is not ("ready" or "written" or "verified")) return new Problem(ProblemKind.Conflict, "dns.plan_over", $"This plan is {plan.State}, so there is nothing to look for.");
        var look = await PlanSight.At(plan.Zone, plan.Items, reach, clock, ct);
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (look.IsWhole)
        {
            if (await tx.Execute(Verify, ct, actor.Tenant, id, planId, Jsonb.Of(look.Seen), now) > 0)
            {
                await tx.Append(actor, "dns.plan_verified", planId.ToString(), new { domain = id }, now, ct);
                // Only what all servers of the zone show is a proof.
                if (plan.Items.Any(item => item is { Purpose: "ownership", After.Count: > 0 })) await tx.Execute(Proved, ct, actor.Tenant, id, now);
                if (plan.Items.Any(item => item.Purpose == "mx" && item.After.SequenceEqual(DesiredRecords.Exchanges(found.Value.Setup)))) await tx.Execute(Forget, ct, actor.Tenant, id);
            }
        }

        await tx.Execute(Save, ct, actor.Tenant, id, planId, Jsonb.Of(look.Seen), look.Problem);
        var after = await DnsPlan.Find(tx, id, planId, ct);
        await tx.Commit(ct);
        return after is null ? DnsPlan.NotFound : after;
    }

    internal static Task Enqueue(TenantTx tx, Order order, TimeSpan delay, DateTimeOffset now, CancellationToken ct) =>
        tx.Enqueue(new JobOrder<Order>(Kind, order) { DueAt = now + delay, UniqueKey = $"{order.Plan.Value:N}/{order.Round}", Priority = 6 }, now, ct);

    internal static async Task Run(Order order, JobRun run, CancellationToken ct)
    {
        var (reach, clock) = (run.Need<DnsReach>(), run.Need<TimeProvider>());
        var actor = Actor.System(run.Tenant, order.Workspace);
        var looked = await Handle(actor, order.Domain, order.Plan, run.Db, reach, clock, ct);
        if (!looked.IsOk || looked.Value.State is "ready") return;
        if (looked.Value.State == "verified")
        {
            await CheckDomain.Handle(actor, order.Domain, run.Db, reach.Dns, clock, ct);
            return;
        }

        if (order.Round >= RoundsMax) return; // It stays written; the page says which server is behind.
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        await Enqueue(tx, order with { Round = order.Round + 1 }, After(order.Round), clock.GetUtcNow(), ct);
        await tx.Commit(ct);
    }

    /// <summary>15 s at first, then ever longer up to half an hour: most zones show a change within a minute, a resolver may remember an absence for hours.</summary>
    internal static TimeSpan After(int round) => TimeSpan.FromSeconds(Math.Min(1800, 15 * (1 << Math.Min(round - 1, 7))));

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/domains/{id}/dns/plans/{plan}/check",
        async (Actor actor, DomainId id, DnsPlanId plan, TenantDb db, DnsReach reach, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, plan, db, reach, clock, ct)).ToHttp());
}
