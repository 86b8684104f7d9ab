using PenguinMails.Compliance.Suppressions;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Inbound;
using PenguinMails.Delivery.Messages;

namespace PenguinMails.Delivery.Links;

/// <summary>The recipient's way out: by link, one click, mail or reply. Holds for the whole account, at once, and works for years (rule L-ALL-01).</summary>
public static class Unsubscribe
{
    /// <param name="Sender">The sender's name, so that the page can say whose mail ends.</param>
    /// <param name="IsDone">True when the address is suppressed already.</param>
    public sealed record Offer(string Address, string Sender, bool IsDone);

    static readonly Problem Unknown = new(ProblemKind.NotFound, "unsubscribe.unknown", "This link is not one of ours, or is cut off. Use the whole link from the message, or answer it with the word unsubscribe.");

    sealed record Found(LedgerRow Row, string Sender);

    const string Select = """
        select m.id, m.address, m.campaign_id, m.mailbox_id, m.state, m.content_id is null, m.workspace_id, c.sender_name
        from delivery.message m
        join delivery.content c on c.tenant_id = m.tenant_id and c.id = m.content_id
        where m.tenant_id = $1 and m.id = $2
        """;

    const string Mark = "update delivery.message set unsubscribed_at = $3 where tenant_id = $1 and id = $2 and unsubscribed_at is null";

    /// <summary>What the page shows. Changes nothing, so link scanners and HEAD requests are harmless.</summary>
    public static async Task<Result<Offer>> Look(string token, TenantDb db, CancellationToken ct)
    {
        if (await Tokens.Resolve(token, TokenPurpose.Link, db, ct) is not { } owner) return Unknown;
        await using var tx = await db.Begin(owner.Tenant, ct);
        if (await tx.Maybe(Select, Read, ct, owner.Tenant, owner.Message) is not { } found) return Unknown;
        var suppressed = await CheckSuppressions.Within(tx, found.Row.Workspace, [found.Row.Address], ct);
        return new Offer(found.Row.Address, found.Sender, suppressed.Count > 0);
    }

    /// <summary>Ends all mail of the account to this address.</summary>
    /// <param name="source">one_click, page or mailto.</param>
    public static async Task<Result<Offer>> Handle(string token, string source, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (await Tokens.Resolve(token, TokenPurpose.Link, db, ct) is not { } owner) return Unknown;
        await using var tx = await db.Begin(owner.Tenant, ct);
        if (await tx.Maybe(Select, Read, ct, owner.Tenant, owner.Message) is not { } found) return Unknown;
        await Within(tx, found.Row, source, clock.GetUtcNow(), ct);
        await tx.Commit(ct);
        return new Offer(found.Row.Address, found.Sender, true);
    }

    internal static async Task Within(TenantTx tx, LedgerRow row, string source, DateTimeOffset now, CancellationToken ct)
    {
        await Suppress.Within(tx, null, row.Workspace, SuppressionKind.Address, row.Address, SuppressionReason.Unsubscribe, source, row.Id.Value, null, now, ct);
        if (await tx.Execute(Mark, ct, tx.Tenant, row.Id, now) == 1) await WriteFact.Within(tx, "unsubscribed", row.Id, row.Campaign, row.Mailbox, source, now, ct);
    }

    static Found Read(Npgsql.NpgsqlDataReader row) => new(LedgerRow.Read(row), row.GetString(7));
}
