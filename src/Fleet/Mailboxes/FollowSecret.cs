using PenguinMails.Core.Jobs;
using PenguinMails.Secrets.Entries;
using PenguinMails.Secrets.Rotations;

namespace PenguinMails.Fleet.Mailboxes;

/// <summary>Takes the new version of a mailbox's password when one was written or a rotation made it current, and the old one's successor when it was rolled back.</summary>
static class FollowSecret
{
    const string Smtp = "update fleet.mailbox set smtp_secret_version = $3 where tenant_id = $1 and id = $2 and smtp_secret_version < $3";

    const string Imap = "update fleet.mailbox set imap_secret_version = $3 where tenant_id = $1 and id = $2 and imap_secret_version < $3";

    public static Task Written(SecretWritten written, JobRun run, CancellationToken ct) => Take(written.Path, written.Version, run, ct);

    public static Task Promoted(SecretPromoted promoted, JobRun run, CancellationToken ct) => Take(promoted.Path, promoted.NewVersion, run, ct);

    public static Task RolledBack(RotationFailed failed, JobRun run, CancellationToken ct) => Take(failed.Path, failed.CurrentVersion, run, ct);

    // Versions only grow, so events may come twice and in any order.
    static async Task Take(string path, int version, JobRun run, CancellationToken ct)
    {
        if (MailboxSecrets.Find(path) is not { } place) return;
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        await tx.Execute(place.IsSmtp ? Smtp : Imap, ct, run.Tenant, place.Id, version);
        await tx.Commit(ct);
    }
}
