using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Servers;
using PenguinMails.Secrets.Entries;
using PenguinMails.Secrets.Rotations;

namespace PenguinMails.Fleet.Mailboxes;

/// <summary>Takes the new version of a mailbox's password when one was written or a rotation made it current, and the old one's successor when it was rolled back.</summary>
static class FollowSecret
{
    const string Smtp = "update fleet.mailbox set smtp_secret_version = $3 where tenant_id = $1 and id = $2 and smtp_secret_version < $3";

    const string Imap = "update fleet.mailbox set imap_secret_version = $3 where tenant_id = $1 and id = $2 and imap_secret_version < $3";

    const string FindServer = "select server_id, workspace_id from fleet.mailbox where tenant_id = $1 and id = $2 and server_id is not null";

    public static Task Written(SecretWritten written, JobRun run, CancellationToken ct) => Take(written.Path, written.Version, run, ct);

    public static Task Promoted(SecretPromoted promoted, JobRun run, CancellationToken ct) => Take(promoted.Path, promoted.NewVersion, run, ct);

    public static Task RolledBack(RotationFailed failed, JobRun run, CancellationToken ct) => Take(failed.Path, failed.CurrentVersion, run, ct);

    // Versions only grow, so events may come twice and in any order.
    static async Task Take(string path, int version, JobRun run, CancellationToken ct)
    {
        if (MailboxSecrets.Find(path) is not { } place) return;
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        var isNew = await tx.Execute(place.IsSmtp ? Smtp : Imap, ct, run.Tenant, place.Id, version) > 0;
        if (isNew) await Tell(tx, place.Id, run.Need<TimeProvider>().GetUtcNow(), ct);
        await tx.Commit(ct);
    }

    /// <summary>A server of ours learns of a new password. In the caller's transaction.</summary>
    static async Task Tell(TenantTx tx, MailboxId id, DateTimeOffset now, CancellationToken ct)
    {
        if ((await tx.List(FindServer, row => (Server: new ServerId(row.GetGuid(0)), Workspace: new WorkspaceId(row.GetGuid(1))), ct, tx.Tenant, id)) is [var host])
            await ApplyStack.Enqueue(tx, host.Workspace, host.Server, now, ct);
    }
}
