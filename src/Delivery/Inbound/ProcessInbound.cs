using Npgsql;
using PenguinMails.Compliance.Suppressions;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Delivery.Links;
using PenguinMails.Delivery.Messages;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Replies;
using PenguinMails.Mail.Reports;
using MessageId = PenguinMails.Delivery.Messages.MessageId;

namespace PenguinMails.Delivery.Inbound;

/// <summary>The job that reads a stored message and lets the ledger row it belongs to know: bounce, complaint, reply, auto-reply, unsubscribe.</summary>
/// <remarks>Idempotent: a second run finds the row processed.</remarks>
static class ProcessInbound
{
    public const string Kind = "delivery.process_inbound";
    const int ExcerptLengthMax = 2000;

    /// <param name="IsUnsubscribe">The message came to the address of List-Unsubscribe: sending it is the wish.</param>
    public sealed record Order(Guid Inbound, bool IsUnsubscribe);

    sealed record Stored(byte[] Raw, Guid? Message, string Sender);

    sealed record Row(MessageId Id, string Address, Guid Campaign, Guid Mailbox, string State);

    const string SelectInbound = "select raw, message_id, sender from delivery.inbound where tenant_id = $1 and id = $2 and processed_at is null for update";

    const string SelectMessage = "select id, address, campaign_id, mailbox_id, state from delivery.message where tenant_id = $1 and id = $2";

    // Reads index message_address.
    const string SelectLastTo = """
        select id, address, campaign_id, mailbox_id, state
        from delivery.message
        where tenant_id = $1 and address = $2 and sent_at is not null
        order by sent_at desc
        limit 1
        """;

    const string Bounce = """
        update delivery.message
        set state = 'bounced', reason = 'reported', state_at = $3, sent_at = coalesce(sent_at, attempted_at), smtp_status = $4, smtp_text = $5, bounce_class = $6, bounce_category = $7
        where tenant_id = $1 and id = $2 and state in ('sent', 'in_doubt', 'sending')
        """;

    const string Settle = """
        update delivery.message
        set state = 'sent', reason = '', sent_at = coalesce(sent_at, attempted_at), state_at = $3
        where tenant_id = $1 and id = $2 and state = 'in_doubt'
        """;

    const string MarkReplied = "update delivery.message set replied_at = $3 where tenant_id = $1 and id = $2 and replied_at is null";

    const string MarkAutoReplied = "update delivery.message set auto_replied_at = $3 where tenant_id = $1 and id = $2 and auto_replied_at is null";

    const string MarkComplained = "update delivery.message set complained_at = $3 where tenant_id = $1 and id = $2 and complained_at is null";

    const string Finish = """
        update delivery.inbound
        set kind = $3, message_id = $4, subject = $5, excerpt = $6, processed_at = $7
        where tenant_id = $1 and id = $2
        """;

    public static async Task Run(Order order, JobRun run, CancellationToken ct)
    {
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        if (await tx.Maybe(SelectInbound, ReadStored, ct, run.Tenant, order.Inbound) is not { } stored) return;
        var now = run.Need<TimeProvider>().GetUtcNow();
        var part = MimeReader.Read(stored.Raw, new MimeLimits());
        var (kind, message, excerpt) = await Judge(order, tx, stored, part, run.Db, now, ct);
        await tx.Execute(Finish, ct, run.Tenant, order.Inbound, kind, message, Cut(part.Header("Subject") ?? "", 500), Cut(excerpt, ExcerptLengthMax), now);
        await tx.Commit(ct);
    }

    static async Task<(string Kind, MessageId? Message, string Excerpt)> Judge(
        Order order, TenantTx tx, Stored stored, MimePart part, TenantDb db, DateTimeOffset now, CancellationToken ct)
    {
        if (order.IsUnsubscribe && await Find(tx, stored.Message, ct) is { } leaving) return await Leave(tx, leaving, "mailto", "", now, ct);
        if (DeliveryReport.Read(part) is { } report) return await Report(tx, stored, report, db, now, ct);
        if (FeedbackReport.Read(part) is { } feedback) return await Complain(tx, stored, feedback, db, now, ct);

        var reply = IncomingReply.Read(part);
        var row = await FindReplied(tx, stored, reply, db, ct);
        if (row is null) return ("unmatched", null, reply.Text);
        if (reply.Kind == ReplyKind.Human && Wishes.IsUnsubscribe(reply.Text, part.Header("Subject")))
        {
            await Mark(tx, MarkReplied, "replied", row, now, ct);
            return await Leave(tx, row, "reply", reply.Text, now, ct);
        }

        await Arrived(tx, row, now, ct);
        var isHuman = reply.Kind == ReplyKind.Human;
        await Mark(tx, isHuman ? MarkReplied : MarkAutoReplied, isHuman ? "replied" : "auto_replied", row, now, ct);
        return (isHuman ? "reply" : "auto_reply", row.Id, reply.Text);
    }

    static async Task<(string, MessageId?, string)> Leave(TenantTx tx, Row row, string source, string excerpt, DateTimeOffset now, CancellationToken ct)
    {
        await Unsubscribe.Within(tx, row.Id, row.Address, row.Campaign, row.Mailbox, source, now, ct);
        return ("unsubscribe", row.Id, excerpt);
    }

    static async Task<(string, MessageId?, string)> Report(TenantTx tx, Stored stored, DeliveryReport report, TenantDb db, DateTimeOffset now, CancellationToken ct)
    {
        var row = await Find(tx, stored.Message, ct) ?? await FindThread(tx, report.Returned?.Raw("Message-ID"), db, ct);
        var recipient = report.Recipients.FirstOrDefault(r => r.Action == ReportAction.Failed) ?? (report.Recipients.Count > 0 ? report.Recipients[0] : null);
        if (row is null || recipient is null) return ("unmatched", row?.Id, recipient?.Diagnostic ?? "");
        if (recipient.Action != ReportAction.Failed) return ("delay", row.Id, recipient.Diagnostic);

        var verdict = recipient.Classify();
        if (await tx.Execute(Bounce, ct, tx.Tenant, row.Id, now, recipient.Status, Cut(recipient.Diagnostic, 500), verdict.Class.Word(), verdict.Category.Word()) == 1)
            await WriteFact.Within(tx, "bounced", row.Id, row.Campaign, row.Mailbox, verdict.Category.Word(), now, ct);
        if (verdict is { Class: BounceClass.Hard, Blame: BounceBlame.List })
            await Suppress.Within(tx, null, SuppressionKind.Address, row.Address, SuppressionReason.Bounce, "dsn", row.Id.Value, recipient.Status, now, ct);
        return ("bounce", row.Id, recipient.Diagnostic);
    }

    static async Task<(string, MessageId?, string)> Complain(TenantTx tx, Stored stored, FeedbackReport feedback, TenantDb db, DateTimeOffset now, CancellationToken ct)
    {
        var row = await FindThread(tx, feedback.Returned?.Raw("Message-ID"), db, ct) ?? await Find(tx, stored.Message, ct);
        if (row is null || feedback.Type == "not-spam") return ("unmatched", row?.Id, feedback.Type);
        await Arrived(tx, row, now, ct);
        await Mark(tx, MarkComplained, "complained", row, now, ct);
        await Suppress.Within(tx, null, SuppressionKind.Address, row.Address, SuppressionReason.Complaint, "arf", row.Id.Value, feedback.Type, now, ct);
        return ("complaint", row.Id, feedback.Type);
    }

    // Somebody answers or complains: what was in doubt arrived.
    static async Task Arrived(TenantTx tx, Row row, DateTimeOffset now, CancellationToken ct)
    {
        if (await tx.Execute(Settle, ct, tx.Tenant, row.Id, now) == 1) await WriteFact.Within(tx, "sent", row.Id, row.Campaign, row.Mailbox, "answered", now, ct);
    }

    static async Task Mark(TenantTx tx, string sql, string fact, Row row, DateTimeOffset now, CancellationToken ct)
    {
        if (await tx.Execute(sql, ct, tx.Tenant, row.Id, now) == 1) await WriteFact.Within(tx, fact, row.Id, row.Campaign, row.Mailbox, "", now, ct);
    }

    static async Task<Row?> FindReplied(TenantTx tx, Stored stored, IncomingReply reply, TenantDb db, CancellationToken ct)
    {
        var threads = reply.References.Reverse().Prepend(reply.InReplyTo).Select(id => id?.Value);
        foreach (var thread in threads)
            if (await FindThread(tx, thread, db, ct) is { } row) return row;
        return await Find(tx, stored.Message, ct) ?? await tx.Maybe(SelectLastTo, ReadRow, ct, tx.Tenant, stored.Sender);
    }

    static async Task<Row?> FindThread(TenantTx tx, string? messageId, TenantDb db, CancellationToken ct) =>
        await Threads.Find(messageId, db, ct) is { } owner && owner.Tenant == tx.Tenant ? await Find(tx, owner.Message.Value, ct) : null;

    static async Task<Row?> Find(TenantTx tx, Guid? message, CancellationToken ct) =>
        message is { } id ? await tx.Maybe(SelectMessage, ReadRow, ct, tx.Tenant, id) : null;

    static Stored ReadStored(NpgsqlDataReader row) => new(row.GetFieldValue<byte[]>(0), row.Maybe<Guid>(1), row.GetString(2));

    static Row ReadRow(NpgsqlDataReader row) => new(new(row.GetGuid(0)), row.GetString(1), row.GetGuid(2), row.GetGuid(3), row.GetString(4));

    static string Cut(string text, int length)
    {
        var clean = text.Replace("\0", "", StringComparison.Ordinal);
        return clean.Length <= length ? clean : clean[..length];
    }
}

/// <summary>What people write when they want no more mail.</summary>
static class Wishes
{
    const int LengthMax = 60; // A longer text may be about unsubscribing without asking for it.

    static readonly string[] Words =
        ["unsubscribe", "stop", "remove", "remove me", "opt out", "take me off", "please remove me", "please unsubscribe me", "unsubscribe me", "abmelden", "austragen", "désabonner", "baja", "cancellami", "uitschrijven"];

    public static bool IsUnsubscribe(string text, string? subject)
    {
        var said = Plain(text);
        return said.Length == 0 ? Plain(subject ?? "") is "unsubscribe" : said.Length <= LengthMax && Words.Contains(said, StringComparer.Ordinal);
    }

    static string Plain(string text) => string.Join(' ', new string([.. text.ToLowerInvariant().Select(c => char.IsLetter(c) ? c : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
