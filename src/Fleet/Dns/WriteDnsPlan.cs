using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Domains;

namespace PenguinMails.Fleet.Dns;

/// <summary>The job that writes a plan: bears being killed anywhere and run again, because each run looks first at what stands there already.</summary>
static class WriteDnsPlan
{
    public const string Kind = "fleet.write_dns_plan";

    const int RoundsMax = 20;
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    const string Fail = "update fleet.dns_plan set state = 'failed', problem = $4 where tenant_id = $1 and domain_id = $2 and id = $3 and state = 'applying'";
    const string Note = "update fleet.dns_plan set problem = $4 where tenant_id = $1 and domain_id = $2 and id = $3 and state = 'applying'";
    const string Stale = "update fleet.dns_plan set state = 'stale', problem = $4 where tenant_id = $1 and domain_id = $2 and id = $3 and state = 'applying'";
    const string Written = "update fleet.dns_plan set state = 'written', problem = '', written_at = $4 where tenant_id = $1 and domain_id = $2 and id = $3 and state = 'applying'";
    const string Undone = "update fleet.dns_plan set state = 'undone' where tenant_id = $1 and domain_id = $2 and id = $3 and state in ('written', 'verified')";
    const string Proved = "update fleet.dns_setup set proved_at = $3 where tenant_id = $1 and domain_id = $2 and proved_at is null";

    /// <param name="Round">1 to 20: a host that fails for a while, or a proof that is not seen yet, is waited for.</param>
    public sealed record Order(WorkspaceId Workspace, DomainId Domain, DnsPlanId Plan, int Round);

    public static Task Enqueue(TenantTx tx, Order order, TimeSpan delay, DateTimeOffset now, CancellationToken ct) =>
        tx.Enqueue(new JobOrder<Order>(Kind, order) { DueAt = now + delay, UniqueKey = $"{order.Plan.Value:N}/{order.Round}", Priority = 3 }, now, ct);

    public static async Task Run(Order order, JobRun run, CancellationToken ct)
    {
        var (reach, clock) = (run.Need<DnsReach>(), run.Need<TimeProvider>());
        var actor = Actor.System(run.Tenant, order.Workspace);
        if (await ApplyDnsPlan.Find(actor, order.Domain, order.Plan, run.Db, ct) is not { State: "applying" } plan) return;
        var problem = await Write(actor, plan, run, reach, clock, ct);
        var now = clock.GetUtcNow();
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        if (problem is null)
        {
            await tx.Execute(Written, ct, run.Tenant, order.Domain, order.Plan, now);
            if (plan.Undoes is { } undone) await tx.Execute(Undone, ct, run.Tenant, order.Domain, undone);
            await WatchDnsPlan.Enqueue(tx, new(order.Workspace, order.Domain, order.Plan, 1), TimeSpan.Zero, now, ct);
            await tx.Append(actor, "dns.plan_written", order.Plan.ToString(), new { domain = order.Domain }, now, ct);
        }
        else if (problem.Code == "dns.zone_changed")
        {
            await tx.Execute(Stale, ct, run.Tenant, order.Domain, order.Plan, problem.Detail);
        }
        else if (problem.Kind == ProblemKind.Unavailable && order.Round < RoundsMax)
        {
            await tx.Execute(Note, ct, run.Tenant, order.Domain, order.Plan, problem.Detail);
            await Enqueue(tx, order with { Round = order.Round + 1 }, problem.RetryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : Pause, now, ct);
        }
        else
        {
            await tx.Execute(Fail, ct, run.Tenant, order.Domain, order.Plan, problem.Detail);
            await tx.Append(actor, "dns.plan_failed", order.Plan.ToString(), new { domain = order.Domain, code = problem.Code }, now, ct);
        }

        await tx.Commit(ct);
    }

    /// <summary>The program died at every attempt: the plan must not stand in the way of others.</summary>
    public static async Task Bury(Order order, JobRun run, CancellationToken ct)
    {
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        await tx.Execute(Fail, ct, run.Tenant, order.Domain, order.Plan, "The program was stopped again and again while it wrote. Try again: what was written is found and not written twice.");
        await tx.Commit(ct);
    }

    /// <summary>Null when every change stands at the host.</summary>
    static async Task<Problem?> Write(Actor actor, DnsPlan plan, JobRun run, DnsReach reach, TimeProvider clock, CancellationToken ct)
    {
        var desk = await DnsDesk.At(actor, plan.DomainId, run.Db, reach, clock, ct);
        if (desk.Problem is { } refused) return refused;
        using var host = desk.Value.Host;
        var view = await desk.Value.Read(plan, ct);
        if (view.Problem is { } silent) return silent;
        if (ApplyDnsPlan.Moved(plan, view.Value) is { } moved) return new Problem(ProblemKind.Conflict, "dns.zone_changed", ApplyDnsPlan.Changed(moved));
        var pending = plan.Changes.Where(item => !ApplyDnsPlan.IsDone(item, view.Value)).ToList();
        await run.Progress(plan.Changes.Count() - pending.Count, plan.Changes.Count(), "changes", ct);
        if (plan.Origin != "undo" && desk.Value.Setup.ProvedAt is null)
        {
            if (await Prove(plan, pending, desk.Value, run, reach, clock, ct) is { } unproved) return unproved;
            pending.RemoveAll(item => item.Purpose == "ownership");
        }

        return pending.Count == 0 ? null : (await host.Write([.. pending.Select(item => item.Change)], ct)).Problem;
    }

    /// <summary>The challenge goes first and alone: until the servers the world asks show it, nothing else is published.</summary>
    static async Task<Problem?> Prove(DnsPlan plan, List<PlanItem> pending, DnsDesk desk, JobRun run, DnsReach reach, TimeProvider clock, CancellationToken ct)
    {
        if (plan.Items.FirstOrDefault(item => item.Purpose == "ownership") is not { Action: not "blocked" } ownership)
            return new Problem(ProblemKind.Conflict, "dns.not_proved", "The record that proves the domain cannot be published. See what blocks it, and plan again.");
        if (pending.Contains(ownership) && (await desk.Host.Write([ownership.Change], ct)).Problem is { } refused) return refused;
        var look = await PlanSight.Proof(desk.Zone, ownership, reach, clock, ct);
        if (!look.IsWhole)
            return new Problem(ProblemKind.Unavailable, "dns.not_proved",
                $"The record that proves the domain was written, but the world does not see it, so nothing else was published. {look.Problem} If this zone is served elsewhere, connect that host; if its name servers were just set, this goes on by itself.");
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        await tx.Execute(Proved, ct, run.Tenant, plan.DomainId, clock.GetUtcNow());
        await tx.Commit(ct);
        return null;
    }
}
