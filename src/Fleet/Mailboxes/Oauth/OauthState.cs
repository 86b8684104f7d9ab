using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Secrets;

namespace PenguinMails.Fleet.Mailboxes.Oauth;

/// <summary>A person on the way to a provider and back (RFC 6749 10.12): good once, for 10 minutes, for that person in that workspace.</summary>
/// <param name="Mailbox">The one to connect again; null for a new one.</param>
/// <param name="Address">As the person gave it; empty when not.</param>
/// <param name="Verifier">Of the PKCE challenge (RFC 7636 4.1).</param>
sealed record OauthState(WorkspaceId Workspace, UserId User, MailboxAuth Provider, MailboxId? Mailbox, string Address, string DisplayName, string Verifier, DateTimeOffset ExpiresAt)
{
    const int TokenOctets = 32;
    const int TokenLength = 43; // Of 32 octets in base64url without padding.
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    const string Insert = """
        insert into fleet.oauth_state (tenant_id, state_hash, workspace_id, user_id, provider, mailbox_id, address, display_name, verifier_sealed, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """;

    // What nobody came back with, and all but a person's nine newest.
    const string Sweep = """
        delete from fleet.oauth_state
        where tenant_id = $1 and (expires_at <= $3 or (user_id = $2 and state_hash not in (
          select n.state_hash
          from fleet.oauth_state n
          where n.tenant_id = $1 and n.user_id = $2
          order by n.expires_at desc, n.state_hash
          limit 9)))
        """;

    const string Use = """
        delete from fleet.oauth_state
        where tenant_id = $1 and state_hash = $2
        returning workspace_id, user_id, provider, mailbox_id, address, display_name, verifier_sealed, expires_at
        """;

    /// <summary>The octets of a state or a verifier, for the address of a browser.</summary>
    public static string NewToken() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenOctets));

    /// <summary>The challenge of a verifier, by S256 (RFC 7636 4.2).</summary>
    public static string Challenge(string verifier) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));

    /// <returns>The state to send along; only its hash is kept.</returns>
    public async Task<string> Keep(TenantTx tx, SealedBox box, DateTimeOffset now, CancellationToken ct)
    {
        var state = NewToken();
        var hash = Hash(state);
        await tx.Execute(Sweep, ct, tx.Tenant, User, now);
        await tx.Execute(Insert, ct, tx.Tenant, hash, Workspace, User, Fleet.Mailboxes.Mailbox.Word(Provider), Mailbox, Address, DisplayName, box.Seal(tx.Tenant, Purpose(hash), Verifier), ExpiresAt);
        return state;
    }

    /// <summary>Takes it away, whoever shows it; null when there is none.</summary>
    public static async Task<OauthState?> Take(TenantTx tx, string state, SealedBox box, CancellationToken ct)
    {
        if (state.Length != TokenLength) return null;
        var hash = Hash(state);
        return await tx.Maybe(Use, row => Read(row, tx.Tenant, hash, box), ct, tx.Tenant, hash);
    }

    static OauthState Read(NpgsqlDataReader row, TenantId tenant, byte[] hash, SealedBox box) => new(
        new(row.GetGuid(0)), new(row.GetGuid(1)), Fleet.Mailboxes.Mailbox.AuthOf(row.GetString(2)), row.Maybe<Guid>(3) is { } mailbox ? new MailboxId(mailbox) : null,
        row.GetString(4), row.GetString(5), box.Open(tenant, Purpose(hash), row.GetFieldValue<byte[]>(6)), row.GetFieldValue<DateTimeOffset>(7));

    static byte[] Hash(string state) => SHA256.HashData(Encoding.UTF8.GetBytes(state));

    static string Purpose(byte[] hash) => "oauth.verifier/" + Convert.ToHexStringLower(hash);
}
