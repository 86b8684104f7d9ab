using PenguinMails.Fleet.Walks;

namespace PenguinMails.Fleet.ServerMigrations.Steps;

/// <summary>The old server is told to forget domains, mailboxes and keys. One that cannot be told is left as it is: what lies there is void by then.</summary>
static class LeaveStep
{
    const string Save = "update fleet.server_migration set left_at = $3 where tenant_id = $1 and id = $2 and left_at is null";

    public static async Task<StepOutcome> Run(MigrationDesk desk, CancellationToken ct)
    {
        await desk.Save(Save, ct, desk.Actor.Tenant, desk.Migration.Id, desk.Now);
        var stack = await StackStep.Run(desk.Old, $"{desk.Migration.FromHostName} forgot its domains, mailboxes and keys. Give it up on its page when nothing else needs it.", ct);
        return stack.State == "stopped" ? StepOutcome.Done($"{desk.Migration.FromHostName} could not be told: {stack.Note} Its signing keys are revoked all the same. Give it up on its page.") : stack;
    }
}
