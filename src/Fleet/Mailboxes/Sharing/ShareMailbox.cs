using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Mailboxes.Sharing;

/// <summary>Another workspace may not send from this mailbox any more.</summary>
public sealed record MailboxUnshared(WorkspaceId Workspace, MailboxId Mailbox);

/// <summary>What another workspace of the account may do with a mailbox. Its settings and secrets stay with the workspace it belongs to.</summary>
/// <param name="MaySend">Campaigns of that workspace may leave from it, under its one cap and pace.</param>
/// <param name="MayRead">People of that workspace may look into its inbox.</param>
public sealed record MailboxShare(WorkspaceId WorkspaceId, bool MaySend, bool MayRead, DateTimeOffset SharedAt)
{
    internal static MailboxShare Read(NpgsqlDataReader row) => new(new(row.GetGuid(0)), row.GetBoolean(1), row.GetBoolean(2), row.GetFieldValue<DateTimeOffset>(3));
}

/// <summary>Lets another workspace of the same account use a mailbox, or changes what it may do. Publishes <see cref="MailboxUnshared"/> when it may send no more.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>mailbox.not_found</c>, <c>mailbox.share_invalid</c> or <c>workspace.not_found</c>, the last also for workspaces the actor has no part in.</remarks>
public static class ShareMailbox
{
    public sealed record Input(WorkspaceId WorkspaceId, bool MaySend = true, bool MayRead = false);

    const string Lock = "select address from fleet.mailbox where tenant_id = $1 and workspace_id = $2 and id = $3 for update";

    const string Find = "select workspace_id, may_send, may_read, shared_at from fleet.mailbox_share where tenant_id = $1 and mailbox_id = $2 and workspace_id = $3";

    const string Upsert = """
        insert into fleet.mailbox_share (tenant_id, mailbox_id, workspace_id, may_send, may_read, shared_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (tenant_id, mailbox_id, workspace_id) do update
        set may_send = excluded.may_send, may_read = excluded.may_read
        """;

    public static async Task<Result<MailboxShare>> Handle(Actor actor, MailboxId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        if (!input.MaySend && !input.MayRead) return Problem.Invalid("mailbox.share_invalid", new FieldProblem("may_send", "Let it send, or read the inbox, or both. To take both away, end the sharing."));
        if (input.WorkspaceId == workspace) return Problem.Invalid("mailbox.share_invalid", new FieldProblem("workspace_id", "The mailbox belongs to this workspace already. Choose another one."));
        if (!await Reaches(actor, input.WorkspaceId, db, ct)) return new Problem(ProblemKind.NotFound, "workspace.not_found", "There is no such workspace in this account, or you have no part in it.");

        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Maybe(Lock, row => row.GetString(0), ct, actor.Tenant, workspace, id) is null) return ListMailboxes.NotFound;
        var was = await tx.Maybe(Find, MailboxShare.Read, ct, actor.Tenant, id, input.WorkspaceId);
        await tx.Execute(Upsert, ct, actor.Tenant, id, input.WorkspaceId, input.MaySend, input.MayRead, now);
        if (was is { MaySend: true } && !input.MaySend) await tx.Publish(new MailboxUnshared(input.WorkspaceId, id), now, ct);
        await tx.Append(actor, "mailbox.shared", id.ToString(), new { workspace = input.WorkspaceId, input.MaySend, input.MayRead }, now, ct);
        await tx.Commit(ct);
        return new MailboxShare(input.WorkspaceId, input.MaySend, input.MayRead, was?.SharedAt ?? now);
    }

    static async Task<bool> Reaches(Actor actor, WorkspaceId wanted, TenantDb db, CancellationToken ct)
    {
        var cursor = (string?)null;
        do
        {
            var page = await ListWorkspaces.Handle(actor, cursor, Cursor.LimitMax, db, ct);
            if (!page.IsOk) return false;
            if (page.Value.Items.Any(one => one.Id == wanted && one.ArchivedAt is null)) return true;
            cursor = page.Value.NextCursor;
        }
        while (cursor is not null);
        return false;
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/mailboxes/{id}/share",
        async (Actor actor, MailboxId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, input, db, clock, ct)).ToHttp());
}
