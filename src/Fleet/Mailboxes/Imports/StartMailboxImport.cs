using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;

namespace PenguinMails.Fleet.Mailboxes.Imports;

/// <summary>Begins to connect the good rows of an upload, as a job that can be watched and cancelled.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>mailbox_import.not_found</c> or <c>mailbox_import.started</c>.</remarks>
public static class StartMailboxImport
{
    const string Update = "update fleet.mailbox_import set state = 'running', job_id = $3 where tenant_id = $1 and id = $2 and state = 'uploaded'";

    public static async Task<Result<MailboxImport>> Handle(Actor actor, MailboxImportId id, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await MailboxImport.Find(tx, workspace, id, ct) is null) return MailboxImport.NotFound;
        var now = clock.GetUtcNow();
        var job = await tx.Enqueue(new JobOrder<ConnectImported.Order>(ConnectImported.Kind, new(id, workspace)) { UniqueKey = id.Value.ToString("N"), AttemptsMax = ConnectImported.AttemptsMax }, now, ct);
        if (await tx.Execute(Update, ct, actor.Tenant, id, job) == 0)
            return new Problem(ProblemKind.Conflict, "mailbox_import.started", "This import was started already, or is over. Upload the file again to import it again.");
        await tx.Append(actor, "mailbox_import.started", id.ToString(), new { }, now, ct);
        var started = await MailboxImport.Find(tx, workspace, id, ct);
        await tx.Commit(ct);
        return started is null ? MailboxImport.NotFound : started;
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/mailbox-imports/{id}/start",
        async (Actor actor, MailboxImportId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, db, clock, ct)).ToHttp());
}
