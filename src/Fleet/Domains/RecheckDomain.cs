using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Health;
using PenguinMails.Fleet.WebNames;

namespace PenguinMails.Fleet.Domains;

/// <summary>The chain of jobs that checks a domain again and again: each run orders the next one, until the domain is removed.</summary>
static class RecheckDomain
{
    public const string Kind = "fleet.check_domain";

    static readonly TimeSpan First = TimeSpan.FromMinutes(5);
    static readonly TimeSpan WhenUnknown = TimeSpan.FromMinutes(5);
    static readonly TimeSpan WhenNotVerified = TimeSpan.FromMinutes(15);
    static readonly TimeSpan WhenNotServed = TimeSpan.FromHours(1); // Its tracking host is in DNS and does not lead here yet.
    static readonly TimeSpan WhenVerified = TimeSpan.FromHours(6);

    /// <param name="Round">1, 2, 3 and so on: keeps a run that is tried again from starting a second chain.</param>
    public sealed record Order(WorkspaceId Workspace, DomainId Domain, long Round);

    /// <summary>Starts the chain in the transaction that adds the domain.</summary>
    public static Task Begin(TenantTx tx, WorkspaceId workspace, DomainId domain, DateTimeOffset now, CancellationToken ct) =>
        Enqueue(tx, new Order(workspace, domain, 1), First, now, ct);

    public static async Task Run(Order order, JobRun run, CancellationToken ct)
    {
        var clock = run.Need<TimeProvider>();
        var result = await CheckDomain.Handle(Actor.System(run.Tenant, order.Workspace), order.Domain, run.Db, run.Need<DnsSettings>(), clock, ct);
        if (!result.IsOk) return; // Removed.
        if (result.Value.Domain.State == DomainState.Drifted) await OfferRepair.Run(Actor.System(run.Tenant, order.Workspace), order.Domain, run.Db, run.Need<DnsReach>(), clock, ct);
        var isTrackingServed = await ProveTracking.Run(run, order.Domain, ct);
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        await RecheckHealth.Begin(tx, order.Workspace, order.Domain, clock.GetUtcNow(), ct);
        await Enqueue(tx, order with { Round = order.Round + 1 }, After(result.Value, isTrackingServed), clock.GetUtcNow(), ct);
        await tx.Commit(ct);
    }

    internal static TimeSpan After(DomainDetail checkedDomain, bool isTrackingServed) =>
        checkedDomain.Records.Any(record => record is { IsRequired: true, State: "unknown" }) ? WhenUnknown
        : checkedDomain.Domain.State != DomainState.Verified ? WhenNotVerified
        : !isTrackingServed && checkedDomain.Records.Any(record => record is { Kind: "tracking", State: "ok" }) ? WhenNotServed
        : WhenVerified;

    static Task Enqueue(TenantTx tx, Order order, TimeSpan delay, DateTimeOffset now, CancellationToken ct) =>
        tx.Enqueue(new JobOrder<Order>(Kind, order) { DueAt = now + delay, UniqueKey = $"{order.Domain.Value:N}/{order.Round}", AttemptsMax = 50, Priority = 8 }, now, ct);
}
