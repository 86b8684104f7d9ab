using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Walks;

namespace PenguinMails.Fleet.Provisionings.Steps;

/// <summary>A message from the first mailbox arrived here, and SPF, DKIM and DMARC pass.</summary>
static class TestMailStep
{
    const string FindFirst = "select id from fleet.mailbox where tenant_id = $1 and workspace_id = $2 and address = $3";

    public static async Task<StepOutcome> Run(StepDesk desk, CancellationToken ct)
    {
        var address = $"{desk.Provisioning.Mailboxes[0].Local.Trim().ToLowerInvariant()}@{desk.Provisioning.DomainName}";
        await using var tx = await desk.Db.Begin(desk.Actor.Tenant, ct);
        var mailbox = (await tx.List(FindFirst, row => new MailboxId(row.GetGuid(0)), ct, desk.Actor.Tenant, desk.Provisioning.WorkspaceId, address)).Cast<MailboxId?>().FirstOrDefault();
        await tx.Commit(ct);
        return mailbox is { } id
            ? await new MailProof(desk, id, desk.Provisioning.CreatedAt, desk.Provisioning.TestMailId, (mail, token) => desk.Keep(mail, token)).Run(ct)
            : StepOutcome.Of(ListMailboxes.NotFound);
    }
}
