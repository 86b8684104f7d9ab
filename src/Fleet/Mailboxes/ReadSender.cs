using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Mail.Smtp;
using PenguinMails.Secrets;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Fleet.Mailboxes;

/// <summary>DKIM key of a sender's domain, opened.</summary>
/// <param name="PrivateKeyPem">PKCS #8. Never logged, never stored outside its sealed column.</param>
public sealed record DkimKey(string Domain, string Selector, string PrivateKeyPem);

/// <summary>Everything the dispatcher needs to send from one mailbox. Lives in memory only.</summary>
/// <param name="Secret">The password or access token; empty while the mailbox is paused, and where no server is needed.</param>
/// <param name="ReturnPathHost">Null when the mailbox's domain is not in the workspace: bounces then go to the mailbox itself.</param>
/// <param name="SignatureHtml">Cleaned before it was stored; empty makes it from the text, and the other way round.</param>
/// <param name="TrackingHost">Null likewise, and until it was seen to lead here: links then use the platform's web address.</param>
public sealed record Sender(
    MailboxId Id, WorkspaceId Workspace, string Address, string DisplayName, bool IsActive, ServerSettings Smtp, string Secret,
    int DailyCap, int GapSeconds, int ConnectionsMax, DkimKey? Dkim, string? ReturnPathHost, string? TrackingHost, string SignatureText = "", string SignatureHtml = "", MailboxAuth Auth = MailboxAuth.Password)
{
    /// <summary>Null: its mail goes through its own server.</summary>
    public DirectRoute? Direct { get; init; }

    /// <summary>What its server is shown first.</summary>
    public SmtpCredentials LogIn => new(Smtp.User, Secret, Auth != MailboxAuth.Password);

    /// <summary>Keeps the secret out of logs.</summary>
    public override string ToString() => $"sender {Id}";
}

/// <summary>Opens a mailbox for sending. For the program itself, not for people: it carries the secret.</summary>
public static class ReadSender
{
    const string Select = """
        select m.id, m.workspace_id, m.address, m.display_name, m.state, m.smtp_host, m.smtp_port, m.smtp_security, m.smtp_user, m.smtp_secret_sealed,
          m.daily_cap, m.gap_seconds, m.connections_max, d.id, d.name, d.dkim_selector, d.dkim_private_key_sealed, d.return_path_host, case when d.tracking_served_at is not null then d.tracking_host end, m.smtp_secret_version,
          m.signature_text, m.signature_html, m.auth, m.consent_lost_at is not null, d.transport, d.source_address, d.ehlo_name
        from fleet.mailbox m
        left join fleet.domain d on d.tenant_id = m.tenant_id and d.id = m.domain_id
        where m.tenant_id = $1 and m.id = $2
        """;

    static readonly Problem Unknown = new(ProblemKind.NotFound, "mailbox.not_found", "There is no such mailbox.");

    sealed record Stored(Sender Sender, MailboxSecrets.Place Secret);

    /// <summary>Refuses with <c>mailbox.not_found</c>, <c>mailbox.consent_lost</c> while its provider wants its owner's consent, as <see cref="Oauth.AccessTokens"/>, or as the secret store does.</summary>
    public static Task<Result<Sender>> Handle(TenantId tenant, MailboxId id, MailboxSecrets secrets, SealedBox box, TenantDb db, CancellationToken ct) => Open(tenant, id, true, secrets, box, db, ct);

    /// <summary>As <see cref="Handle"/>, for whoever sends its campaigns: where mail leaves directly no secret is opened, so a store that is sealed holds nothing up.</summary>
    public static Task<Result<Sender>> ForLane(TenantId tenant, MailboxId id, MailboxSecrets secrets, SealedBox box, TenantDb db, CancellationToken ct) => Open(tenant, id, false, secrets, box, db, ct);

    static async Task<Result<Sender>> Open(TenantId tenant, MailboxId id, bool needsServer, MailboxSecrets secrets, SealedBox box, TenantDb db, CancellationToken ct)
    {
        Stored? stored;
        await using (var tx = await db.Begin(tenant, ct)) stored = await tx.Maybe(Select, row => Read(row, tenant, box), ct, tenant, id);
        if (stored is null) return Unknown;
        if (!stored.Sender.IsActive || (!needsServer && stored.Sender.Direct is not null)) return stored.Sender;
        var opened = await secrets.LogIn(Access(tenant), stored.Secret, stored.Sender.Smtp.User, isSending: true, ct);
        return opened.Match<Result<Sender>>(logIn => stored.Sender with { Secret = logIn.Secret }, problem => problem);
    }

    internal static SecretAccess Access(TenantId tenant) => SecretAccess.Job(tenant, "sending, for 5 minutes", "delivery.lane");

    static Stored Read(NpgsqlDataReader row, TenantId tenant, SealedBox box)
    {
        var id = new MailboxId(row.GetGuid(0));
        var dkim = row.Maybe<Guid>(13) is { } domain
            ? new DkimKey(row.GetString(14), row.GetString(15), box.Open(tenant, AddDomain.DkimPurpose(new(domain)), row.GetFieldValue<byte[]>(16)))
            : null;
        var sender = new Sender(id, new(row.GetGuid(1)), row.GetString(2), row.GetString(3), row.GetString(4) == "active",
            new(row.GetString(5), row.GetInt32(6), Mailbox.Security(row.GetString(7)), row.GetString(8)), "",
            row.GetInt32(10), row.GetInt32(11), row.GetInt32(12), dkim, row.Text(17), row.Text(18), row.GetString(20), row.GetString(21), Mailbox.AuthOf(row.GetString(22)))
        {
            Direct = DirectRoute.Of(row.Text(24) ?? "", row.Text(25) ?? "", row.Text(26) ?? ""),
        };
        return new Stored(sender, new(id, true, row.Maybe<int>(19), row.IsDBNull(9) ? null : row.GetFieldValue<byte[]>(9), sender.Auth, row.GetBoolean(23)));
    }
}
