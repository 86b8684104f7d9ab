using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Walks;

namespace PenguinMails.Fleet.ServerMigrations;

/// <summary>The job that takes a migration from step to step. Killed anywhere it looks at the world and goes on; each step bears being taken twice.</summary>
static class AdvanceServerMigration
{
    public const string Kind = "fleet.advance_server_migration";

    public sealed record Order(WorkspaceId Workspace, ServerMigrationId Migration);

    public static async Task Enqueue(TenantTx tx, WorkspaceId workspace, ServerMigrationId id, DateTimeOffset now, CancellationToken ct)
    {
        var key = id.Value.ToString("N");
        await tx.Enqueue(new JobOrder<Order>(Kind, new(workspace, id)) { UniqueKey = key, Priority = 3, AttemptsMax = 20 }, now, ct);
        await tx.Wake(Kind, key, now, ct);
    }

    public static async Task Run(Order order, JobRun run, CancellationToken ct)
    {
        if (await Advance(order, run.Tenant, run.Need<WalkTools>(), (done, what) => run.Progress(done, ServerMigration.StepNames.Count, what, ct), ct) is { } after) run.Again(after);
    }

    internal static Task<TimeSpan?> Advance(Order order, TenantId tenant, WalkTools tools, Func<int, string, Task> seen, CancellationToken ct) => Walk.Go(() => Find(order, tenant, tools, ct), tools, tenant, seen, ct);

    public static async Task Bury(Order order, JobRun run, CancellationToken ct) => await Walk.Bury(await Find(order, run.Tenant, run.Need<WalkTools>(), ct), run.Need<WalkTools>(), run.Tenant, ct);

    static async Task<IWalk?> Find(Order order, TenantId tenant, WalkTools tools, CancellationToken ct)
    {
        await using var tx = await tools.Db.Begin(tenant, ct);
        return await ServerMigration.Find(tx, order.Workspace, order.Migration, ct) is { } found ? new ServerMigrationWalk(Actor.System(tenant, order.Workspace), found, tools) : null;
    }
}
