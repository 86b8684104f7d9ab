using System.Net;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Mail.Imap;
using PenguinMails.Mail.Smtp;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Fleet.Mailboxes;

/// <summary>A mailbox's servers with what they are shown, opened for one use. Its user checks the permission.</summary>
static class OpenMailbox
{
    const int StepSeconds = 15;

    const string Select = """
        select id, smtp_host, smtp_port, smtp_security, smtp_user, smtp_secret_sealed, imap_host, imap_port, imap_security, imap_user, imap_secret_sealed, smtp_secret_version, imap_secret_version,
          auth, consent_lost_at is not null
        from fleet.mailbox
        where tenant_id = $1 and workspace_id = $2 and id = $3
        """;

    sealed record Stored(ServerSettings Smtp, MailboxSecrets.Place Secret, ServerSettings? Imap, MailboxSecrets.Place ImapSecret);

    /// <param name="ImapLogIn">Null when there is no IMAP server.</param>
    public sealed record Opened(ServerSettings Smtp, SmtpCredentials LogIn, ServerSettings? Imap, SmtpCredentials? ImapLogIn, MailboxSecrets.Place Place)
    {
        public MailboxAuth Auth => Place.Auth;
    }

    /// <summary>The IMAP side.</summary>
    public sealed record OpenedImap(ServerSettings Server, SmtpCredentials LogIn, MailboxSecrets.Place Place);

    public static async Task<Result<Opened>> Both(SecretAccess access, WorkspaceId workspace, MailboxId id, TenantDb db, MailboxSecrets secrets, CancellationToken ct)
    {
        Stored? stored;
        await using (var tx = await db.Begin(access.Tenant, ct)) stored = await tx.Maybe(Select, Read, ct, access.Tenant, workspace, id);
        if (stored is null) return ListMailboxes.NotFound;
        var smtp = await secrets.LogIn(access, stored.Secret, stored.Smtp.User, isSending: false, ct);
        if (smtp.Problem is { } problem) return problem;
        if (stored.Imap is null) return new Opened(stored.Smtp, smtp.Value, null, null, stored.Secret);
        var imap = await secrets.LogIn(access, stored.ImapSecret, stored.Imap.User, isSending: false, ct);
        return imap.Match<Result<Opened>>(logIn => new Opened(stored.Smtp, smtp.Value, stored.Imap, logIn, stored.Secret), refused => refused);
    }

    public static async Task<Result<OpenedImap>> Imap(SecretAccess access, WorkspaceId workspace, MailboxId id, TenantDb db, MailboxSecrets secrets, CancellationToken ct)
    {
        var opened = await Both(access, workspace, id, db, secrets, ct);
        if (opened.Problem is { } problem) return problem;
        return opened.Value is { Imap: { } server, ImapLogIn: { } logIn } mailbox ? new OpenedImap(server, logIn, mailbox.Place)
            : new Problem(ProblemKind.Conflict, "mailbox.no_imap", "This mailbox has no IMAP server, so nobody can look into it here. Add one to its settings.");
    }

    /// <summary>With another access token, for one that a server did not take.</summary>
    public static async Task<Result<Opened>> Renew(SecretAccess access, Opened mailbox, MailboxSecrets secrets, CancellationToken ct) =>
        (await secrets.Renew(access, mailbox.Place, mailbox.LogIn, ct)).Match<Result<Opened>>(
            logIn => mailbox with { LogIn = logIn, ImapLogIn = mailbox.ImapLogIn is { } imap ? imap with { Secret = logIn.Secret } : null }, problem => problem);

    /// <summary>A connection to the IMAP side. A token that is not taken is renewed once.</summary>
    /// <returns>The opening, or why no token could be had.</returns>
    public static async Task<Result<ImapOpening>> Connect(SecretAccess access, OpenedImap mailbox, TimeSpan step, MailboxSecrets secrets, Outbound outbound, TimeProvider clock, CancellationToken ct)
    {
        var opening = await ImapConnection.Open(ImapSettings(mailbox.Server, mailbox.LogIn) with { Timeout = step }, outbound.Connect, clock, ct);
        if (opening.Connection is not null || !mailbox.LogIn.IsToken || opening.Outcome is not { Stage: ImapStage.Auth, Kind: ImapKind.Refused }) return opening;
        var renewed = await secrets.Renew(access, mailbox.Place, mailbox.LogIn, ct);
        return renewed.Problem is { } lost ? lost : await ImapConnection.Open(ImapSettings(mailbox.Server, renewed.Value) with { Timeout = step }, outbound.Connect, clock, ct);
    }

    public static ImapOptions ImapSettings(ServerSettings server, SmtpCredentials logIn) => new()
    {
        Server = new DnsEndPoint(server.Host, server.Port), Tls = TestMailbox.Policy(server.Security), Credentials = logIn, Timeout = TimeSpan.FromSeconds(StepSeconds),
    };

    static Stored Read(NpgsqlDataReader row)
    {
        var (id, auth, isLost) = (new MailboxId(row.GetGuid(0)), Mailbox.AuthOf(row.GetString(13)), row.GetBoolean(14));
        var smtp = new ServerSettings(row.GetString(1), row.GetInt32(2), Mailbox.Security(row.GetString(3)), row.GetString(4));
        var imap = row.Text(6) is { } host ? new ServerSettings(host, row.GetInt32(7), Mailbox.Security(row.GetString(8)), row.Text(9) ?? smtp.User) : null;
        return new Stored(smtp, new(id, true, row.Maybe<int>(11), row.IsDBNull(5) ? null : row.GetFieldValue<byte[]>(5), auth, isLost),
            imap, new(id, false, row.Maybe<int>(12), row.IsDBNull(10) ? null : row.GetFieldValue<byte[]>(10), auth, isLost));
    }
}
