using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Mailboxes;

/// <summary>The addresses of the tenant's mailboxes by id, for pages that name them by the paths of their secrets.</summary>
/// <remarks>Refuses with <c>permission.missing</c>.</remarks>
public static class NameMailboxes
{
    const string Select = "select id, address from fleet.mailbox where tenant_id = $1 limit 10000";

    /// <returns>Addresses by id, such as <c>mbx_…</c>.</returns>
    public static async Task<Result<IReadOnlyDictionary<string, string>>> Handle(Actor actor, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesRead)) return Actor.Forbidden(Permissions.MailboxesRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var named = await tx.List(Select, row => (Id: new MailboxId(row.GetGuid(0)).ToString(), Address: row.GetString(1)), ct, actor.Tenant);
        return Result<IReadOnlyDictionary<string, string>>.Of(named.ToDictionary(one => one.Id, one => one.Address));
    }
}
