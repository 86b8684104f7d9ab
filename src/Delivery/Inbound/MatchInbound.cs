using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Links;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Replies;
using PenguinMails.Mail.Reports;
using MessageId = PenguinMails.Delivery.Messages.MessageId;

namespace PenguinMails.Delivery.Inbound;

/// <summary>The row of the ledger that an incoming message belongs to.</summary>
/// <param name="IsConversation">Written to another mailbox of the pool, not to a contact.</param>
sealed record LedgerRow(MessageId Id, string Address, Guid Campaign, Guid Mailbox, string State, bool IsConversation, WorkspaceId Workspace)
{
    internal static LedgerRow Read(NpgsqlDataReader row) => new(new(row.GetGuid(0)), row.GetString(1), row.GetGuid(2), row.GetGuid(3), row.GetString(4), row.GetBoolean(5), new(row.GetGuid(6)));
}

/// <summary>Finds the message of ours that an incoming one is about: by a token of ours, then by Message-ID, then by the recipient we wrote to. Never by subject.</summary>
static class MatchInbound
{
    const int TokensMax = 20;
    const int PeopleMax = 20;

    // A message that came before we wrote is no answer to it; servers' clocks differ.
    static readonly TimeSpan Slack = TimeSpan.FromMinutes(10);

    // Where a token of ours comes back: whom the message is for, and what a report returns of ours.
    static readonly string[] Addressed = ["To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To"], Returned = ["Return-Path", "List-Unsubscribe"];

    const string SelectMessage = "select id, address, campaign_id, mailbox_id, state, content_id is null, workspace_id from delivery.message where tenant_id = $1 and id = $2";

    // Reads index message_address.
    const string SelectLastTo = """
        select id, address, campaign_id, mailbox_id, state, content_id is null, workspace_id
        from delivery.message
        where tenant_id = $1 and address = $2 and content_id is not null and sent_at <= $3 and ($4::uuid is null or mailbox_id = $4)
        order by sent_at desc
        limit 1
        """;

    /// <param name="Token">The message whose token stood in the envelope; null for none.</param>
    /// <param name="Sender">Normal form; empty for none.</param>
    /// <param name="Mailbox">Where it was fetched: only people whom this mailbox wrote to count then. Null at the edge.</param>
    public sealed record Arrival(Guid? Token, string Sender, Guid? Mailbox, DateTimeOffset ReceivedAt);

    /// <param name="By">token, message_id or recipient.</param>
    public sealed record Match(LedgerRow Row, string By);

    public static async Task<Match?> Find(TenantTx tx, MimePart part, Arrival arrival, CancellationToken ct)
    {
        var report = DeliveryReport.Read(part);
        var feedback = report is null ? FeedbackReport.Read(part) : null;
        var returned = report?.Returned ?? feedback?.Returned;
        if (await ByToken(tx, part, returned, arrival.Token, ct) is { } marked) return new(marked, "token");
        if (await ByThread(tx, part, returned, ct) is { } thread) return new(thread, "message_id");
        var people = report is not null ? report.Recipients.SelectMany(one => new[] { one.Original, one.Final }).OfType<EmailAddress>().Select(one => one.Normal)
            : feedback is not null ? feedback.Recipients.Select(one => one.Normal)
            : [arrival.Sender];
        foreach (var address in people.Where(one => one.Length > 0).Distinct().Take(PeopleMax))
            if (await tx.Maybe(SelectLastTo, LedgerRow.Read, ct, tx.Tenant, address, arrival.ReceivedAt + Slack, arrival.Mailbox) is { } last) return new(last, "recipient");
        return null;
    }

    public static async Task<LedgerRow?> Row(TenantTx tx, Guid? message, CancellationToken ct) => message is { } id ? await tx.Maybe(SelectMessage, LedgerRow.Read, ct, tx.Tenant, id) : null;

    static async Task<LedgerRow?> ByToken(TenantTx tx, MimePart part, MimePart? returned, Guid? known, CancellationToken ct)
    {
        if (await Row(tx, known, ct) is { } row) return row;
        var places = Addressed.Select(part.Raw).Concat(returned is null ? [] : Returned.Select(returned.Raw));
        foreach (var token in places.OfType<string>().SelectMany(TokensIn).Distinct().Take(TokensMax))
            if (await Tokens.Within(tx, token, TokenPurpose.Link, ct) is { } owner && owner.Tenant == tx.Tenant && await Row(tx, owner.Message.Value, ct) is { } found) return found;
        return null;
    }

    static async Task<LedgerRow?> ByThread(TenantTx tx, MimePart part, MimePart? returned, CancellationToken ct)
    {
        var reply = IncomingReply.Read(part);
        var ids = reply.References.Reverse().Prepend(reply.InReplyTo).Select(id => id?.Value).Prepend(returned?.Raw("Message-ID"));
        foreach (var id in ids)
            if (await Threads.Within(tx, id, ct) is { } owner && owner.Tenant == tx.Tenant && await Row(tx, owner.Message.Value, ct) is { } found) return found;
        return null;
    }

    /// <summary>Whatever has the shape of a token: runs of its alphabet that are exactly as long.</summary>
    internal static IEnumerable<string> TokensIn(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var end = at;
            while (end < text.Length && IsPart(text[end])) end++;
            if (end - at == Tokens.Length) yield return text[at..end];
            at = end + 1;
        }

        static bool IsPart(char c) => char.IsAsciiLetter(c) || c is >= '2' and <= '7';
    }
}
