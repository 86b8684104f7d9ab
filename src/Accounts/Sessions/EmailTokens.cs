using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Accounts.Sessions;

/// <summary>Single-use links in mails: 256 random bits, stored as SHA-256.</summary>
static class EmailTokens
{
    public const string Prefix = "pm_link_";

    const string Insert = """
        insert into accounts.email_token (token_hash, purpose, user_id, pair, new_email, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        """;

    // Marking and reading in one statement, so that of two clicks at once one wins.
    const string Use = """
        update accounts.email_token
        set used_at = $3
        where token_hash = $1 and purpose = any($2) and used_at is null and expires_at > $3
        returning user_id, purpose, pair, new_email
        """;

    const string Withdraw = "update accounts.email_token set used_at = $3 where user_id = $1 and purpose = any($2) and used_at is null";

    const string DeleteExpired = "delete from accounts.email_token where expires_at < $1";

    public sealed record Used(UserId? User, string Purpose, Guid? Pair, string? NewEmail);

    public static async Task<string> Issue(
        TenantTx tx, string purpose, UserId? user, TimeSpan lifetime, DateTimeOffset now, CancellationToken ct, Guid? pair = null, string? newEmail = null)
    {
        var token = Token.New(Prefix);
        await tx.Execute(Insert, ct, Token.Hash(token), purpose, user, pair, newEmail, now, now + lifetime);
        return token;
    }

    /// <summary>Null when unknown, used, expired or for another purpose.</summary>
    public static Task<Used?> Redeem(TenantTx tx, string? token, string[] purposes, DateTimeOffset now, CancellationToken ct) =>
        Token.IsWellFormed(token, Prefix) && token is not null
            ? tx.Maybe(Use, Read, ct, Token.Hash(token), purposes, now)
            : Task.FromResult<Used?>(null);

    /// <summary>Links that were mailed before open nothing any more.</summary>
    public static Task<int> Cancel(TenantTx tx, UserId user, string[] purposes, DateTimeOffset now, CancellationToken ct) =>
        tx.Execute(Withdraw, ct, user, purposes, now);

    public static Task<int> Sweep(TenantTx tx, DateTimeOffset now, CancellationToken ct) => tx.Execute(DeleteExpired, ct, now.AddDays(-1));

    static Used Read(NpgsqlDataReader row) =>
        new(row.Maybe<Guid>(0) is { } user ? new UserId(user) : null, row.GetString(1), row.Maybe<Guid>(2), row.Text(3));
}
