using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Mailboxes.Aliases;

/// <summary>Takes an alias away: mail to its address is refused once the server has learned of it.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c> or <c>alias.not_found</c>.</remarks>
public static class RemoveAlias
{
    const string Delete = "delete from fleet.mailbox_alias where tenant_id = $1 and id = $2";

    public static async Task<Result<Done>> Handle(Actor actor, AliasId id, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await ListAliases.Within(tx, workspace, id, ct) is not { } was) return Alias.NotFound;
        var now = clock.GetUtcNow();
        if (await tx.Execute(Delete, ct, actor.Tenant, id) == 0) return Alias.NotFound;
        // Of a domain that no server carries any more there is nobody to tell.
        if ((await HostedDomain.Hold(tx, workspace, was.DomainId, ct)) is { IsOk: true } held) await held.Value.Follow(tx, now, ct);
        await tx.Append(actor, "alias.removed", id.ToString(), new { domain = was.DomainId }, now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapDelete("/aliases/{id}",
        async (Actor actor, AliasId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, db, clock, ct)).ToHttp());
}
