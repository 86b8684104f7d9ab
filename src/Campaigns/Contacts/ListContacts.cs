using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Campaigns.Lists;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Campaigns.Contacts;

/// <summary>Contacts of the workspace: newest first, or by address when searching.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>cursor.invalid</c> or <c>contact.not_found</c>.</remarks>
public static class ListContacts
{
    /// <param name="Search">Start of the address, at most 254 characters.</param>
    public sealed record Input(string? Search = null, ListId? List = null, string? Cursor = null, int? Limit = null);

    // Reads index contact_newest backwards from the cursor.
    const string SelectNewest = """
        select c.id, c.email, c.first_name, c.last_name, c.company, c.attributes, c.is_role, c.is_consumer, c.source, c.created_at,
          c.country, c.is_country_presumed, c.zone, c.recipient_kind, c.basis, c.evidence, c.obtained_on, c.expires_on, c.withdrawn_at
        from campaigns.contact c
        where c.tenant_id = $1 and c.workspace_id = $2 and ($3::uuid is null or c.id < $3)
        order by c.id desc
        limit $4
        """;

    // Reads the primary key of list_member backwards.
    const string SelectMembers = """
        select c.id, c.email, c.first_name, c.last_name, c.company, c.attributes, c.is_role, c.is_consumer, c.source, c.created_at,
          c.country, c.is_country_presumed, c.zone, c.recipient_kind, c.basis, c.evidence, c.obtained_on, c.expires_on, c.withdrawn_at
        from campaigns.list_member m
        join campaigns.contact c on c.tenant_id = m.tenant_id and c.id = m.contact_id and c.workspace_id = $2
        where m.tenant_id = $1 and m.list_id = $5 and ($3::uuid is null or m.contact_id < $3)
        order by m.contact_id desc
        limit $4
        """;

    // Reads the index of contact_once as a range; the column's collation is C, so a prefix is a range.
    const string SelectByAddress = """
        select c.id, c.email, c.first_name, c.last_name, c.company, c.attributes, c.is_role, c.is_consumer, c.source, c.created_at,
          c.country, c.is_country_presumed, c.zone, c.recipient_kind, c.basis, c.evidence, c.obtained_on, c.expires_on, c.withdrawn_at
        from campaigns.contact c
        where c.tenant_id = $1 and c.workspace_id = $2 and c.email >= $3 and c.email < $4 and c.email > $5
          and ($7::uuid is null or exists (
            select 1 from campaigns.list_member m where m.tenant_id = c.tenant_id and m.list_id = $7 and m.contact_id = c.id))
        order by c.email
        limit $6
        """;

    const string SelectOne = """
        select id, email, first_name, last_name, company, attributes, is_role, is_consumer, source, created_at,
          country, is_country_presumed, zone, recipient_kind, basis, evidence, obtained_on, expires_on, withdrawn_at
        from campaigns.contact
        where tenant_id = $1 and workspace_id = $2 and id = $3
        """;

    public static async Task<Result<Page<Contact>>> Handle(Actor actor, Input input, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ContactsRead)) return Actor.Forbidden(Permissions.ContactsRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        var limit = Cursor.Limit(input.Limit);
        if (!string.IsNullOrWhiteSpace(input.Search)) return await ByAddress(actor, workspace, input, limit, db, ct);
        if (!Cursor.TryDecodeId(input.Cursor, out var after)) return Cursor.Broken;
        await using var tx = await db.Begin(actor.Tenant, ct);
        var rows = input.List is { } list
            ? await tx.List(SelectMembers, Contact.Read, ct, actor.Tenant, workspace, after, limit + 1, list)
            : await tx.List(SelectNewest, Contact.Read, ct, actor.Tenant, workspace, after, limit + 1);
        return Page<Contact>.Of(rows, limit, row => row.Id.Value.ToString("N"));
    }

    public static async Task<Result<Contact>> One(Actor actor, ContactId id, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ContactsRead)) return Actor.Forbidden(Permissions.ContactsRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        var found = await tx.Maybe(SelectOne, Contact.Read, ct, actor.Tenant, workspace, id);
        return found is null ? ContactLimits.NotFound : found;
    }

    static async Task<Result<Page<Contact>>> ByAddress(Actor actor, WorkspaceId workspace, Input input, int limit, TenantDb db, CancellationToken ct)
    {
        if (!Cursor.TryDecode(input.Cursor, out var after)) return Cursor.Broken;
        var start = (input.Search ?? "").Trim().ToLowerInvariant();
        if (start.Length > 254 || start.Contains('\0', StringComparison.Ordinal)) return new Page<Contact>([], null);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var rows = await tx.List(SelectByAddress, Contact.Read, ct, actor.Tenant, workspace, start, start + '\uffff', after ?? "", limit + 1, input.List);
        return Page<Contact>.Of(rows, limit, row => row.Email);
    }

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/contacts", async (Actor actor, string? search, ListId? list, string? cursor, int? limit, TenantDb db, CancellationToken ct) =>
            (await Handle(actor, new Input(search, list, cursor, limit), db, ct)).ToHttp());
        api.MapGet("/contacts/{id}", async (Actor actor, ContactId id, TenantDb db, CancellationToken ct) => (await One(actor, id, db, ct)).ToHttp());
    }
}
