using PenguinMails.Core.Db;

namespace PenguinMails.Delivery.Messages;

/// <summary>Whether anything of a campaign was accepted by a moment, or at all. For figures about campaigns, in the caller's transaction.</summary>
public static class FirstAccepted
{
    // Ends at the first row that fits; a campaign that failed altogether is read through.
    const string Select = """
        select exists (select 1 from delivery.message m where m.tenant_id = $1 and m.campaign_id = $2 and m.sent_at <= $3),
          exists (select 1 from delivery.message m where m.tenant_id = $1 and m.campaign_id = $2 and m.sent_at is not null)
        """;

    public static Task<(bool ByThen, bool AtAll)> Within(TenantTx tx, Guid campaign, DateTimeOffset by, CancellationToken ct) =>
        tx.One(Select, row => (row.GetBoolean(0), row.GetBoolean(1)), ct, tx.Tenant, campaign, by);

    const string SelectValue = """
        select exists (select 1 from delivery.message m where m.tenant_id = $1 and m.content_id is not null and m.replied_at <= $2)
          or (select count(*) from (select 1 from delivery.message m where m.tenant_id = $1 and m.content_id is not null and m.sent_at <= $2 limit 100) as enough) = 100
        """;

    /// <summary>Whether the account had a reply, or 100 accepted messages, by a moment.</summary>
    public static Task<bool> ValueBy(TenantTx tx, DateTimeOffset by, CancellationToken ct) => tx.One(SelectValue, row => row.GetBoolean(0), ct, tx.Tenant, by);
}
