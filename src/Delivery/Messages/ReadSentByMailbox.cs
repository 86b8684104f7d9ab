using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Messages;

/// <summary>Messages of a workspace sent in a month, by mailbox, as <see cref="ReadSentByWorkspace"/> counts them. Whoever calls has asked for the permission.</summary>
public static class ReadSentByMailbox
{
    const string Select = """
        select mailbox_id, count(*)
        from delivery.message
        where tenant_id = $1 and workspace_id = $2 and content_id is not null and state = 'sent' and attempted_at >= $3 and attempted_at < $4 and id >= $5
        group by mailbox_id
        order by mailbox_id
        limit 100000
        """;

    /// <param name="month">First day (UTC).</param>
    /// <returns>A mailbox that sent nothing is left out.</returns>
    public static async Task<Dictionary<MailboxId, long>> Within(TenantTx tx, WorkspaceId workspace, DateOnly month, CancellationToken ct)
    {
        var from = new DateTimeOffset(month.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        var sent = await tx.List(Select, row => KeyValuePair.Create(new MailboxId(row.GetGuid(0)), row.GetInt64(1)), ct, tx.Tenant, workspace, from, from.AddMonths(1), ReadDailyCounts.FirstId(from));
        return sent.ToDictionary();
    }
}
