using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Mailboxes;

/// <summary>A paused mailbox may send again.</summary>
public sealed record MailboxResumed(WorkspaceId Workspace, MailboxId Mailbox);

/// <summary>Stops a mailbox from sending, and lets it send again. What is queued waits. Doing it twice changes nothing.</summary>
/// <remarks>Resuming publishes <see cref="MailboxResumed"/>. Refuses with <c>permission.missing</c>, <c>workspace.missing</c> or <c>mailbox.not_found</c>.</remarks>
public static class PauseMailbox
{
    const string Lock = "select state from fleet.mailbox where tenant_id = $1 and workspace_id = $2 and id = $3 for update";

    const string Save = "update fleet.mailbox set state = $3 where tenant_id = $1 and id = $2";

    public static Task<Result<Done>> Handle(Actor actor, MailboxId id, TenantDb db, TimeProvider clock, CancellationToken ct) => Set(actor, id, "paused", db, clock, ct);

    public static Task<Result<Done>> Resume(Actor actor, MailboxId id, TenantDb db, TimeProvider clock, CancellationToken ct) => Set(actor, id, "active", db, clock, ct);

    static async Task<Result<Done>> Set(Actor actor, MailboxId id, string state, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Maybe(Lock, row => row.GetString(0), ct, actor.Tenant, workspace, id) is not { } was) return ListMailboxes.NotFound;
        if (was == state) return default(Done);
        var now = clock.GetUtcNow();
        await tx.Execute(Save, ct, actor.Tenant, id, state);
        if (state == "active") await tx.Publish(new MailboxResumed(workspace, id), now, ct);
        await tx.Append(actor, state == "active" ? "mailbox.resumed" : "mailbox.paused", id.ToString(), new { was }, now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/mailboxes/{id}/pause", async (Actor actor, MailboxId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, db, clock, ct)).ToHttp());
        api.MapPost("/mailboxes/{id}/resume", async (Actor actor, MailboxId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Resume(actor, id, db, clock, ct)).ToHttp());
    }
}
