using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Domains;

namespace PenguinMails.Fleet.Health;

/// <summary>The chain of jobs that looks at a domain's health once a day, and sooner while something must be done: each run orders the next one, until the domain is removed.</summary>
static class RecheckHealth
{
    public const string Kind = "fleet.check_health";

    static readonly TimeSpan First = TimeSpan.FromMinutes(10);
    static readonly TimeSpan WhenUrgent = TimeSpan.FromHours(6);
    static readonly TimeSpan Usual = TimeSpan.FromDays(1);

    const string Insert = """
        insert into fleet.domain_health (tenant_id, domain_id)
        select tenant_id, id
        from fleet.domain
        where tenant_id = $1 and id = $2
        on conflict on constraint domain_health_pkey do nothing
        """;

    /// <param name="Round">1, 2, 3 and so on: keeps a run that is tried again from starting a second chain.</param>
    public sealed record Order(WorkspaceId Workspace, DomainId Domain, long Round);

    /// <summary>Starts the chain where the domain has none yet, which its row tells. Domains that were there before the chain get theirs by their next check of records.</summary>
    public static async Task Begin(TenantTx tx, WorkspaceId workspace, DomainId domain, DateTimeOffset now, CancellationToken ct)
    {
        if (await tx.Execute(Insert, ct, tx.Tenant, domain) > 0) await Enqueue(tx, new Order(workspace, domain, 1), First, now, ct);
    }

    public static async Task Run(Order order, JobRun run, CancellationToken ct)
    {
        var clock = run.Need<TimeProvider>();
        var result = await CheckHealth.Handle(Actor.System(run.Tenant, order.Workspace), order.Domain, run.Db, run.Need<HealthReach>(), clock, ct);
        if (!result.IsOk) return; // Removed.
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        await Enqueue(tx, order with { Round = order.Round + 1 }, result.Value.Worst == HealthSeverity.Act ? WhenUrgent : Usual, clock.GetUtcNow(), ct);
        await tx.Commit(ct);
    }

    static Task Enqueue(TenantTx tx, Order order, TimeSpan delay, DateTimeOffset now, CancellationToken ct) =>
        tx.Enqueue(new JobOrder<Order>(Kind, order) { DueAt = now + delay, UniqueKey = $"{order.Domain.Value:N}/{order.Round}", AttemptsMax = 50, Priority = 8 }, now, ct);
}
