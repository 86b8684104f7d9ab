using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Servers;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Fleet.Mailboxes.AppPasswords;

/// <summary>Takes an app password away: once the server has learned of it, whoever still uses it is not let in.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>app_password.not_found</c>, or as the secret store does.</remarks>
public static class RevokeAppPassword
{
    const string Find = """
        select p.mailbox_id, m.server_id
        from fleet.app_password p
        join fleet.mailbox m on m.tenant_id = p.tenant_id and m.id = p.mailbox_id
        where p.tenant_id = $1 and m.workspace_id = $2 and p.id = $3
        for update of p
        """;

    const string Delete = "delete from fleet.app_password where tenant_id = $1 and id = $2";

    sealed record Found(MailboxId Mailbox, Guid? Server);

    public static async Task<Result<Done>> Handle(Actor actor, AppPasswordId id, TenantDb db, MailboxSecrets secrets, string source, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Maybe(Find, row => new Found(new(row.GetGuid(0)), row.Maybe<Guid>(1)), ct, actor.Tenant, workspace, id) is not { } found) return AppPassword.NotFound;
        var now = clock.GetUtcNow();
        await tx.Execute(Delete, ct, actor.Tenant, id);
        if ((await secrets.ForgetApp(new SecretAccess(actor, "app password revoked", source), found.Mailbox, id, ct)).Problem is { } kept) return kept;
        if (found.Server is { } server) await ApplyStack.Enqueue(tx, workspace, new(server), now, ct);
        await tx.Append(actor, "app_password.revoked", id.ToString(), new { mailbox = found.Mailbox }, now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapDelete("/app-passwords/{id}",
        async (HttpContext http, Actor actor, AppPasswordId id, TenantDb db, MailboxSecrets secrets, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, id, db, secrets, SecretAccess.Of(http), clock, ct)).ToHttp());
}
