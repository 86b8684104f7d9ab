using System.Net;
using System.Security.Cryptography;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Stacks.Connected;
using PenguinMails.Mail.Imap;
using PenguinMails.Mail.Smtp;
using PenguinMails.Secrets.Rotations;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Fleet.Servers;

/// <summary>How a password of a mailbox on a server of ours changes while mail flows: the server accepts old and new, the new one is proved by a log-in, and only after the overlap the old one goes.</summary>
sealed class RotateMailbox(TenantDb db, MailboxSecrets secrets, Outbound outbound, PlatformHosts hosts, TimeProvider clock)
{
    const int PasswordOctets = 24;
    static readonly TimeSpan StepLimit = TimeSpan.FromSeconds(15);

    const string SelectHost = "select server_id, workspace_id, also_secret_version, smtp_host, smtp_port, imap_host, imap_port, address from fleet.mailbox where tenant_id = $1 and id = $2 and server_id is not null";

    const string SaveAlso = "update fleet.mailbox set also_secret_version = $3 where tenant_id = $1 and id = $2";

    static readonly Problem Foreign = new(ProblemKind.Conflict, "mailbox.not_hosted", "This password belongs to a mailbox of another provider. Change it there, then write the new one here.");

    static readonly Problem Following = new(ProblemKind.Unavailable, "stack.following", "The server is being told of the password.");

    sealed record Host(ServerId Server, WorkspaceId Workspace, int? Also, DnsEndPoint Smtp, DnsEndPoint Imap, string User);

    public Rotator Rotator => new(RotationKinds.HostedMailbox) { Make = Make, Install = Install, Verify = Verify, Retire = Retire, Withdraw = Retire };

    static Task<Result<SecretFields>> Make(SecretPath path, SecretFields old, CancellationToken ct) =>
        Task.FromResult<Result<SecretFields>>(MailboxSecrets.Find(path.Text) is null ? Foreign : MailboxSecrets.Fields(Convert.ToBase64String(RandomNumberGenerator.GetBytes(PasswordOctets))));

    async Task<Result<Done>> Install(RotationCall call, CancellationToken ct)
    {
        if (MailboxSecrets.Find(call.Path.Text) is not { } place || await Find(call.Tenant, place.Id, ct) is not { } host) return Foreign;
        if (await Single(call.Tenant, host, ct) is { } single) return single;
        var access = SecretAccess.Job(call.Tenant, "rotation of a mailbox's password", ApplyStack.Kind);
        var (before, after) = (MailboxSecrets.Password(call.Old), MailboxSecrets.Password(call.New));
        var known = host.Also is { } version ? await secrets.OpenAlso(access, place.Id, version, ct) : Result<IReadOnlyList<string>>.Of([]);
        if (known.Problem is { } unread) return unread;
        if (!known.Value.SequenceEqual([after, before]))
        {
            // The other password of the mailbox may be on its way as well: then this one waits.
            if (known.Value.Count > 0) return Following;
            var kept = await secrets.KeepAlso(access, place.Id, before, after, ct);
            if (kept.Problem is { } unkept) return unkept;
            await Save(call.Tenant, place.Id, kept.Value, ct);
        }

        return await Follow(call.Tenant, host, ct);
    }

    // Where there is room for one password, old and new are never both accepted: mail in flight would be turned away.
    async Task<Problem?> Single(TenantId tenant, Host host, CancellationToken ct)
    {
        await using var tx = await db.Begin(tenant, ct);
        return await Server.Find(tx, host.Workspace, host.Server, ct) is { IsConnected: true, StackKind: { } kind } server && StackApis.AbilitiesOf(kind, server.StackVersion).PasswordsMax == 1
            ? new Problem(ProblemKind.Conflict, "stack.unsupported", $"{server.HostName} holds one password a mailbox, so old and new cannot both be accepted while they change places. Pause {host.User}, give it a new password on its page, for sending and reading alike, and let it go on.")
            : null;
    }

    async Task<Result<Done>> Verify(RotationCall call, CancellationToken ct)
    {
        if (MailboxSecrets.Find(call.Path.Text) is not { } place || await Find(call.Tenant, place.Id, ct) is not { } host) return Foreign;
        var credentials = new SmtpCredentials(host.User, MailboxSecrets.Password(call.New), IsToken: false);
        if (!place.IsSmtp)
        {
            var test = await ImapTest.Run(new ImapOptions { Server = host.Imap, Tls = TlsPolicy.Implicit, Credentials = credentials, Timeout = StepLimit }, outbound.Connect, clock, ct);
            return test.Outcome.Kind == ImapKind.Works ? default(Done) : Unproved(test.Outcome.Text);
        }

        var settings = new SmtpClientOptions { Server = host.Smtp, EhloName = hosts.Mail, Tls = TlsPolicy.Required, Credentials = credentials, Timeouts = SmtpTimeouts.AtMost(StepLimit) };
        var opening = await SmtpConnection.Open(settings, outbound.Connect, clock, ct);
        if (opening.Connection is not { } connection) return Unproved(opening.Refusal?.Text ?? "");
        await using var _ = connection;
        await connection.Quit(ct);
        return default(Done);
    }

    /// <summary>From here on the server accepts what the store calls current, and nothing beside it.</summary>
    async Task<Result<Done>> Retire(RotationCall call, CancellationToken ct)
    {
        if (MailboxSecrets.Find(call.Path.Text) is not { } place || await Find(call.Tenant, place.Id, ct) is not { } host) return default(Done); // Removed meanwhile.
        if (host.Also is not null) await Save(call.Tenant, place.Id, null, ct);
        var followed = await Follow(call.Tenant, host, ct);
        return followed.IsOk ? await secrets.ForgetAlso(SecretAccess.Job(call.Tenant, "rotation of a mailbox's password", ApplyStack.Kind), place.Id, ct) : followed;
    }

    // The machine follows the rows by its own job; until it has, this is tried again.
    async Task<Result<Done>> Follow(TenantId tenant, Host host, CancellationToken ct)
    {
        await using var tx = await db.Begin(tenant, ct);
        if (await Server.Find(tx, host.Workspace, host.Server, ct) is not { } server) return Server.NotFound;
        if (server.StackDigest == (await HostedMail.Read(tx, server, ct)).Digest) return default(Done);
        await ApplyStack.Enqueue(tx, host.Workspace, host.Server, clock.GetUtcNow(), ct);
        await tx.Commit(ct);
        return Following;
    }

    async Task Save(TenantId tenant, MailboxId id, int? also, CancellationToken ct)
    {
        await using var tx = await db.Begin(tenant, ct);
        await tx.Execute(SaveAlso, ct, tenant, id, also);
        await tx.Commit(ct);
    }

    async Task<Host?> Find(TenantId tenant, MailboxId id, CancellationToken ct)
    {
        await using var tx = await db.Begin(tenant, ct);
        return await tx.Maybe(SelectHost, row => new Host(new(row.GetGuid(0)), new(row.GetGuid(1)), row.Maybe<int>(2), new(row.GetString(3), row.GetInt32(4)), new(row.GetString(5), row.GetInt32(6)), row.GetString(7)), ct, tenant, id);
    }

    static Problem Unproved(string said) => new(ProblemKind.Unavailable, "mailbox.unreachable", $"The server did not take the new password: {said}");
}
