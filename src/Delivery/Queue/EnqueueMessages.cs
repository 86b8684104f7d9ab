using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Links;
using PenguinMails.Delivery.Routes;

namespace PenguinMails.Delivery.Queue;

/// <summary>Writes the wish to send: one ledger row for each contact, at most once for (campaign, step, contact), however often it is called.</summary>
public static class EnqueueMessages
{
    public const int BatchMax = 2_000;

    /// <param name="Address">Normal form.</param>
    /// <param name="Fields">JSON object of merge fields.</param>
    public sealed record Recipient(Guid ContactId, string Address, string Fields, Guid MailboxId);

    const string InsertMessages = """
        insert into delivery.message (tenant_id, id, workspace_id, campaign_id, step, contact_id, mailbox_id, content_id, address, fields, due_at, state_at, created_at)
        select $1, r.id, $2, $3, $4, r.contact_id, r.mailbox_id, $5, r.address, r.fields::jsonb, $6, $7, $7
        from unnest($8::uuid[], $9::uuid[], $10::uuid[], $11::text[], $12::text[]) as r (id, contact_id, mailbox_id, address, fields)
        on conflict on constraint message_once do nothing
        returning id
        """;

    const string InsertQueue = """
        insert into delivery.queue (message_id, tenant_id, campaign_id, mailbox_id, due_at)
        select m.id, m.tenant_id, m.campaign_id, m.mailbox_id, m.due_at
        from delivery.message m
        where m.tenant_id = $1 and m.id = any($2)
        """;

    const string InsertTokens = """
        insert into delivery.token (hash, tenant_id, message_id, purpose)
        select t.hash, $1, t.message_id, t.purpose
        from unnest($2::bytea[], $3::uuid[], $4::text[]) as t (hash, message_id, purpose)
        """;

    /// <summary>Tenant, mailboxes, time: each lane is asked then, or made.</summary>
    internal const string WakeLanes = """
        insert into delivery.lane (mailbox_id, tenant_id, ready_at)
        select mailbox_id, $1, $3
        from unnest($2::uuid[]) as m (mailbox_id)
        order by mailbox_id
        on conflict (mailbox_id) do update
        set ready_at = least(delivery.lane.ready_at, excluded.ready_at), wakes = delivery.lane.wakes + 1
        """;

    /// <param name="content">Null for a message of a conversation, whose words stand in its fields and whose campaign is its mailbox.</param>
    /// <param name="recipients">At most <see cref="BatchMax"/>.</param>
    /// <returns>Number of new rows; a contact that has a row already counts nothing.</returns>
    public static async Task<int> Within(
        TenantTx tx, WorkspaceId workspace, Guid campaign, int step, Guid? content, IReadOnlyList<Recipient> recipients, DateTimeOffset dueAt, Tokens tokens,
        DateTimeOffset now, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(recipients.Count, BatchMax);
        if (recipients.Count == 0) return 0;
        var ids = recipients.Select(_ => Guid.CreateVersion7(now)).ToArray();
        var added = await tx.List(InsertMessages, row => row.GetGuid(0), ct, tx.Tenant, workspace, campaign, (short)step, content, dueAt, now, ids,
            recipients.Select(r => r.ContactId).ToArray(), recipients.Select(r => r.MailboxId).ToArray(), recipients.Select(r => r.Address).ToArray(),
            recipients.Select(r => r.Fields).ToArray());
        if (added.Count == 0) return 0;

        await tx.Execute(InsertQueue, ct, tx.Tenant, added.ToArray());
        await tx.Execute(LearnDomains.Note, ct, (object)recipients.Select(r => r.Address[(r.Address.LastIndexOf('@') + 1)..]).Distinct().ToArray());
        var owned = added.SelectMany(id => new[] { (Id: id, Purpose: TokenPurpose.Link), (Id: id, Purpose: TokenPurpose.Thread) }).ToArray();
        await tx.Execute(InsertTokens, ct, tx.Tenant, owned.Select(t => Tokens.Hash(tokens.For(new(t.Id), t.Purpose))).ToArray(),
            owned.Select(t => t.Id).ToArray(), owned.Select(t => Tokens.Word(t.Purpose)).ToArray());
        await tx.Execute(WakeLanes, ct, tx.Tenant, recipients.Select(r => r.MailboxId).Distinct().ToArray(), dueAt);
        return added.Count;
    }
}
