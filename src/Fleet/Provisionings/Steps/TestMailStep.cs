using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.TestMails;

namespace PenguinMails.Fleet.Provisionings.Steps;

/// <summary>A message from the first mailbox arrived here, and SPF, DKIM and DMARC pass.</summary>
static class TestMailStep
{
    const int TriesMax = 6;
    static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Again = TimeSpan.FromSeconds(30); // Receivers remember what DNS said for a while, and so does our resolver.
    static readonly TimeSpan ArrivalMax = TimeSpan.FromMinutes(5);

    const string FindFirst = "select id from fleet.mailbox where tenant_id = $1 and workspace_id = $2 and address = $3";

    const string CountTries = "select count(*) from fleet.test_mail where tenant_id = $1 and mailbox_id = $2 and sent_at >= $3";

    public static async Task<StepOutcome> Run(StepDesk desk, CancellationToken ct)
    {
        var address = $"{desk.Provisioning.Mailboxes[0].Local.Trim().ToLowerInvariant()}@{desk.Provisioning.DomainName}";
        await using var tx = await desk.Db.Begin(desk.Actor.Tenant, ct);
        var mailbox = (await tx.List(FindFirst, row => new MailboxId(row.GetGuid(0)), ct, desk.Actor.Tenant, desk.Provisioning.WorkspaceId, address)).Cast<MailboxId?>().FirstOrDefault();
        if (mailbox is not { } id) return StepOutcome.Of(ListMailboxes.NotFound);
        var tries = await tx.One(CountTries, row => row.GetInt64(0), ct, desk.Actor.Tenant, id, desk.Provisioning.CreatedAt);
        await tx.Commit(ct);
        if (desk.Provisioning.TestMailId is not { } sent) return await Send(desk, id, ct);
        var read = await ReadTestMail.Handle(desk.Actor, id, sent, desk.Db, ct);
        return read.Problem is not null ? await Send(desk, id, ct) : await Judge(desk, read.Value, tries, ct);
    }

    static async Task<StepOutcome> Send(StepDesk desk, MailboxId id, CancellationToken ct)
    {
        await desk.Seen("Sending a message to ourselves");
        var sent = await SendTestMail.Handle(desk.Actor, id, desk.Db, desk.Tools.Secrets, desk.Tools.Box, desk.Tools.Outbound, desk.Tools.Hosts, desk.Clock, ct);
        if (sent.Problem is { } refused) return StepOutcome.Of(refused);
        await desk.Keep(sent.Value.Id, ct);
        return StepOutcome.Waiting("The message is on its way", Look);
    }

    static async Task<StepOutcome> Judge(StepDesk desk, TestMail mail, long tries, CancellationToken ct)
    {
        if (mail is { State: "arrived", Arrival: { IsAuthenticated: true } seen })
            return StepOutcome.Done($"It arrived from {seen.Client}{(seen.IsTls ? " over TLS" : "")}; SPF, DKIM and DMARC pass.");
        if (mail.State is "sent" or "sending" && desk.Now - mail.SentAt < ArrivalMax) return StepOutcome.Waiting("The message is on its way", Look);
        var problem = mail.Problem.Length > 0 ? mail.Problem
            : $"The server took the message {ArrivalMax.TotalMinutes:0} minutes ago and it is not here. Look at the server's queue: this installation's mail host must be reachable from there on port 25.";
        if (tries >= TriesMax) return StepOutcome.Stopped("test_mail.failed", problem);
        if (desk.Now - mail.SentAt < Again) return StepOutcome.Waiting($"{problem} It is tried again in a moment.", Again - (desk.Now - mail.SentAt));
        await desk.Keep((TestMailId?)null, ct);
        return StepOutcome.Waiting(problem, Look);
    }
}
