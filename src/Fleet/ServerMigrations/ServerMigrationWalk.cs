using PenguinMails.Core;
using PenguinMails.Fleet.ServerMigrations.Steps;
using PenguinMails.Fleet.Walks;

namespace PenguinMails.Fleet.ServerMigrations;

/// <summary>From one server to another.</summary>
sealed record ServerMigrationWalk(Actor Actor, ServerMigration ServerMigration, WalkTools Tools) : IWalk
{
    const string End = "update fleet.server_migration set state = $3, ended_at = $4 where tenant_id = $1 and id = $2 and state in ('running', 'undoing')";

    const string Stop = "update fleet.server_migration set state = 'stopped' where tenant_id = $1 and id = $2 and state = 'running'";

    public Guid Id => ServerMigration.Id.Value;

    public string State => ServerMigration.State;

    public IReadOnlyList<WalkStep> Steps => ServerMigration.Steps;

    public Task<StepOutcome> Take(WalkStep step, Func<string, Task> tell, CancellationToken ct) => Take(new MigrationDesk(Actor, ServerMigration, step, Tools, tell), ct);

    public Task<StepOutcome> Undo(WalkStep step, Func<string, Task> tell, CancellationToken ct) => Undo(new MigrationDesk(Actor, ServerMigration, step, Tools, tell), ct);

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

    public async Task Finish(bool isUndoing, CancellationToken ct)
    {
        await using var tx = await Tools.Db.Begin(Actor.Tenant, ct);
        await tx.Execute(End, ct, Actor.Tenant, Id, isUndoing ? "cancelled" : "done", Tools.Clock.GetUtcNow());
        await tx.Append(Actor, isUndoing ? "server_migration.undone" : "server_migration.done", ServerMigration.Id.ToString(), new { platform_ms = ServerMigration.PlatformMs, customer_ms = ServerMigration.CustomerMs }, Tools.Clock.GetUtcNow(), ct);
        await tx.Commit(ct);
    }

    public async Task Halt(string step, StepOutcome outcome, CancellationToken ct)
    {
        await using var tx = await Tools.Db.Begin(Actor.Tenant, ct);
        await tx.Execute(Stop, ct, Actor.Tenant, Id);
        await tx.Append(Actor, "server_migration.stopped", ServerMigration.Id.ToString(), new { step, code = outcome.ProblemCode }, Tools.Clock.GetUtcNow(), ct);
        await tx.Commit(ct);
    }
}
