using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.TestMails;

namespace PenguinMails.Fleet.Walks;

/// <summary>A message from a mailbox arrived here, and SPF, DKIM and DMARC pass.</summary>
/// <param name="Since">Tries before that do not count.</param>
/// <param name="Sent">The one that is waited for; null before.</param>
/// <param name="Keep">Remembers the one that is waited for now.</param>
sealed record MailProof(WalkDesk Desk, MailboxId Mailbox, DateTimeOffset Since, TestMailId? Sent, Func<TestMailId?, CancellationToken, Task> Keep)
{
    const int TriesMax = 6;
    static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Again = TimeSpan.FromSeconds(30); // Receivers remember what DNS said for a while, and so does our resolver.
    static readonly TimeSpan ArrivalMax = TimeSpan.FromMinutes(5);

    const string CountTries = "select count(*) from fleet.test_mail where tenant_id = $1 and mailbox_id = $2 and sent_at >= $3";

    public async Task<StepOutcome> Run(CancellationToken ct)
    {
        if (Sent is not { } sent) return await Send(ct);
        var read = await ReadTestMail.Handle(Desk.Actor, Mailbox, sent, Desk.Db, ct);
        return read.Problem is not null ? await Send(ct) : await Judge(read.Value, ct);
    }

    async Task<StepOutcome> Send(CancellationToken ct)
    {
        await Desk.Seen("Sending a message to ourselves");
        var sent = await SendTestMail.Handle(Desk.Actor, Mailbox, Desk.Db, Desk.Tools.Secrets, Desk.Tools.Box, Desk.Tools.Outbound, Desk.Tools.Hosts, Desk.Clock, ct);
        if (sent.Problem is { } refused) return StepOutcome.Of(refused);
        await Keep(sent.Value.Id, ct);
        return StepOutcome.Waiting("The message is on its way", Look);
    }

    async Task<StepOutcome> Judge(TestMail mail, CancellationToken ct)
    {
        if (mail is { State: "arrived", Arrival: { IsAuthenticated: true } seen })
            return StepOutcome.Done($"It arrived from {seen.Client}{(seen.IsTls ? " over TLS" : "")}; SPF, DKIM and DMARC pass.");
        if (mail.State is "sent" or "sending" && Desk.Now - mail.SentAt < ArrivalMax) return StepOutcome.Waiting("The message is on its way", Look);
        var problem = mail.Problem.Length > 0 ? mail.Problem
            : $"The server took the message {ArrivalMax.TotalMinutes:0} minutes ago and it is not here. Look at the server's queue: this installation's mail host must be reachable from there on port 25.";
        if (await Tries(ct) >= TriesMax) return StepOutcome.Stopped("test_mail.failed", problem);
        if (Desk.Now - mail.SentAt < Again) return StepOutcome.Waiting($"{problem} It is tried again in a moment.", Again - (Desk.Now - mail.SentAt));
        await Keep(null, ct);
        return StepOutcome.Waiting(problem, Look);
    }

    async Task<long> Tries(CancellationToken ct)
    {
        await using var tx = await Desk.Db.Begin(Desk.Actor.Tenant, ct);
        return await tx.One(CountTries, row => row.GetInt64(0), ct, Desk.Actor.Tenant, Mailbox, Since);
    }
}
