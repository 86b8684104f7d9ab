using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Mailboxes;

/// <summary>Whose mailbox an address is. For the edge, before a tenant is known.</summary>
public static class FindMailboxRoute
{
    public sealed record Route(TenantId Tenant, MailboxId Mailbox);

    const string Select = "select tenant_id, mailbox_id from fleet.mailbox_route where address = $1";

    /// <param name="address">Normal form.</param>
    public static async Task<Route?> Handle(string address, TenantDb db, CancellationToken ct)
    {
        await using var tx = await db.BeginUnscoped(ct);
        return await tx.Maybe(Select, row => new Route(new(row.GetGuid(0)), new(row.GetGuid(1))), ct, address);
    }
}
