using PenguinMails.Core;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Servers;
using PenguinMails.Fleet.Walks;
using PenguinMails.Mail.Imap;
using PenguinMails.Secrets.Store;
using Server = PenguinMails.Fleet.Servers.Server;

namespace PenguinMails.Fleet.ServerMigrations.Steps;

/// <summary>Every mailbox lets us in on the new server; from here on mail leaves from there. One transaction, so nothing is ever in between.</summary>
static class SwitchStep
{
    static readonly TimeSpan Again = TimeSpan.FromSeconds(5), LogInMax = TimeSpan.FromSeconds(15);

    const string MoveMailboxes = "update fleet.mailbox set server_id = $3, smtp_host = $4, imap_host = $4 where tenant_id = $1 and server_id = $2";

    const string SaveSwitch = "update fleet.server_migration set switched_at = $3 where tenant_id = $1 and id = $2 and switched_at is null and state = 'running'";

    public static async Task<StepOutcome> Run(MigrationDesk desk, CancellationToken ct)
    {
        if (desk.Migration.SwitchedAt is null)
        {
            var stack = await StackStep.Run(desk, "", ct);
            if (stack.State != "done") return stack;
            if (await LogIn(desk, ct) is { } closed) return closed;
            if (await Switch(desk, ct) is { } refused) return refused;
        }

        return StepOutcome.Done($"Mail leaves from {desk.Migration.ToHostName} now.");
    }

    static async Task<StepOutcome?> LogIn(MigrationDesk desk, CancellationToken ct)
    {
        foreach (var mailbox in desk.Migration.Mailboxes)
        {
            await desk.Seen($"Logging in to {mailbox.Address} on {desk.Migration.ToHostName}");
            var opened = await OpenMailbox.Imap(SecretAccess.Job(desk.Actor.Tenant, "migration of a server", AdvanceServerMigration.Kind), desk.Workspace, mailbox.Id, desk.Db, desk.Tools.Secrets, ct);
            if (opened.Problem is { } unread) return StepOutcome.Of(unread);
            var options = OpenMailbox.ImapSettings(opened.Value.Server with { Host = desk.Migration.ToHostName }, opened.Value.LogIn) with { Timeout = LogInMax };
            var test = await ImapTest.Run(options, desk.Tools.Outbound.Connect, desk.Clock, ct);
            if (test.Outcome.Kind != ImapKind.Works) return StepOutcome.Waiting($"{desk.Migration.ToHostName} does not let us into {mailbox.Address} yet: {test.Outcome.Text}", Again);
        }

        return null;
    }

    static async Task<StepOutcome?> Switch(MigrationDesk desk, CancellationToken ct)
    {
        var migration = desk.Migration;
        var domains = await desk.Domains(ct);
        await using var tx = await desk.Db.Begin(desk.Actor.Tenant, ct);
        if (await Server.Find(tx, desk.Workspace, desk.Server, ct) is not { } server) return StepOutcome.Of(Server.NotFound);
        // Somebody may have cancelled meanwhile; then the next look finds that.
        if (await tx.Execute(SaveSwitch, ct, desk.Actor.Tenant, migration.Id, desk.Now) == 0) return StepOutcome.Waiting("Looking again", TimeSpan.Zero);
        foreach (var domain in domains)
        {
            if (await ListDomains.Within(tx, desk.Workspace, domain.Id, ct) is not { } detail) return StepOutcome.Of(ListDomains.NotFound);
            await AssignServer.Within(tx, detail.Domain, server, desk.Tools.Box, desk.Tools.Hosts, desk.Now, ct);
        }

        await tx.Execute(MoveMailboxes, ct, desk.Actor.Tenant, migration.FromServerId, server.Id, server.HostName);
        await tx.Append(desk.Actor, "server_migration.switched", migration.Id.ToString(), new { from = migration.FromHostName, to = server.HostName }, desk.Now, ct);
        await tx.Commit(ct);
        return null;
    }
}
