using PenguinMails.Core.Db;

namespace PenguinMails.Delivery.Queue;

/// <summary>What became known of recipients reaches their messages that are not sent yet, and what waited for it is asked about again. In the caller's transaction, as its last step: lanes are held until it ends.</summary>
public static class RefreshRecipients
{
    /// <summary>Recipients in one call.</summary>
    public const int RecipientsMax = 5_000;

    /// <param name="Address">Normal form.</param>
    public sealed record Change(Guid ContactId, string Address, RecipientFacts Facts);

    // A lane's own transactions begin so too: nobody then waits for a row of somebody who waits for one of his.
    const string LockLanes = """
        select mailbox_id
        from delivery.lane
        where mailbox_id in (select m.mailbox_id from delivery.message m where m.tenant_id = $1 and m.address = any($2) and m.state in ('queued', 'deferred'))
        order by mailbox_id
        limit 100000
        for update
        """;

    // Reads index message_address, once for each.
    const string Refresh = """
        with known as (
          select m.id, r.zone, r.country, r.recipient_kind, r.basis, r.basis_on, r.basis_until, r.has_evidence, r.has_source, r.is_withdrawn
          from unnest($2::text[], $3::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::date[], $10::date[], $11::boolean[], $12::boolean[], $13::boolean[])
            as r (address, contact_id, zone, country, recipient_kind, basis, basis_on, basis_until, has_evidence, has_source, is_withdrawn)
          cross join lateral (
            select m.id
            from delivery.message m
            where m.tenant_id = $1 and m.address = r.address and m.contact_id = r.contact_id and m.state in ('queued', 'deferred', 'sending')
            limit 10000) m),
        changed as (
          update delivery.message m
          set zone = k.zone, country = k.country, recipient_kind = k.recipient_kind, basis = k.basis, basis_on = k.basis_on, basis_until = k.basis_until,
            has_evidence = k.has_evidence, has_source = k.has_source, is_withdrawn = k.is_withdrawn
          from known k
          where m.tenant_id = $1 and m.id = k.id
          returning m.id, m.due_at)
        update delivery.queue q
        set due_at = greatest(c.due_at, $4), held = ''
        from changed c
        where q.tenant_id = $1 and q.message_id = c.id and (q.held in ('holiday', 'window_closed', 'country_unknown', 'recipient_away') or starts_with(q.held, 'consent_'))
        """;

    /// <param name="changes">At most <see cref="RecipientsMax"/>.</param>
    public static async Task Within(TenantTx tx, IReadOnlyList<Change> changes, DateTimeOffset now, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(changes.Count, RecipientsMax);
        if (changes.Count == 0) return;
        var addresses = changes.Select(change => change.Address).ToArray();
        var mailboxes = await tx.List(LockLanes, row => row.GetGuid(0), ct, tx.Tenant, addresses);
        if (mailboxes.Count == 0) return;
        await tx.Execute(Refresh, ct, [tx.Tenant, addresses, changes.Select(change => change.ContactId).ToArray(), now, .. RecipientColumns.Arrays([.. changes.Select(change => change.Facts)])]);
        await tx.Execute(EnqueueMessages.WakeLanes, ct, tx.Tenant, mailboxes.ToArray(), now);
    }
}
