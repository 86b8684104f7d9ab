using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Mailboxes.AppPasswords;
using PenguinMails.Fleet.Servers;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Fleet.Mailboxes;

/// <summary>Removes a paused mailbox with its secrets; mail that comes to its address is refused from then on. One on a server of ours goes from there with the mail it holds; the consent of one at Google is given back there, as well as it goes.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>mailbox.not_found</c> or <c>mailbox.not_paused</c>.</remarks>
public static class RemoveMailbox
{
    sealed record Found(string Address, string State, Guid? Server, MailboxAuth Auth);

    const string Lock = "select address, state, server_id, auth from fleet.mailbox where tenant_id = $1 and workspace_id = $2 and id = $3 for update";

    const string SelectApps = "select id from fleet.app_password where tenant_id = $1 and mailbox_id = $2 order by id limit 10";

    const string Delete = "delete from fleet.mailbox where tenant_id = $1 and id = $2";

    const string DeleteRoute = "delete from fleet.mailbox_route where address = $1 and tenant_id = $2 and mailbox_id = $3";

    public static async Task<Result<Done>> Handle(Actor actor, MailboxId id, TenantDb db, MailboxSecrets secrets, string source, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Maybe(Lock, row => new Found(row.GetString(0), row.GetString(1), row.Maybe<Guid>(2), Mailbox.AuthOf(row.GetString(3))), ct, actor.Tenant, workspace, id) is not { } mailbox) return ListMailboxes.NotFound;
        if (mailbox.State != "paused")
            return new Problem(ProblemKind.Conflict, "mailbox.not_paused", $"{mailbox.Address} may be sending right now. Pause it first, then remove it.");
        var apps = await tx.List(SelectApps, row => new AppPasswordId(row.GetGuid(0)), ct, actor.Tenant, id);
        await tx.Execute(DeleteRoute, ct, mailbox.Address, actor.Tenant, id);
        await tx.Execute(Delete, ct, actor.Tenant, id);
        var access = new SecretAccess(actor, "mailbox removed", source);
        var consent = mailbox.Auth == MailboxAuth.Password ? Result<string>.Of("") : await secrets.Tokens.Remove(access, id, ct);
        if ((consent.Problem ?? await secrets.Remove(access, id, apps, ct)) is { } kept) return kept;
        if (mailbox.Server is { } server) await ApplyStack.Enqueue(tx, workspace, new(server), clock.GetUtcNow(), ct);
        await tx.Append(actor, "mailbox.removed", id.ToString(), new { }, clock.GetUtcNow(), ct);
        await tx.Commit(ct);
        // What the provider says to it changes nothing here: the token is erased.
        if (consent.Value.Length > 0 && secrets.Tokens.Settings.Find(mailbox.Auth) is { } provider) await secrets.Tokens.Endpoint.Revoke(provider, consent.Value, ct);
        return default(Done);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapDelete("/mailboxes/{id}",
        async (HttpContext http, Actor actor, MailboxId id, TenantDb db, MailboxSecrets secrets, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, id, db, secrets, SecretAccess.Of(http), clock, ct)).ToHttp());
}
