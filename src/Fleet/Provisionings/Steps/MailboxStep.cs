using PenguinMails.Core;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Walks;

namespace PenguinMails.Fleet.Provisionings.Steps;

/// <summary>The mailboxes are on the server, and the program logs in to each.</summary>
static class MailboxStep
{
    static readonly TimeSpan Again = TimeSpan.FromSeconds(5);

    const string FindId = "select id from fleet.mailbox where tenant_id = $1 and workspace_id = $2 and address = $3";

    // Only what this very walk made: a mailbox that was there before stays.
    const string FindMade = "select id from fleet.mailbox where tenant_id = $1 and workspace_id = $2 and address = $3 and server_id = $4 and created_at >= $5";

    public static async Task<StepOutcome> Run(StepDesk desk, CancellationToken ct)
    {
        var made = new List<MailboxId>();
        foreach (var wanted in desk.Provisioning.Mailboxes)
        {
            await desk.Seen($"Making {wanted.Local}@{desk.Provisioning.DomainName}");
            if (await Find(desk, wanted, ct) is not { } id)
            {
                var created = await CreateMailbox.Handle(desk.Actor, desk.Domain, new(wanted.Local, wanted.DisplayName), desk.Db, desk.Tools.Secrets, "job " + AdvanceProvisioning.Kind, desk.Clock, ct);
                if (created.Problem is { } refused) return StepOutcome.Of(refused);
                id = created.Value.Id;
            }

            made.Add(id);
        }

        var stack = await StackStep.Run(desk, "", ct);
        return stack.State == "done" ? await LogIn(desk, made, ct) : stack;
    }

    static async Task<StepOutcome> LogIn(StepDesk desk, List<MailboxId> made, CancellationToken ct)
    {
        foreach (var id in made)
        {
            await desk.Seen("Logging in over SMTP and IMAP");
            var tested = await TestMailbox.Handle(desk.Actor, id, desk.Db, desk.Tools.Secrets, "job " + AdvanceProvisioning.Kind, desk.Tools.Outbound, desk.Tools.Hosts, desk.Clock, ct);
            if (tested.Problem is { } refused) return StepOutcome.Of(refused);
            if (tested.Value.Ok) continue;
            var failed = tested.Value.Smtp.Steps.Concat(tested.Value.Imap?.Steps ?? []).FirstOrDefault(step => step.State == TestState.Failed);
            return StepOutcome.Waiting(failed?.Detail ?? "The mailbox does not let us in yet.", Again);
        }

        return StepOutcome.Done(made.Count == 1 ? "The mailbox is there; SMTP and IMAP let us in." : $"{made.Count} mailboxes are there; SMTP and IMAP let us in.");
    }

    static async Task<MailboxId?> Find(StepDesk desk, WantedMailbox wanted, CancellationToken ct)
    {
        await using var tx = await desk.Db.Begin(desk.Actor.Tenant, ct);
        return (await tx.List(FindId, row => new MailboxId(row.GetGuid(0)), ct, desk.Actor.Tenant, desk.Provisioning.WorkspaceId, Address(desk, wanted))).Cast<MailboxId?>().FirstOrDefault();
    }

    public static async Task<StepOutcome> Undo(StepDesk desk, CancellationToken ct)
    {
        foreach (var wanted in desk.Provisioning.Mailboxes)
        {
            List<MailboxId> made;
            await using (var tx = await desk.Db.Begin(desk.Actor.Tenant, ct))
                made = await tx.List(FindMade, row => new MailboxId(row.GetGuid(0)), ct, desk.Actor.Tenant, desk.Provisioning.WorkspaceId, Address(desk, wanted), desk.Provisioning.ServerId, desk.Provisioning.CreatedAt);
            foreach (var id in made)
            {
                await PauseMailbox.Handle(desk.Actor, id, desk.Db, desk.Clock, ct);
                var removed = await RemoveMailbox.Handle(desk.Actor, id, desk.Db, desk.Tools.Secrets, "job " + AdvanceProvisioning.Kind, desk.Clock, ct);
                if (removed.Problem is { Kind: not ProblemKind.NotFound } refused) return StepOutcome.Of(refused);
            }
        }

        return StepOutcome.Done("The mailboxes that were made are gone.");
    }

    static string Address(StepDesk desk, WantedMailbox wanted) => $"{wanted.Local.Trim().ToLowerInvariant()}@{desk.Provisioning.DomainName}";
}
