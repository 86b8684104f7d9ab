using Microsoft.Extensions.Logging;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Delivery.Links;
using PenguinMails.Delivery.Messages;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Servers;

namespace PenguinMails.Delivery.Evidence;

/// <summary>The job that asks servers what became of messages in doubt: the delivery log of a node of ours, the Sent folder of the mailbox. What they do not settle is for a person.</summary>
/// <remarks>Looks 2 min, 25 min, 1 h, 6 h and 24 h after the doubt came up, then no more: a report or a reply that comes later still settles it.</remarks>
static class SeekEvidence
{
    public const string Kind = "delivery.seek_evidence";
    public const int EverySeconds = 60;
    const int RunMax = 50;

    // Between two looks, from the first on.
    static readonly TimeSpan[] Pauses = [TimeSpan.FromMinutes(23), TimeSpan.FromMinutes(35), TimeSpan.FromHours(5), TimeSpan.FromHours(18)];

    /// <summary>How far the log is read around the attempt: clocks differ, and Postfix waits 5 min for a client that is gone (smtpd_timeout).</summary>
    internal static readonly TimeSpan Before = TimeSpan.FromMinutes(10), After = TimeSpan.FromMinutes(20);

    // Reads index doubt_due.
    const string SelectDue = """
        select tenant_id, message_id, looks
        from delivery.doubt
        where due_at <= $1
        order by due_at
        limit $2
        """;

    const string SelectMessage = "select mailbox_id, campaign_id, attempted_at, state_at from delivery.message where tenant_id = $1 and id = $2 and state = 'in_doubt'";

    const string Forget = "delete from delivery.doubt where tenant_id = $1 and message_id = $2 and looks = $3";

    const string Again = "update delivery.doubt set looks = looks + 1, due_at = $4 where tenant_id = $1 and message_id = $2 and looks = $3";

    sealed record Due(TenantId Tenant, MessageId Message, short Looks);

    internal sealed record Doubt(MailboxId Mailbox, Guid Campaign, DateTimeOffset AttemptedAt, DateTimeOffset StateAt);

    public static async Task Run(JobRun run, CancellationToken ct)
    {
        List<Due> due;
        await using (var tx = await run.Db.BeginUnscoped(ct))
            due = await tx.List(SelectDue, row => new Due(new(row.GetGuid(0)), new(row.GetGuid(1)), row.GetInt16(2)), ct, run.Need<TimeProvider>().GetUtcNow(), RunMax);
        foreach (var one in due) await Look(one, run, ct);
    }

    static async Task Look(Due due, JobRun run, CancellationToken ct)
    {
        var clock = run.Need<TimeProvider>();
        Doubt? doubt;
        await using (var tx = await run.Db.Begin(due.Tenant, ct)) doubt = await tx.Maybe(SelectMessage, Read, ct, due.Tenant, due.Message);
        var findings = doubt is null ? [] : await Ask(due.Tenant, due.Message, doubt, run.Db, run.Need<Tokens>(), run.Need<MailboxSecrets>(), run.Need<Outbound>(), run.Need<ServerReach>(), clock, ct);
        var now = clock.GetUtcNow();
        await using var done = await run.Db.Begin(due.Tenant, ct);
        var settled = doubt is null ? "" : await SettleDoubt.Within(done, due.Message, doubt, findings, now, ct);
        if (settled is not null || due.Looks >= Pauses.Length) await done.Execute(Forget, ct, due.Tenant, due.Message, due.Looks);
        else await done.Execute(Again, ct, due.Tenant, due.Message, due.Looks, now + Pauses[due.Looks]);
        await done.Commit(ct);
        if (settled is { Length: > 0 }) run.Need<ILogger<Doubt>>().DoubtSettled(due.Message.Value, settled);
    }

    internal static async Task<List<Finding>> Ask(
        TenantId tenant, MessageId message, Doubt doubt, TenantDb db, Tokens tokens, MailboxSecrets secrets, Outbound outbound, ServerReach reach, TimeProvider clock, CancellationToken ct)
    {
        var token = tokens.For(message, TokenPurpose.Thread);
        var (from, until) = (doubt.AttemptedAt - Before, doubt.StateAt + After);
        var findings = new List<Finding>();
        var log = await ReadDeliveryLog.Handle(tenant, doubt.Mailbox, from, until, db, reach, clock, ct);
        if (log.IsOk) findings.Add(PostfixLog.Read(log.Value, token, isOver: clock.GetUtcNow() > until));
        else if (log.Problem is { } closed && closed.Code != ReadDeliveryLog.NoneCode) findings.Add(new(EvidenceBook.DeliveryLog, FindingVerdict.NotReadable, $"The delivery log could not be read: {closed.Code}."));
        // A node of ours keeps no copies, and its log is the better witness.
        else if (await SentFolder.Ask(tenant, doubt.Mailbox, token, db, secrets, outbound, clock, ct) is { } copy) findings.Add(copy);
        if (findings.Count == 0) findings.Add(new(EvidenceBook.Nobody, FindingVerdict.Nothing, "Its server is not one of ours and the mailbox has no IMAP side: there is nobody to ask."));
        return findings;
    }

    static Doubt Read(NpgsqlDataReader row)
    {
        var stateAt = row.GetFieldValue<DateTimeOffset>(3);
        return new(new(row.GetGuid(0)), row.GetGuid(1), row.Maybe<DateTimeOffset>(2) ?? stateAt, stateAt);
    }
}
