using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Campaigns.Lists;

/// <summary>A contact list of the workspace.</summary>
/// <param name="Contacts">Members; kept with the list, because counting a million at each look takes a third of a second.</param>
public sealed record ContactList(ListId Id, string Name, long Contacts, DateTimeOffset CreatedAt);

/// <summary>The workspace's lists by name; at most 500. Refuses with <c>permission.missing</c> or <c>workspace.missing</c>.</summary>
public static class ListLists
{
    const string Select = """
        select l.id, l.name, l.contacts, l.created_at
        from campaigns.list l
        where l.tenant_id = $1 and l.workspace_id = $2
        order by l.name
        limit 500
        """;

    public static async Task<Result<Page<ContactList>>> Handle(Actor actor, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ContactsRead)) return Actor.Forbidden(Permissions.ContactsRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        return new Page<ContactList>(await tx.List(Select,
            row => new ContactList(new(row.GetGuid(0)), row.GetString(1), row.GetInt64(2), row.GetFieldValue<DateTimeOffset>(3)), ct, actor.Tenant, workspace), null);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/lists",
        async (Actor actor, TenantDb db, CancellationToken ct) => (await Handle(actor, db, ct)).ToHttp());
}
