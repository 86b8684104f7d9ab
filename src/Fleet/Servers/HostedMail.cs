using System.Net;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Mailboxes.AppPasswords;
using PenguinMails.Fleet.Servers.Ssh;
using PenguinMails.Fleet.Stacks;
using PenguinMails.Secrets;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Fleet.Servers;

/// <summary>What the rows say a server's mail stack shall be. The rows are the truth; the machine follows.</summary>
/// <param name="HasCertificate">True once its name leads to it, so that an authority can look.</param>
sealed record HostedMail(Server Server, bool HasCertificate, IReadOnlyList<HostedMail.DomainRow> Domains, IReadOnlyList<HostedMail.MailboxRow> Mailboxes, IReadOnlyList<StackAlias> Aliases)
{
    const int RowsMax = 5000;
    const string Layout = "2"; // Raised when the program describes machines in another way, so that all are brought up to date.

    /// <summary>A domain with the key that signs, closed.</summary>
    internal sealed record DomainRow(DomainId Id, string Name, string Selector, byte[] Closed);

    /// <param name="Smtp">Where its password for sending lies.</param>
    /// <param name="Imap">Where its password for reading lies: the same in the beginning, and both are accepted, so that each changes on its own.</param>
    /// <param name="Also">Version of what is accepted beside them while one of them changes.</param>
    internal sealed record MailboxRow(MailboxId Id, string Address, MailboxSecrets.Place Smtp, MailboxSecrets.Place Imap, int? Also, int QuotaMb, int HourlyLimit)
    {
        /// <summary>Accepted beside all of them, until they are revoked.</summary>
        public IReadOnlyList<AppRow> Apps { get; init; } = [];
    }

    /// <summary>An app password, by the version it lies under.</summary>
    internal readonly record struct AppRow(MailboxId Mailbox, AppPasswordId Id, int Version);

    const string SelectServer = "select has_certificate from fleet.server where tenant_id = $1 and id = $2";

    // While a server is left, both carry what moves: the new one from the beginning, the old one until it is told to forget.
    const string SelectDomains = """
        select id, name, dkim_selector, dkim_private_key_sealed
        from fleet.domain d
        where tenant_id = $1 and (server_id = $2 or exists (
          select
          from fleet.server_migration_domain g
          join fleet.server_migration m on m.tenant_id = g.tenant_id and m.id = g.migration_id
          where g.tenant_id = d.tenant_id and g.domain_id = d.id and m.state in ('running', 'stopped') and (m.to_server_id = $2 or (m.from_server_id = $2 and m.left_at is null))))
        order by name
        limit 5000
        """;

    const string SelectMailboxes = """
        select id, address, quota_mb, hourly_limit, smtp_secret_version, smtp_secret_sealed, imap_secret_version, imap_secret_sealed, also_secret_version
        from fleet.mailbox b
        where tenant_id = $1 and (server_id = $2 or exists (
          select
          from fleet.server_migration_mailbox g
          join fleet.server_migration m on m.tenant_id = g.tenant_id and m.id = g.migration_id
          where g.tenant_id = b.tenant_id and g.mailbox_id = b.id and m.state in ('running', 'stopped') and (m.to_server_id = $2 or (m.from_server_id = $2 and m.left_at is null))))
        order by address
        limit 5000
        """;

    const string SelectApps = """
        select mailbox_id, id, secret_version
        from fleet.app_password
        where tenant_id = $1 and mailbox_id = any($2)
        order by id
        limit 50000
        """;

    const string SelectAliases = """
        select address, targets
        from fleet.mailbox_alias
        where tenant_id = $1 and domain_id = any($2)
        order by address
        limit 5000
        """;

    internal static async Task<HostedMail> Read(TenantTx tx, Server server, CancellationToken ct)
    {
        var domains = await tx.List(SelectDomains, ReadDomain, ct, tx.Tenant, server.Id);
        var mailboxes = await tx.List(SelectMailboxes, ReadMailbox, ct, tx.Tenant, server.Id);
        var apps = (await tx.List(SelectApps, row => new AppRow(new(row.GetGuid(0)), new(row.GetGuid(1)), row.GetInt32(2)), ct, tx.Tenant, mailboxes.Select(mailbox => mailbox.Id.Value).ToArray())).ToLookup(app => app.Mailbox);
        return new(server, await tx.One(SelectServer, row => row.GetBoolean(0), ct, tx.Tenant, server.Id), domains, [.. mailboxes.Select(mailbox => mailbox with { Apps = [.. apps[mailbox.Id]] })],
            await tx.List(SelectAliases, row => new StackAlias(row.GetString(0), row.GetFieldValue<string[]>(1)), ct, tx.Tenant, domains.Select(domain => domain.Id.Value).ToArray()));
    }

    /// <summary>How the machine is reached, without the key.</summary>
    public SshTarget Way => new(Server.Addresses[0].Ip, Server.SshPort, Server.SshUser, "", Server.HostKey);

    /// <summary>The same for the same wish, without opening a secret: passwords count by their version, keys by their selector.</summary>
    public string Digest => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Json.Write(new
    {
        Layout, Server.HostName, Server.Addresses, HasCertificate,
        Domains = Domains.Select(domain => new { domain.Name, domain.Selector }),
        Mailboxes = Mailboxes.Select(mailbox => new { mailbox.Address, Smtp = mailbox.Smtp.Version, Imap = mailbox.Imap.Version, mailbox.Also, Apps = mailbox.Apps.Select(app => $"{app.Id}:{app.Version}"), mailbox.QuotaMb, mailbox.HourlyLimit }),
        Aliases = Aliases.Select(alias => new { alias.Address, alias.Targets }),
    }))))[..32];

    /// <summary>The same with its secrets opened: lives in memory only. Refuses with <c>server.too_full</c> or as the secret store does.</summary>
    public async Task<Result<StackPlan>> Open(SecretAccess access, MailboxSecrets secrets, SealedBox box, AcmeSettings acme, CancellationToken ct)
    {
        if (Domains.Count == RowsMax || Mailboxes.Count == RowsMax || Aliases.Count == RowsMax)
            return new Problem(ProblemKind.TooLarge, "server.too_full", $"A server carries fewer than {RowsMax:N0} domains, mailboxes and aliases each. Spread them over several.");
        var mailboxes = new List<StackMailbox>(Mailboxes.Count);
        foreach (var mailbox in Mailboxes)
        {
            var passwords = await Passwords(mailbox, access, secrets, ct);
            if (passwords.Problem is { } closed) return closed;
            mailboxes.Add(new StackMailbox(mailbox.Address, passwords.Value, mailbox.QuotaMb * 1024L * 1024, mailbox.HourlyLimit, null));
        }

        return new StackPlan(Server.HostName, [.. Server.Addresses.Select(address => new StackAddress(IPAddress.Parse(address.Ip), address.Ehlo))],
            OpenKeys(access.Tenant, box),
            mailboxes, Aliases,
            HasCertificate ? new StackCertificate.Acme(acme.Directory, acme.Contact) : new StackCertificate.SelfSigned());
    }

    /// <summary>The domains with the keys that sign, opened: lives in memory only.</summary>
    public IReadOnlyList<StackDomain> OpenKeys(TenantId tenant, SealedBox box) =>
        [.. Domains.Select(domain => new StackDomain(domain.Name, [new(domain.Selector, box.Open(tenant, AddDomain.DkimPurpose(domain.Id), domain.Closed))]))];

    static async Task<Result<IReadOnlyList<string>>> Passwords(MailboxRow mailbox, SecretAccess access, MailboxSecrets secrets, CancellationToken ct)
    {
        var (smtp, imap) = (await secrets.Open(access, mailbox.Smtp, ct), await secrets.Open(access, mailbox.Imap, ct));
        if ((smtp.Problem ?? imap.Problem) is { } closed) return closed;
        var also = mailbox.Also is { } version ? await secrets.OpenAlso(access, mailbox.Id, version, ct) : Result<IReadOnlyList<string>>.Of([]);
        if (also.Problem is { } unread) return unread;
        List<string> all = [smtp.Value, imap.Value, .. also.Value];
        foreach (var app in mailbox.Apps)
        {
            var opened = await secrets.OpenApp(access, mailbox.Id, app.Id, app.Version, ct);
            if (opened.IsOk) all.Add(opened.Value);
            else if (opened.Problem?.Kind != ProblemKind.NotFound) return opened.Problem ?? SecretProblems.NotFound; // One that is not found was revoked a moment ago.
        }

        return Result<IReadOnlyList<string>>.Of([.. all.Distinct(StringComparer.Ordinal)]);
    }

    static DomainRow ReadDomain(NpgsqlDataReader row) => new(new(row.GetGuid(0)), row.GetString(1), row.GetString(2), row.GetFieldValue<byte[]>(3));

    static MailboxRow ReadMailbox(NpgsqlDataReader row)
    {
        var id = new MailboxId(row.GetGuid(0));
        return new MailboxRow(id, row.GetString(1), new(id, true, row.Maybe<int>(4), Closed(row, 5)), new(id, false, row.Maybe<int>(6), Closed(row, 7)), row.Maybe<int>(8), row.GetInt32(2), row.GetInt32(3));
    }

    static byte[]? Closed(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<byte[]>(column);
}
