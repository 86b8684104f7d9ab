using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Mailboxes.Sharing;

/// <summary>Ends what another workspace may do with a mailbox. Publishes <see cref="MailboxUnshared"/>, upon which its running campaigns are paused. Doing it twice changes nothing.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c> or <c>mailbox.not_found</c>.</remarks>
public static class UnshareMailbox
{
    public sealed record Input(WorkspaceId WorkspaceId);

    const string Lock = "select address from fleet.mailbox where tenant_id = $1 and workspace_id = $2 and id = $3 for update";

    const string Delete = "delete from fleet.mailbox_share where tenant_id = $1 and mailbox_id = $2 and workspace_id = $3";

    public static async Task<Result<Done>> Handle(Actor actor, MailboxId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Maybe(Lock, row => row.GetString(0), ct, actor.Tenant, workspace, id) is null) return ListMailboxes.NotFound;
        if (await tx.Execute(Delete, ct, actor.Tenant, id, input.WorkspaceId) == 0) return default(Done);
        await tx.Publish(new MailboxUnshared(input.WorkspaceId, id), now, ct);
        await tx.Append(actor, "mailbox.unshared", id.ToString(), new { workspace = input.WorkspaceId }, now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/mailboxes/{id}/unshare",
        async (Actor actor, MailboxId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, input, db, clock, ct)).ToHttp());
}
