using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Mailboxes.Sharing;

/// <summary>With which workspaces a mailbox is shared, for the workspace it belongs to. Who is confined to one is told of no other.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c> or <c>mailbox.not_found</c>.</remarks>
public static class ListShares
{
    const string Select = """
        select workspace_id, may_send, may_read, shared_at
        from fleet.mailbox_share
        where tenant_id = $1 and mailbox_id = $2 and ($3::uuid is null or workspace_id = $3)
        order by workspace_id
        limit 1000
        """;

    const string SelectOwner = """
        select m.workspace_id
        from fleet.mailbox m
        where m.tenant_id = $1 and m.id = $3
          and (m.workspace_id = $2 or exists (select 1 from fleet.mailbox_share s where s.tenant_id = $1 and s.mailbox_id = m.id and s.workspace_id = $2 and s.may_read))
        """;

    public static async Task<Result<Page<MailboxShare>>> Handle(Actor actor, MailboxId id, TenantDb db, CancellationToken ct)
    {
        var mailbox = await ListMailboxes.One(actor, id, db, ct);
        if (mailbox.Problem is { } refused) return refused;
        await using var tx = await db.Begin(actor.Tenant, ct);
        return new Page<MailboxShare>(await tx.List(Select, MailboxShare.Read, ct, actor.Tenant, id, actor.ConfinedTo(Permissions.MailboxesRead)), null);
    }

    /// <summary>The workspace a mailbox belongs to, for another that may read it or for itself; null for everybody else.</summary>
    internal static async Task<WorkspaceId?> OwnerForReading(TenantTx tx, WorkspaceId workspace, MailboxId id, CancellationToken ct) =>
        (await tx.List(SelectOwner, row => (WorkspaceId?)new WorkspaceId(row.GetGuid(0)), ct, tx.Tenant, workspace, id)).SingleOrDefault();

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/mailboxes/{id}/shares",
        async (Actor actor, MailboxId id, TenantDb db, CancellationToken ct) => (await Handle(actor, id, db, ct)).ToHttp());
}
