using PenguinMails.Compliance.Suppressions;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Routes;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Reports;

namespace PenguinMails.Delivery.Inbound;

/// <summary>What a delivery report asks for, by the class of the failure: suppress the address, cool down or pause the route, or nothing.</summary>
static class TakeReport
{
    /// <summary>A mailbox that was full this often within <see cref="Recent"/> is not written to again.</summary>
    const int FullMax = 3;

    /// <summary>A server that could not be reached for this many campaigns.</summary>
    const int UnreachableMax = 3;

    static readonly TimeSpan Recent = TimeSpan.FromDays(30);

    const string Bounce = """
        update delivery.message
        set state = 'bounced', reason = 'reported', state_at = $3, sent_at = coalesce(sent_at, attempted_at), smtp_code = $8, smtp_status = $4, smtp_text = $5, bounce_class = $6, bounce_category = $7
        where tenant_id = $1 and id = $2 and state in ('sent', 'in_doubt', 'sending')
        """;

    // Reads index message_address. A later delivery to the same address shows that the trouble was over.
    const string CountSoft = """
        select count(*) filter (where m.bounce_category = 'quota' and m.state_at > $3), count(distinct m.campaign_id) filter (where m.bounce_category in ('connection', 'no_answer', 'expired'))
        from delivery.message m
        where m.tenant_id = $1 and m.address = $2 and m.state = 'bounced'
          and m.state_at > coalesce((select max(o.replied_at) from delivery.message o where o.tenant_id = $1 and o.address = $2), '-infinity')
        """;

    const string SelectProvider = "select provider from delivery.recipient_domain where domain = split_part($1, '@', -1)";

    public static async Task Within(TenantTx tx, LedgerRow row, RecipientReport recipient, DateTimeOffset now, CancellationToken ct)
    {
        await TellRoute(tx, row, recipient, now, ct);
        if (recipient.Action != ReportAction.Failed) return;
        var verdict = recipient.Classify();
        var code = recipient.Code is >= 200 and <= 599 ? (short?)recipient.Code : null;
        if (await tx.Execute(Bounce, ct, tx.Tenant, row.Id, now, recipient.Status, ProcessInbound.Cut(recipient.Diagnostic, 500), verdict.Class.Word(), verdict.Category.Word(), code) == 1)
            await WriteFact.Within(tx, "bounced", row.Id, row.Campaign, row.Mailbox, verdict.Category.Word(), now, ct);
        if (row.IsConversation) return;
        if (await Why(tx, row, verdict, now, ct) is { } why)
            await Suppress.Within(tx, null, row.Workspace, SuppressionKind.Address, row.Address, SuppressionReason.Bounce, "dsn", row.Id.Value, why.Length > 0 ? why : recipient.Status, now, ct);
    }

    /// <returns>Why the address is not written to again; empty for the report's own status; null when it may be.</returns>
    static async Task<string?> Why(TenantTx tx, LedgerRow row, BounceVerdict verdict, DateTimeOffset now, CancellationToken ct)
    {
        if (verdict is { Class: BounceClass.Hard, Blame: BounceBlame.List }) return "";
        if (verdict.Category is not (BounceCategory.Quota or BounceCategory.Connection or BounceCategory.NoAnswer or BounceCategory.Expired)) return null;
        var (full, unreachable) = await tx.One(CountSoft, r => (r.GetInt64(0), r.GetInt64(1)), ct, tx.Tenant, row.Address, now - Recent);
        return verdict.Category == BounceCategory.Quota && full >= FullMax ? $"full {full} times in 30 days"
            : verdict.Category != BounceCategory.Quota && unreachable >= UnreachableMax ? $"not reachable in {unreachable} campaigns" : null;
    }

    // What the recipient's provider answered after the fact asks of the route what it would have asked in the session.
    static async Task TellRoute(TenantTx tx, LedgerRow row, RecipientReport recipient, DateTimeOffset now, CancellationToken ct)
    {
        if (await tx.Maybe(SelectProvider, r => r.GetString(0), ct, row.Address) is not { Length: > 0 } provider) return;
        if (await ReadSendingState.Within(tx, [row.Mailbox], ct) is not [var state]) return;
        var routes = await RouteBook.Read(tx, state, ct);
        routes.Reported(provider, recipient.Code, recipient.Status is "" or "0.0.0" ? null : recipient.Status, recipient.Diagnostic, now);
        routes.Save(tx, now);
    }
}
