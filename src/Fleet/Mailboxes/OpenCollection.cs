using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Servers;
using PenguinMails.Mail.Imap;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Fleet.Mailboxes;

/// <summary>The IMAP side of a mailbox for the program's own reading: which mailboxes have one, and a connection to it. For the program, not for people.</summary>
/// <remarks>The password opened less than 5 minutes ago comes from memory, as for sending: a mailbox that is looked into often is not a line of the audit chain each time.</remarks>
public static class OpenCollection
{
    static readonly TimeSpan Step = TimeSpan.FromSeconds(30); // A full mailbox at a slow provider takes its time to SELECT.

    const string SelectTenants = "select distinct tenant_id from fleet.mailbox_route where tenant_id > $1 order by tenant_id limit $2";

    const string SelectMailboxes = """
        select id, workspace_id
        from fleet.mailbox
        where tenant_id = $1 and imap_host is not null and id > $2
        order by id
        limit 1000
        """;

    const string Select = """
        select workspace_id, address, imap_host, imap_port, imap_security, coalesce(imap_user, smtp_user), imap_secret_version, imap_secret_sealed, auth, consent_lost_at is not null, server_id
        from fleet.mailbox
        where tenant_id = $1 and id = $2 and imap_host is not null
        """;

    static readonly Problem None = new(ProblemKind.NotFound, "mailbox.no_imap", "There is no such mailbox, or it has no IMAP server.");

    /// <param name="Server">The server of ours it lies on; null at other providers.</param>
    public sealed record Place(WorkspaceId Workspace, string Address, ServerId? Server);

    sealed record Stored(Place Place, ServerSettings Imap, MailboxSecrets.Place Secret);

    /// <param name="Connection">Null when the server did not let us in; <paramref name="Outcome"/> says why.</param>
    /// <param name="IsToken">An access token was shown, not a password.</param>
    public sealed record Opened(Place Place, ImapConnection? Connection, ImapOutcome Outcome, bool IsToken);

    /// <summary>Accounts that have mailboxes, by id, behind <paramref name="after"/>.</summary>
    /// <param name="limit">1 to 1,000.</param>
    public static async Task<List<TenantId>> Tenants(TenantDb db, Guid after, int limit, CancellationToken ct)
    {
        await using var tx = await db.BeginUnscoped(ct);
        return await tx.List(SelectTenants, row => new TenantId(row.GetGuid(0)), ct, after, limit);
    }

    /// <summary>Mailboxes of the transaction's account that have an IMAP server, by id, at most 1,000 behind <paramref name="after"/>.</summary>
    public static Task<List<(MailboxId Id, WorkspaceId Workspace)>> Mailboxes(TenantTx tx, Guid after, CancellationToken ct) =>
        tx.List(SelectMailboxes, row => (new MailboxId(row.GetGuid(0)), new WorkspaceId(row.GetGuid(1))), ct, tx.Tenant, after);

    /// <summary>Connects and logs in. A token that is not taken is renewed once.</summary>
    /// <param name="literalMax">Octets of one section that are kept in memory, at least 64 KiB.</param>
    /// <remarks>Refuses with <c>mailbox.no_imap</c>, <c>mailbox.consent_lost</c>, as <see cref="Oauth.AccessTokens"/>, or as the secret store does. Whatever the server does is an outcome.</remarks>
    /// <exception cref="OutboundRefused">The host may not be reached from here.</exception>
    public static async Task<Result<Opened>> Handle(TenantId tenant, MailboxId id, int literalMax, TenantDb db, MailboxSecrets secrets, Outbound outbound, TimeProvider clock, CancellationToken ct)
    {
        Stored? stored;
        await using (var tx = await db.Begin(tenant, ct)) stored = await tx.Maybe(Select, row => Read(row, id), ct, tenant, id);
        if (stored is null) return None;
        var access = SecretAccess.Job(tenant, "collecting mail, for 5 minutes", "delivery.collection");
        var logIn = await secrets.LogIn(access, stored.Secret, stored.Imap.User, isSending: true, ct);
        if (logIn.Problem is { } closed) return closed;
        var settings = OpenMailbox.ImapSettings(stored.Imap, logIn.Value) with { Timeout = Step, SectionOctetsMax = literalMax };
        var opening = await ImapConnection.Open(settings, outbound.Connect, clock, ct);
        if (opening.Connection is null && logIn.Value.IsToken && opening.Outcome is { Stage: ImapStage.Auth, Kind: ImapKind.Refused })
        {
            var renewed = await secrets.Renew(access, stored.Secret, logIn.Value, ct);
            if (renewed.Problem is { } lost) return lost;
            opening = await ImapConnection.Open(settings with { Credentials = renewed.Value }, outbound.Connect, clock, ct);
        }

        return new Opened(stored.Place, opening.Connection, opening.Outcome, logIn.Value.IsToken);
    }

    static Stored Read(NpgsqlDataReader row, MailboxId id) => new(
        new(new(row.GetGuid(0)), row.GetString(1), row.Maybe<Guid>(10) is { } server ? new ServerId(server) : null),
        new(row.GetString(2), row.GetInt32(3), Mailbox.Security(row.GetString(4)), row.GetString(5)),
        new(id, false, row.Maybe<int>(6), row.IsDBNull(7) ? null : row.GetFieldValue<byte[]>(7), Mailbox.AuthOf(row.GetString(8)), row.GetBoolean(9)));
}
