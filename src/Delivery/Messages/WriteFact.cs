using PenguinMails.Core.Db;

namespace PenguinMails.Delivery.Messages;

/// <summary>Appends one fact in the caller's transaction.</summary>
static class WriteFact
{
    const string Insert = """
        insert into delivery.fact (tenant_id, id, at, kind, message_id, campaign_id, mailbox_id, detail)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """;

    public static Task Within(TenantTx tx, string kind, MessageId message, Guid campaign, Guid mailbox, string detail, DateTimeOffset now, CancellationToken ct) =>
        tx.Execute(Insert, ct, tx.Tenant, Guid.CreateVersion7(now), now, kind, message, campaign, mailbox, detail);
}
