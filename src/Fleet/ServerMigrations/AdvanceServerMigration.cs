using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.ServerMigrations.Steps;
using PenguinMails.Fleet.Walks;

namespace PenguinMails.Fleet.ServerMigrations;

/// <summary>The job that takes a migration from step to step. Killed anywhere it looks at the world and goes on; each step bears being taken twice.</summary>
static class AdvanceServerMigration
{
    public const string Kind = "fleet.advance_server_migration";

    public sealed record Order(WorkspaceId Workspace, ServerMigrationId Migration);

    const string End = "update fleet.server_migration set state = $3, ended_at = $4 where tenant_id = $1 and id = $2 and state in ('running', 'undoing')";

    const string Stop = "update fleet.server_migration set state = 'stopped' where tenant_id = $1 and id = $2 and state = 'running'";

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

    /// <param name="seen">Steps done, and what is being done.</param>
    /// <returns>When to look again; null when it ended or waits for a person here.</returns>
    internal static async Task<TimeSpan?> Advance(Order order, TenantId tenant, WalkTools tools, Func<int, string, Task> seen, CancellationToken ct)
    {
        var actor = Actor.System(tenant, order.Workspace);
        while (await Find(order, tenant, tools, ct) is { State: "running" or "undoing" } migration)
        {
            var isUndoing = migration.State == "undoing";
            if ((isUndoing ? migration.Steps.LastOrDefault(step => step.State is not ("open" or "undone")) : migration.Current) is not { } next)
            {
                await Finish(migration, isUndoing, actor, tools, ct);
                return null;
            }

            var row = new StepRow(tools.Db, tenant, migration.Id.Value, next.Name, tools.Clock);
            var outcome = await row.Look(next, isUndoing, what => seen(migration.Steps.Count(one => one.State == "done"), what), (step, tell) =>
            {
                var desk = new MigrationDesk(actor, migration, step, tools, tell);
                return isUndoing ? Undo(desk, ct) : Take(desk, ct);
            }, ct);
            if (outcome.State == "stopped" && !isUndoing) await Halt(migration, next.Name, outcome, actor, tools, ct);
            if (outcome.State is "waiting" or "customer") return outcome.After;
        }

        return null;
    }

    static Task<StepOutcome> Take(MigrationDesk desk, CancellationToken ct) => desk.Step.Name switch
    {
        "server" => ServerStep.Run(desk, ct),
        "stack" => StackStep.Run(desk, $"{desk.Migration.ToHostName} carries the same domains and mailboxes as {desk.Migration.FromHostName}.", ct),
        "dns" => ZonesStep.Run(desk, "Both servers may send for every domain now.", ct),
        "ptr" => PtrStep.Run(desk, ct),
        "certificate" => CertificateStep.Run(desk, ct),
        "switch" => SwitchStep.Run(desk, ct),
        "exchange" => ZonesStep.Run(desk, $"New mail comes to {desk.Migration.ToHostName}.", ct),
        "test_mail" => TestMailsStep.Run(desk, ct),
        "keys" => KeysStep.Run(desk, ct),
        "mail" => MailStep.Run(desk, ct),
        "leave" => LeaveStep.Run(desk, ct),
        "clean" => CleanStep.Run(desk, ct),
        _ => throw new InvalidOperationException($"Unknown step {desk.Step.Name}."),
    };

    static Task<StepOutcome> Undo(MigrationDesk desk, CancellationToken ct) => desk.Step.Name switch
    {
        "dns" => ZonesStep.Undo(desk, ct),
        "stack" => StackStep.Run(desk, $"{desk.Migration.ToHostName} forgot what it had taken over.", ct),
        _ => Task.FromResult(StepOutcome.Done("Nothing to take back.")),
    };

    static async Task<ServerMigration?> Find(Order order, TenantId tenant, WalkTools tools, CancellationToken ct)
    {
        await using var tx = await tools.Db.Begin(tenant, ct);
        return await ServerMigration.Find(tx, order.Workspace, order.Migration, ct);
    }

    static async Task Finish(ServerMigration migration, bool isUndoing, Actor actor, WalkTools tools, CancellationToken ct)
    {
        var now = tools.Clock.GetUtcNow();
        await using var tx = await tools.Db.Begin(actor.Tenant, ct);
        await tx.Execute(End, ct, actor.Tenant, migration.Id, isUndoing ? "cancelled" : "done", now);
        await tx.Append(actor, isUndoing ? "server_migration.undone" : "server_migration.done", migration.Id.ToString(), new { platform_ms = migration.PlatformMs, customer_ms = migration.CustomerMs }, now, ct);
        await tx.Commit(ct);
    }

    static async Task Halt(ServerMigration migration, string step, StepOutcome outcome, Actor actor, WalkTools tools, CancellationToken ct)
    {
        await using var tx = await tools.Db.Begin(actor.Tenant, ct);
        await tx.Execute(Stop, ct, actor.Tenant, migration.Id);
        await tx.Append(actor, "server_migration.stopped", migration.Id.ToString(), new { step, code = outcome.ProblemCode }, tools.Clock.GetUtcNow(), ct);
        await tx.Commit(ct);
    }

    /// <summary>The program failed at every attempt: a person may go on.</summary>
    public static async Task Bury(Order order, JobRun run, CancellationToken ct)
    {
        var tools = run.Need<WalkTools>();
        if (await Find(order, run.Tenant, tools, ct) is not { State: "running" } migration || migration.Current is not { } current) return;
        await new StepRow(tools.Db, run.Tenant, migration.Id.Value, current.Name, tools.Clock).End(StepOutcome.Broken, current, isUndoing: false, ct);
        await Halt(migration, current.Name, StepOutcome.Broken, Actor.System(run.Tenant, order.Workspace), tools, ct);
    }
}
