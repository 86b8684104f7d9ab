using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Mailboxes.AppPasswords;

/// <summary>The app passwords of a mailbox: what they are for and since when, never their values.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c> or <c>mailbox.not_found</c>.</remarks>
public static class ListAppPasswords
{
    const string Select = """
        select id, mailbox_id, label, created_at
        from fleet.app_password
        where tenant_id = $1 and mailbox_id = $2
        order by id
        limit 10
        """;

    public static async Task<Result<Page<AppPassword>>> Handle(Actor actor, MailboxId id, TenantDb db, CancellationToken ct)
    {
        var mailbox = await ListMailboxes.One(actor, id, db, ct);
        if (mailbox.Problem is { } refused) return refused;
        await using var tx = await db.Begin(actor.Tenant, ct);
        return new Page<AppPassword>(await tx.List(Select, AppPassword.Read, ct, actor.Tenant, id), null);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/mailboxes/{id}/app-passwords",
        async (Actor actor, MailboxId id, TenantDb db, CancellationToken ct) => (await Handle(actor, id, db, ct)).ToHttp());
}
