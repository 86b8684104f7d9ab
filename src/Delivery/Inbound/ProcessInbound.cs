using Npgsql;
using PenguinMails.Compliance.Suppressions;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Delivery.Conversations;
using PenguinMails.Delivery.Links;
using PenguinMails.Delivery.Messages;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Replies;
using PenguinMails.Mail.Reports;

namespace PenguinMails.Delivery.Inbound;

/// <summary>The job that reads a stored message and lets the ledger row it belongs to know: bounce, complaint, reply, auto-reply, unsubscribe.</summary>
/// <remarks>The same for what came to the edge and what was fetched over IMAP. Idempotent: a second run finds the row processed.</remarks>
static class ProcessInbound
{
    public const string Kind = "delivery.process_inbound";
    const int ExcerptLengthMax = 2000;
    const string Unreadable = "Nothing in it can be read as an answer of a person, so it changed nothing.";

    /// <param name="IsUnsubscribe">The message came to the address of List-Unsubscribe: sending it is the wish.</param>
    public sealed record Order(Guid Inbound, bool IsUnsubscribe);

    /// <param name="Message">Whose token stood in the envelope, or what it was matched with when it was fetched.</param>
    sealed record Stored(byte[] Raw, Guid? Message, string Sender, Guid? Mailbox, string MatchedBy, DateTimeOffset ReceivedAt);

    /// <param name="Excerpt">For people.</param>
    sealed record Judged(string Kind, MatchInbound.Match? Match, string Excerpt);

    const string SelectInbound = "select raw, message_id, sender, mailbox_id, matched_by, received_at from delivery.inbound where tenant_id = $1 and id = $2 and processed_at is null for update";

    const string Settle = """
        update delivery.message
        set state = 'sent', reason = 'answered', sent_at = coalesce(sent_at, attempted_at), state_at = $3
        where tenant_id = $1 and id = $2 and state = 'in_doubt'
        """;

    const string MarkReplied = "update delivery.message set replied_at = $3 where tenant_id = $1 and id = $2 and replied_at is null";

    const string MarkAutoReplied = "update delivery.message set auto_replied_at = $3 where tenant_id = $1 and id = $2 and auto_replied_at is null";

    const string MarkComplained = "update delivery.message set complained_at = $3 where tenant_id = $1 and id = $2 and complained_at is null";

    // The latest notice counts, also when it names an earlier day.
    const string MarkAway = "update delivery.message set away_until = $3 where tenant_id = $1 and id = $2";

    const string Finish = """
        update delivery.inbound
        set kind = $3, message_id = $4, matched_by = $5, subject = $6, excerpt = $7, processed_at = $8
        where tenant_id = $1 and id = $2
        """;

    const string Forget = "delete from delivery.inbound where tenant_id = $1 and id = $2";

    public static async Task Run(Order order, JobRun run, CancellationToken ct)
    {
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        if (await tx.Maybe(SelectInbound, Read, ct, run.Tenant, order.Inbound) is not { } stored) return;
        var now = run.Need<TimeProvider>().GetUtcNow();
        var part = MimeReader.Read(stored.Raw, new MimeLimits());
        if (await Judge(order, tx, stored, part, now, ct) is { } judged)
            await tx.Execute(Finish, ct, run.Tenant, order.Inbound, judged.Kind, judged.Match?.Row.Id, judged.Match?.By ?? "", Cut(part.Header("Subject") ?? "", 500), Cut(judged.Excerpt, ExcerptLengthMax), now);
        else await tx.Execute(Forget, ct, run.Tenant, order.Inbound);
        await tx.Commit(ct);
    }

    /// <returns>Null: mail of the conversation pool, which is no answer of a contact and is not kept.</returns>
    static async Task<Judged?> Judge(Order order, TenantTx tx, Stored stored, MimePart part, DateTimeOffset now, CancellationToken ct)
    {
        if (await ReceiveTurn.IsOne(tx, part, ct)) return null;
        var match = await Match(tx, stored, part, ct);
        if (order.IsUnsubscribe && match is { By: "token", Row.IsConversation: false }) return await Leave(tx, match, "mailto", "", now, ct);
        if (DeliveryReport.Read(part) is { } report) return await Report(tx, match, report, now, ct);
        if (FeedbackReport.Read(part) is { } feedback) return await Complain(tx, match, feedback, now, ct);

        if (match is { Row.IsConversation: true }) return null;
        var reply = IncomingReply.Read(part);
        if (match is null) return new("unmatched", null, reply.Text);
        var isHuman = reply.Kind == ReplyKind.Human;
        if (isHuman && Wishes.IsUnsubscribe(reply.Text, part.Header("Subject")))
        {
            await Mark(tx, MarkReplied, "replied", match.Row, now, ct);
            return await Leave(tx, match, "reply", reply.Text, now, ct);
        }

        if (match.By == "token" && stored.Mailbox is null && !IsAnswer(stored, part, reply)) return new("unmatched", match, Unreadable);
        await Arrived(tx, match.Row, now, ct);
        await Mark(tx, isHuman ? MarkReplied : MarkAutoReplied, isHuman ? "replied" : "auto_replied", match.Row, now, ct);
        if (isHuman) await NoteAbsence.IsBack(tx, match.Row.Address, now, ct);
        else if (reply.Answer is { IsAbsence: true, Until: { } until })
        {
            await tx.Execute(MarkAway, ct, tx.Tenant, match.Row.Id, until);
            await NoteAbsence.Within(tx, match.Row.Address, until, now, ct);
        }

        return new(isHuman ? "reply" : "auto_reply", match, reply.Text);
    }

    // What servers send to the return path and nobody can read is no person's answer: those have a sender, a writer and words. A machine that says it is one is heard.
    static bool IsAnswer(Stored stored, MimePart part, IncomingReply reply) => reply.Kind switch
    {
        ReplyKind.Human => stored.Sender.Length > 0 && !string.IsNullOrWhiteSpace(part.Header("From")) && IsReadable(reply.Parts.Whole + reply.Parts.Quoted),
        ReplyKind.Report => false,
        ReplyKind.OutOfOffice or ReplyKind.AutoReply => true,
    };

    // Octets that are no text are read as some text all the same, with control characters all over.
    static bool IsReadable(string text) => !string.IsNullOrWhiteSpace(text) && 20 * text.Count(c => c == '\uFFFD' || char.IsControl(c) && !char.IsWhiteSpace(c)) <= text.Length;

    // What was fetched is matched already: the message is kept only for that.
    static async Task<MatchInbound.Match?> Match(TenantTx tx, Stored stored, MimePart part, CancellationToken ct) =>
        stored.MatchedBy.Length > 0 && await MatchInbound.Row(tx, stored.Message, ct) is { } row ? new(row, stored.MatchedBy)
            : await MatchInbound.Find(tx, part, new(stored.Message, stored.Sender, stored.Mailbox, stored.ReceivedAt), ct);

    static async Task<Judged> Leave(TenantTx tx, MatchInbound.Match match, string source, string excerpt, DateTimeOffset now, CancellationToken ct)
    {
        await Unsubscribe.Within(tx, match.Row, source, now, ct);
        return new("unsubscribe", match, excerpt);
    }

    static async Task<Judged> Report(TenantTx tx, MatchInbound.Match? match, DeliveryReport report, DateTimeOffset now, CancellationToken ct)
    {
        var recipient = report.Recipients.FirstOrDefault(r => r.Action == ReportAction.Failed) ?? (report.Recipients.Count > 0 ? report.Recipients[0] : null);
        if (match is null || recipient is null) return new("unmatched", match, recipient?.Diagnostic ?? "");
        if (recipient.Action is ReportAction.Failed or ReportAction.Delayed) await TakeReport.Within(tx, match.Row, recipient, now, ct);
        return new(recipient.Action == ReportAction.Failed ? "bounce" : "delay", match, recipient.Diagnostic);
    }

    static async Task<Judged> Complain(TenantTx tx, MatchInbound.Match? match, FeedbackReport feedback, DateTimeOffset now, CancellationToken ct)
    {
        if (match is null || feedback.Type == "not-spam") return new("unmatched", match, feedback.Type);
        await Arrived(tx, match.Row, now, ct);
        await Mark(tx, MarkComplained, "complained", match.Row, now, ct);
        if (!match.Row.IsConversation) await Suppress.Within(tx, null, match.Row.Workspace, SuppressionKind.Address, match.Row.Address, SuppressionReason.Complaint, "arf", match.Row.Id.Value, feedback.Type, now, ct);
        return new("complaint", match, feedback.Type);
    }

    // Somebody answers or complains: what was in doubt arrived.
    static async Task Arrived(TenantTx tx, LedgerRow row, DateTimeOffset now, CancellationToken ct)
    {
        if (await tx.Execute(Settle, ct, tx.Tenant, row.Id, now) == 1) await WriteFact.Within(tx, "sent", row.Id, row.Campaign, row.Mailbox, "answered", now, ct);
    }

    static async Task Mark(TenantTx tx, string sql, string fact, LedgerRow row, DateTimeOffset now, CancellationToken ct)
    {
        if (await tx.Execute(sql, ct, tx.Tenant, row.Id, now) == 1) await WriteFact.Within(tx, fact, row.Id, row.Campaign, row.Mailbox, "", now, ct);
    }

    static Stored Read(NpgsqlDataReader row) =>
        new(row.GetFieldValue<byte[]>(0), row.Maybe<Guid>(1), row.GetString(2), row.Maybe<Guid>(3), row.GetString(4), row.GetFieldValue<DateTimeOffset>(5));

    internal static string Cut(string text, int length)
    {
        var clean = text.Replace("\0", "", StringComparison.Ordinal);
        return clean.Length <= length ? clean : clean[..length];
    }
}
