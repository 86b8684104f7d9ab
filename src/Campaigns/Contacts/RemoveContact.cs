using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Campaigns.Contacts;

/// <summary>Removes a contact and its list memberships. Suppressions of the address and the ledger of what was sent stay.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c> or <c>contact.not_found</c>.</remarks>
public static class RemoveContact
{
    const string DeleteMembers = """
        with gone as (
          delete from campaigns.list_member where tenant_id = $1 and contact_id = $2
          returning list_id)
        update campaigns.list l
        set contacts = l.contacts - 1
        from gone
        where l.tenant_id = $1 and l.id = gone.list_id
        """;

    const string Delete = "delete from campaigns.contact where tenant_id = $1 and workspace_id = $2 and id = $3";

    public static async Task<Result<Done>> Handle(Actor actor, ContactId id, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ContactsWrite)) return Actor.Forbidden(Permissions.ContactsWrite);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Execute(Delete, ct, actor.Tenant, workspace, id) == 0) return ContactLimits.NotFound;
        await tx.Execute(DeleteMembers, ct, actor.Tenant, id);
        await tx.Append(actor, "contact.removed", id.ToString(), new { }, clock.GetUtcNow(), ct);
        await tx.Commit(ct);
        return default(Done);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapDelete("/contacts/{id}",
        async (Actor actor, ContactId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, db, clock, ct)).ToHttp());
}
