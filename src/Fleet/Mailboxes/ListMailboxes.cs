using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Mailboxes;

/// <summary>The workspace's mailboxes, newest first, and one of them by id.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>cursor.invalid</c> or <c>mailbox.not_found</c>.</remarks>
public static class ListMailboxes
{
    public sealed record Input(string? Cursor = null, int? Limit = null);

    public static readonly Problem NotFound = new(ProblemKind.NotFound, "mailbox.not_found", "There is no such mailbox in this workspace.");

    const string Select = """
        select id, workspace_id, domain_id, address, display_name, state, smtp_host, smtp_port, smtp_security, smtp_user, imap_host, imap_port, imap_security, imap_user,
          daily_cap, gap_seconds, connections_max, tested_at, test_ok, created_at, server_id, quota_mb, hourly_limit, auth, consent_lost_at
        from fleet.mailbox
        where tenant_id = $1 and workspace_id = $2 and ($3::uuid is null or id < $3)
        order by id desc
        limit $4
        """;

    const string SelectOne = """
        select id, workspace_id, domain_id, address, display_name, state, smtp_host, smtp_port, smtp_security, smtp_user, imap_host, imap_port, imap_security, imap_user,
          daily_cap, gap_seconds, connections_max, tested_at, test_ok, created_at, server_id, quota_mb, hourly_limit, auth, consent_lost_at
        from fleet.mailbox
        where tenant_id = $1 and workspace_id = $2 and id = $3
        """;

    public static async Task<Result<Page<Mailbox>>> Handle(Actor actor, Input input, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesRead)) return Actor.Forbidden(Permissions.MailboxesRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        if (!Cursor.TryDecodeId(input.Cursor, out var after)) return Cursor.Broken;
        var limit = Cursor.Limit(input.Limit);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return Page<Mailbox>.Of(await tx.List(Select, Mailbox.Read, ct, actor.Tenant, workspace, after, limit + 1), limit, row => row.Id.Value.ToString("N"));
    }

    public static async Task<Result<Mailbox>> One(Actor actor, MailboxId id, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesRead)) return Actor.Forbidden(Permissions.MailboxesRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        var found = await tx.Maybe(SelectOne, Mailbox.Read, ct, actor.Tenant, workspace, id);
        return found is null ? NotFound : found;
    }

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/mailboxes", async (Actor actor, string? cursor, int? limit, TenantDb db, CancellationToken ct) =>
            (await Handle(actor, new Input(cursor, limit), db, ct)).ToHttp());
        api.MapGet("/mailboxes/{id}", async (Actor actor, MailboxId id, TenantDb db, CancellationToken ct) => (await One(actor, id, db, ct)).ToHttp());
    }
}
