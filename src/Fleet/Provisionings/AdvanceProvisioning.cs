using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Walks;

namespace PenguinMails.Fleet.Provisionings;

/// <summary>A domain sends from a server of ours, proved by a message that arrived.</summary>
/// <param name="PlatformMs">Milliseconds it took without the time people outside were waited for.</param>
public sealed record DomainProvisioned(WorkspaceId Workspace, ProvisioningId Provisioning, string Domain, long PlatformMs);

/// <summary>The job that takes a provisioning from step to step: one for each, which comes again while something is waited for. Killed anywhere it looks at the world and goes on; each step bears being taken twice.</summary>
static class AdvanceProvisioning
{
    public const string Kind = "fleet.advance_provisioning";

    public sealed record Order(WorkspaceId Workspace, ProvisioningId Provisioning);

    public static async Task Enqueue(TenantTx tx, WorkspaceId workspace, ProvisioningId id, DateTimeOffset now, CancellationToken ct)
    {
        await tx.Enqueue(new JobOrder<Order>(Kind, new(workspace, id)) { UniqueKey = Key(id), Priority = 3, AttemptsMax = 20 }, now, ct);
        await tx.Wake(Kind, Key(id), now, ct);
    }

    static string Key(ProvisioningId id) => id.Value.ToString("N");

    public static async Task Run(Order order, JobRun run, CancellationToken ct)
    {
        if (await Advance(order, run.Tenant, run.Need<WalkTools>(), (done, what) => run.Progress(done, Provisioning.StepNames.Count, what, ct), ct) is { } after) run.Again(after);
    }

    internal static Task<TimeSpan?> Advance(Order order, TenantId tenant, WalkTools tools, Func<int, string, Task> seen, CancellationToken ct) => Walk.Go(() => Find(order, tenant, tools, ct), tools, tenant, seen, ct);

    public static async Task Bury(Order order, JobRun run, CancellationToken ct) => await Walk.Bury(await Find(order, run.Tenant, run.Need<WalkTools>(), ct), run.Need<WalkTools>(), run.Tenant, ct);

    static async Task<IWalk?> Find(Order order, TenantId tenant, WalkTools tools, CancellationToken ct)
    {
        await using var tx = await tools.Db.Begin(tenant, ct);
        return await Provisioning.Find(tx, order.Workspace, order.Provisioning, ct) is { } found ? new ProvisioningWalk(Actor.System(tenant, order.Workspace), found, tools) : null;
    }
}
