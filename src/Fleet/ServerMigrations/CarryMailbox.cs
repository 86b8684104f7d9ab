using PenguinMails.Core;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Imap;
using PenguinMails.Mail.Smtp;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Fleet.ServerMigrations;

/// <summary>Puts what lies in a mailbox on the old server, and not yet on the new one, there: over IMAP, with folders, flags and dates. Takes nothing away.</summary>
/// <remarks>Refuses with <c>server_migration.old_unreachable</c>, <see cref="NewUnreachable"/>, or as the secret store does.</remarks>
static class CarryMailbox
{
    public const string NewUnreachable = "server_migration.new_unreachable";

    const int NoteEvery = 50; // Messages between two words to whoever looks.
    static readonly TimeSpan Step = TimeSpan.FromSeconds(30);

    const string Save = """
        update fleet.server_migration_mailbox
        set messages = messages + $4, octets = octets + $5, problem = $6, compared_at = coalesce($7, compared_at)
        where tenant_id = $1 and migration_id = $2 and mailbox_id = $3
        """;

    public static async Task<Result<Done>> Run(MigrationDesk desk, MovingMailbox mailbox, CancellationToken ct)
    {
        var begun = desk.Now;
        await desk.Seen($"Comparing {mailbox.Address} on both servers");
        var access = SecretAccess.Job(desk.Actor.Tenant, "migration of a server", AdvanceServerMigration.Kind);
        var opened = await OpenMailbox.Imap(access, desk.Workspace, mailbox.Id, desk.Db, desk.Tools.Secrets, ct);
        if (opened.Problem is { } unread) return unread;
        var copied = await Copy(desk, mailbox, opened.Value.Server, opened.Value.LogIn, ct);
        var problem = copied.Outcome.Kind == ImapKind.Works ? null : copied.IsOfTarget
            ? Refused(NewUnreachable, desk.Migration.ToHostName, mailbox, copied.Outcome)
            : Refused("server_migration.old_unreachable", desk.Migration.FromHostName, mailbox, copied.Outcome);
        var left = copied.TooLarge > 0 ? $"{copied.TooLarge:N0} {(copied.TooLarge == 1 ? "message is" : "messages are")} larger than 64 MB and stay on the old server." : "";
        await using var tx = await desk.Db.Begin(desk.Actor.Tenant, ct);
        await tx.Execute(Save, ct, desk.Actor.Tenant, desk.Migration.Id, mailbox.Id, (long)copied.Messages, copied.Octets, problem?.Detail ?? left, problem is null ? begun : null);
        await tx.Commit(ct);
        return problem is null ? default(Done) : problem;
    }

    static async Task<ImapCopyResult> Copy(MigrationDesk desk, MovingMailbox mailbox, ServerSettings server, SmtpCredentials logIn, CancellationToken ct)
    {
        var (from, notReached) = await Open(desk, server with { Host = desk.Migration.FromHostName }, logIn, ct);
        if (from is null) return new ImapCopyResult(notReached, false, 0, 0, 0);
        await using var source = from;
        var (to, closed) = await Open(desk, server with { Host = desk.Migration.ToHostName }, logIn, ct);
        if (to is null) return new ImapCopyResult(closed, true, 0, 0, 0);
        await using var target = to;
        var copied = await ImapCopy.Run(source, target, async (so, _) =>
        {
            if (so.Messages % NoteEvery == 0) await desk.Seen($"{mailbox.Address}: {so.Messages:N0} messages carried, now in {so.Folder}");
        }, ct);
        await source.LogOut(ct);
        await target.LogOut(ct);
        return copied;
    }

    static async Task<(ImapConnection? Connection, ImapOutcome Outcome)> Open(MigrationDesk desk, ServerSettings server, SmtpCredentials logIn, CancellationToken ct)
    {
        try
        {
            var opening = await ImapConnection.Open(OpenMailbox.ImapSettings(server, logIn) with { Timeout = Step }, desk.Tools.Outbound.Connect, desk.Clock, ct);
            return (opening.Connection, opening.Outcome);
        }
        catch (OutboundRefused forbidden)
        {
            return (null, new ImapOutcome(ImapStage.Connect, ImapKind.ConnectionLost, null, forbidden.Message));
        }
    }

    static Problem Refused(string code, string host, MovingMailbox mailbox, ImapOutcome outcome) =>
        new(ProblemKind.Unavailable, code, $"{host} does not let {mailbox.Address} be carried over: {outcome.Text}");
}
