using System.Text.Json;
using Npgsql;
using PenguinMails.Campaigns.Contacts;
using PenguinMails.Compliance.Suppressions;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Delivery.Links;
using PenguinMails.Delivery.Queue;

namespace PenguinMails.Campaigns.Campaigns;

/// <summary>The job behind a launch: writes the audience into the send ledger batch by batch; <see cref="CompleteCampaign"/> then waits for the last message.</summary>
/// <remarks>A page, its counts and the place reached are one transaction; the ledger takes a contact once however often a batch is repeated.</remarks>
static class EnqueueAudience
{
    public const string Kind = "campaigns.enqueue_audience";
    const int BatchContacts = 1_000;

    public sealed record Order(CampaignId Campaign, WorkspaceId Workspace, Guid Content);

    sealed record Place(string State, Guid? LastContact, long Enqueued);

    sealed record Row(Guid ContactId, Contact Contact, string Fields);

    /// <param name="After">The contact it begins after; null at the beginning of the list.</param>
    sealed record Page(Guid? After, List<Row> Contacts);

    const string LookAtPlace = "select last_contact_id from campaigns.campaign where tenant_id = $1 and id = $2";

    const string ReadPlace = "select state, last_contact_id, enqueued from campaigns.campaign where tenant_id = $1 and id = $2 for update";

    // One look-up by primary key for each member: as a join, every batch would begin at the account's first contact again.
    const string NextContacts = """
        select c.id, c.email, c.first_name, c.last_name, c.company, c.attributes, c.is_role, c.is_consumer, c.source, c.created_at,
          c.country, c.is_country_presumed, c.zone, c.recipient_kind, c.basis, c.evidence, c.obtained_on, c.expires_on, c.withdrawn_at
        from (
          select contact_id
          from campaigns.list_member
          where tenant_id = $1 and list_id = $2 and contact_id > $3
          order by contact_id
          limit $4) m
        cross join lateral (
          select n.id, n.email, n.first_name, n.last_name, n.company, n.attributes, n.is_role, n.is_consumer, n.source, n.created_at,
            n.country, n.is_country_presumed, n.zone, n.recipient_kind, n.basis, n.evidence, n.obtained_on, n.expires_on, n.withdrawn_at
          from campaigns.contact n
          where n.tenant_id = $1 and n.id = m.contact_id
          limit 1) c
        order by c.id
        limit $4
        """;

    const string SavePlace = """
        update campaigns.campaign
        set last_contact_id = $3, enqueued = enqueued + $4, excluded_suppressed = excluded_suppressed + $5, excluded_consumer = excluded_consumer + $6, excluded_role = excluded_role + $7
        where tenant_id = $1 and id = $2
        """;

    const string MarkRunning = "update campaigns.campaign set state = 'running' where tenant_id = $1 and id = $2 and state = 'launching'";

    public static async Task Run(Order order, JobRun run, CancellationToken ct)
    {
        var done = 0L;
        var ahead = Read(order, await Reached(order, run, ct), run, ct);
        while (await ahead is { Contacts: { Count: > 0 } contacts } page)
        {
            // The next page is read and made ready while this one is written.
            ahead = Read(order, contacts[^1].ContactId, run, ct);
            var written = await Write(order, page, run, ct);
            if (written is null) break;
            if (written is false) ahead = Read(order, await Reached(order, run, ct), run, ct); // Another run of this job got ahead.
            else await run.Progress(done += contacts.Count, null, $"{done:N0} contacts read", ct);
        }

        await ahead;
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        var now = run.Need<TimeProvider>().GetUtcNow();
        await tx.Execute(MarkRunning, ct, run.Tenant, order.Campaign);
        await CompleteCampaign.Watch(tx, new(order.Campaign, order.Workspace), now, ct);
        await tx.Commit(ct);
    }

    static async Task<Guid?> Reached(Order order, JobRun run, CancellationToken ct)
    {
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        return await tx.One(LookAtPlace, row => row.Maybe<Guid>(0), ct, run.Tenant, order.Campaign);
    }

    static async Task<Page> Read(Order order, Guid? after, JobRun run, CancellationToken ct)
    {
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        var campaign = await tx.One(Campaign.SelectOne, Campaign.Read, ct, run.Tenant, order.Workspace, order.Campaign);
        return new(after, await tx.List(NextContacts, ReadRow, ct, run.Tenant, campaign.ListId, after ?? Guid.Empty, BatchContacts));
    }

    /// <returns>False when the place reached is another than the page's; null when the campaign was stopped.</returns>
    static async Task<bool?> Write(Order order, Page page, JobRun run, CancellationToken ct)
    {
        var (contacts, tokens) = (page.Contacts, run.Need<Tokens>());
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        var place = await tx.One(ReadPlace, row => new Place(row.GetString(0), row.Maybe<Guid>(1), row.GetInt64(2)), ct, run.Tenant, order.Campaign);
        if (place.State == "stopped") return null;
        if (place.LastContact != page.After) return false;
        var campaign = await tx.One(Campaign.SelectOne, Campaign.Read, ct, run.Tenant, order.Workspace, order.Campaign);
        var now = run.Need<TimeProvider>().GetUtcNow();
        var roles = campaign.IncludesRoles ? 0 : contacts.Count(c => c.Contact.IsRole);
        var eligible = contacts.Where(c => campaign.IncludesRoles || !c.Contact.IsRole).ToList();
        var consumers = campaign.ConsumerPolicy == ConsumerPolicy.Allow ? 0 : eligible.RemoveAll(c => c.Contact.IsConsumer);
        var suppressed = await CheckSuppressions.Within(tx, order.Workspace, [.. eligible.Select(c => c.Contact.Email)], ct);
        eligible.RemoveAll(c => suppressed.ContainsKey(c.Contact.Email));
        var turns = SenderPool.Turns(await SenderPool.Look(tx, campaign.Mailboxes, ct) is { Count: > 0 } pool ? pool : [.. campaign.Mailboxes.Select(mailbox => new PoolSender(mailbox, 0, "removed"))]);
        var recipients = eligible.Select((c, i) => new EnqueueMessages.Recipient(c.ContactId, c.Contact.Email, c.Fields,
            turns[(place.Enqueued + i) % turns.Length], c.Contact.Facts())).ToList();
        var added = await EnqueueMessages.Within(tx, order.Workspace, order.Campaign.Value, 1, order.Content, recipients, now, tokens, now, ct);
        await tx.Execute(SavePlace, ct, run.Tenant, order.Campaign, contacts[^1].ContactId, (long)added, (long)suppressed.Count, (long)consumers, (long)roles);
        await tx.Commit(ct);
        return true;
    }

    static Row ReadRow(NpgsqlDataReader row)
    {
        var contact = Contact.Read(row);
        return new Row(contact.Id.Value, contact, JsonSerializer.Serialize(contact.MergeFields()));
    }
}
