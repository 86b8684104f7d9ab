using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Queue;

namespace PenguinMails.Campaigns.Contacts;

/// <summary>What changed about contacts reaches their messages that are not sent yet. In the caller's transaction, as its last step.</summary>
static class SpreadStanding
{
    // While a launch writes its messages, batch after batch, each holds its campaign: what it wrote is seen here, and what it writes after sees the change.
    const string AwaitLaunches = "select id from campaigns.campaign where tenant_id = $1 and workspace_id = $2 and state = 'launching' order by id limit 10000 for share";

    // Reads the index of contact_once.
    const string Select = """
        select c.id, c.email, c.first_name, c.last_name, c.company, '{}'::jsonb, c.is_role, c.is_consumer, c.source, c.created_at,
          c.country, c.is_country_presumed, c.zone, c.recipient_kind, c.basis, c.evidence, c.obtained_on, c.expires_on, c.withdrawn_at
        from campaigns.contact c
        where c.tenant_id = $1 and c.workspace_id = $2 and c.email = any($3)
        limit 5000
        """;

    /// <param name="emails">Normal form; at most 5,000.</param>
    public static async Task Within(TenantTx tx, WorkspaceId workspace, string[] emails, DateTimeOffset now, CancellationToken ct)
    {
        await tx.Execute(AwaitLaunches, ct, tx.Tenant, workspace);
        var contacts = await tx.List(Select, Contact.Read, ct, tx.Tenant, workspace, emails);
        await RefreshRecipients.Within(tx, contacts.ConvertAll(contact => new RefreshRecipients.Change(contact.Id.Value, contact.Email, contact.Facts())), now, ct);
    }
}
