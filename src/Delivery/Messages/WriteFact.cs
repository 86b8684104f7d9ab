using PenguinMails.Core.Db;

namespace PenguinMails.Delivery.Messages;

/// <summary>Appends one fact in the caller's transaction.</summary>
static class WriteFact
{
    const string Insert = """
        insert into delivery.fact (tenant_id, id, at, kind, message_id, campaign_id, mailbox_id, detail, is_machine)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """;

    public static Task Within(TenantTx tx, string kind, MessageId message, Guid campaign, Guid mailbox, string detail, DateTimeOffset now, CancellationToken ct) =>
        tx.Execute(Insert, ct, tx.Tenant, Guid.CreateVersion7(now), now, kind, message, campaign, mailbox, detail, false);

    /// <summary>A visit to a link or the pixel, by a person or a machine.</summary>
    /// <param name="detail">What gave a machine away; empty for a person.</param>
    public static Task Visited(TenantTx tx, string kind, MessageId message, Guid campaign, Guid mailbox, bool isMachine, string detail, DateTimeOffset now, CancellationToken ct) =>
        tx.Execute(Insert, ct, tx.Tenant, Guid.CreateVersion7(now), now, kind, message, campaign, mailbox, detail, isMachine);
}
