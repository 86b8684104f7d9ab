using PenguinMails.Core;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Servers;
using PenguinMails.Fleet.Walks;

namespace PenguinMails.Fleet.ServerMigrations.Steps;

/// <summary>All mail of the mailboxes lies on the new server. Compared again until nobody can bring any to the old one any more, and its queue is empty.</summary>
static class MailStep
{
    static readonly TimeSpan LookMin = TimeSpan.FromSeconds(2), LookMax = TimeSpan.FromSeconds(60), UnreachableMax = TimeSpan.FromMinutes(3), QueueMax = TimeSpan.FromMinutes(30), TtlMax = TimeSpan.FromHours(24);

    public static async Task<StepOutcome> Run(MigrationDesk desk, CancellationToken ct)
    {
        if (desk.Migration.IsMailLeft) return StepOutcome.Done($"{Carried(desk.Migration)} The rest was left behind with {desk.Migration.FromHostName}.");
        // What arrives while we compare is found the next time, so the comparison that counts begins after the last who may still go there.
        var (begun, until) = (desk.Now, await CachedUntil(desk, ct));
        foreach (var mailbox in desk.Migration.Mailboxes)
        {
            var carried = await CarryMailbox.Run(desk, mailbox, ct);
            if (carried.Problem is { } refused) return Refused(desk, refused);
        }

        if (begun < until)
            return StepOutcome.Waiting($"All mail is carried over so far. Until {until:HH:mm:ss} UTC others may remember the old server from DNS and deliver there; what they bring is carried too.", TimeSpan.FromTicks(Math.Clamp((until - desk.Now).Ticks / 2, LookMin.Ticks, LookMax.Ticks)));
        if (await Queue(desk, until, ct) is { } waits) return waits;
        return StepOutcome.Done(Carried(await Now(desk, ct)));
    }

    /// <summary>Until when a resolver may answer with the old server as the domains' mail host.</summary>
    static async Task<DateTimeOffset> CachedUntil(MigrationDesk desk, CancellationToken ct)
    {
        var ttl = 0;
        foreach (var domain in await desk.Domains(ct))
            if (domain is { Step: "exchange", Plan: { } plan } && await ApplyDnsPlan.Find(desk.Actor, domain.Id, plan, desk.Db, ct) is { } written)
                ttl = written.Items.Where(item => item is { Purpose: "mx", IsChange: true }).Select(item => item.TtlSecondsBefore ?? 0).Append(ttl).Max();
        var age = TimeSpan.FromSeconds(ttl);
        return (desk.Migration.DoneAt("exchange") ?? desk.Now) + (age < TtlMax ? age : TtlMax);
    }

    static StepOutcome Refused(MigrationDesk desk, Problem refused)
    {
        if (refused.Code == CarryMailbox.NewUnreachable || TimeSpan.FromMilliseconds(desk.Step.PlatformMs) < UnreachableMax) return StepOutcome.Of(refused);
        return StepOutcome.Stopped("server_migration.old_unreachable", $"{refused.Detail} Go on once {desk.Migration.FromHostName} answers again, or leave the rest of its mail behind.");
    }

    // Mail that people handed to the old server before the switch.
    static async Task<StepOutcome?> Queue(MigrationDesk desk, DateTimeOffset until, CancellationToken ct)
    {
        if (desk.Now > until + QueueMax) return null;
        var queue = await CompareStack.Queue(desk.Actor, desk.Migration.FromServerId, desk.Db, desk.Tools.Servers, desk.Clock, ct);
        if (queue.Problem is { Code: "stack.unsupported" }) return null; // Nobody can say; it had the time until here.
        if (queue.Problem is { } refused) return Refused(desk, refused);
        return queue.Value.Count == 0 ? null
            : StepOutcome.Waiting($"{queue.Value.Count:N0} {(queue.Value.Count == 1 ? "message waits" : "messages wait")} in the queue of {desk.Migration.FromHostName}; it gets {QueueMax.TotalMinutes:0} minutes to deliver them.", LookMin * 2);
    }

    static async Task<ServerMigration> Now(MigrationDesk desk, CancellationToken ct)
    {
        await using var tx = await desk.Db.Begin(desk.Actor.Tenant, ct);
        return await ServerMigration.Find(tx, desk.Workspace, desk.Migration.Id, ct) ?? desk.Migration;
    }

    static string Carried(ServerMigration migration)
    {
        var (messages, mailboxes) = (migration.Mailboxes.Sum(mailbox => mailbox.Messages), migration.Mailboxes.Count);
        return $"{messages:N0} {(messages == 1 ? "message" : "messages")} of {mailboxes:N0} {(mailboxes == 1 ? "mailbox" : "mailboxes")} {(messages == 1 ? "was" : "were")} carried over.";
    }
}
