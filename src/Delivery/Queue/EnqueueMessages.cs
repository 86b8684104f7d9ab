using PenguinMails.Compliance.Jurisdictions;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Decisions;
using PenguinMails.Delivery.Links;
using PenguinMails.Delivery.Routes;
using PenguinMails.Delivery.Transport;

namespace PenguinMails.Delivery.Queue;

/// <summary>Writes the wish to send: one ledger row for each contact, at most once for (campaign, step, contact), however often it is called.</summary>
public static class EnqueueMessages
{
    public const int BatchMax = 2_000;

    /// <param name="Address">Normal form.</param>
    /// <param name="Fields">JSON object of merge fields.</param>
    /// <param name="Known">Null: nothing is known of them.</param>
    public sealed record Recipient(Guid ContactId, string Address, string Fields, Guid MailboxId, RecipientFacts? Known = null)
    {
        internal RecipientFacts Facts => Known ?? RecipientFacts.Unknown;
    }

    /// <param name="At">When it is asked about.</param>
    /// <param name="Held">Code of what it waits for; empty for its turn.</param>
    sealed record Place(DateTimeOffset At, string Held);

    const string InsertMessages = """
        insert into delivery.message (tenant_id, id, workspace_id, campaign_id, step, contact_id, mailbox_id, content_id, address, fields, due_at, state_at, created_at,
          zone, country, recipient_kind, basis, basis_on, basis_until, has_evidence, has_source, is_withdrawn)
        select $1, r.id, $2, $3, $4, r.contact_id, r.mailbox_id, $5, r.address, r.fields::jsonb, $6, $7, $7,
          r.zone, r.country, r.recipient_kind, r.basis, r.basis_on, r.basis_until, r.has_evidence, r.has_source, r.is_withdrawn
        from unnest($8::uuid[], $9::uuid[], $10::uuid[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::date[], $18::date[], $19::boolean[], $20::boolean[], $21::boolean[])
          as r (id, contact_id, mailbox_id, address, fields, zone, country, recipient_kind, basis, basis_on, basis_until, has_evidence, has_source, is_withdrawn)
        on conflict on constraint message_once do nothing
        returning id
        """;

    const string InsertQueue = """
        insert into delivery.queue (message_id, tenant_id, campaign_id, mailbox_id, due_at, held)
        select q.message_id, $1, $2, q.mailbox_id, q.due_at, q.held
        from unnest($3::uuid[], $4::uuid[], $5::timestamptz[], $6::text[]) as q (message_id, mailbox_id, due_at, held)
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
        // In the order of the rows, which is the order in which lanes will ask for them: a batch lies on few pages of the ledger and of its key.
        var ids = recipients.Select(_ => Guid.CreateVersion7(now)).Order().ToArray();
        object?[] values = [tx.Tenant, workspace, campaign, (short)step, content, dueAt, now, ids, recipients.Select(r => r.ContactId).ToArray(), recipients.Select(r => r.MailboxId).ToArray(),
            recipients.Select(r => r.Address).ToArray(), recipients.Select(r => r.Fields).ToArray(), .. RecipientColumns.Arrays([.. recipients.Select(r => r.Facts)])];
        var added = (await tx.List(InsertMessages, row => row.GetGuid(0), ct, values)).ToHashSet();
        if (added.Count == 0) return 0;

        var places = await Places(tx, campaign, isConversation: content is null, recipients, dueAt, now, ct);
        var queued = Enumerable.Range(0, ids.Length).Where(i => added.Contains(ids[i])).ToArray();
        await tx.Execute(InsertQueue, ct, tx.Tenant, campaign, queued.Select(i => ids[i]).ToArray(), queued.Select(i => recipients[i].MailboxId).ToArray(),
            queued.Select(i => Postpone.Stored(places[i].At)).ToArray(), queued.Select(i => places[i].Held).ToArray());
        await tx.Execute(LearnDomains.Note, ct, (object)recipients.Select(r => r.Address[(r.Address.LastIndexOf('@') + 1)..]).Distinct().ToArray());
        var owned = added.SelectMany(id => new[] { (Id: id, Purpose: TokenPurpose.Link), (Id: id, Purpose: TokenPurpose.Thread) }).ToArray();
        await tx.Execute(InsertTokens, ct, tx.Tenant, owned.Select(t => Tokens.Hash(tokens.For(new(t.Id), t.Purpose))).ToArray(),
            owned.Select(t => t.Id).ToArray(), owned.Select(t => Tokens.Word(t.Purpose)).ToArray());
        await tx.Execute(WakeLanes, ct, tx.Tenant, recipients.Select(r => r.MailboxId).Distinct().ToArray(), Postpone.Stored(places.Min(place => place.At)));
        return added.Count;
    }

    // What is closed or not allowed yet is not looked at again and again: it waits under its code from the start.
    static async Task<Place[]> Places(TenantTx tx, Guid campaign, bool isConversation, IReadOnlyList<Recipient> recipients, DateTimeOffset dueAt, DateTimeOffset now, CancellationToken ct)
    {
        var plan = await ControlCampaign.PlanOf(tx, campaign, ct) ?? SendPlan.Plain(SendWindow.Always);
        var policy = await SetConsentPolicy.Within(tx, ct);
        return [.. recipients.Select(recipient => PlaceOf(recipient.Facts))];

        Place PlaceOf(RecipientFacts facts)
        {
            if (!isConversation && ConsentRule.Judge(facts.Consent, policy, DateOnly.FromDateTime(now.UtcDateTime)) is { IsFinal: false } fault) return new(DateTimeOffset.MaxValue, fault.Code);
            return Checklist.Closed(plan.For(facts), dueAt) is { Until: { } opens } closed ? new(opens, closed.Code) : new(dueAt, "");
        }
    }
}
