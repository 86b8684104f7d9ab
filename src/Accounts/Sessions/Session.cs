using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Accounts.Sessions;

public readonly record struct SessionId(Guid Value) : ITypedId<SessionId>
{
    public static string Prefix => "ses";
    public static SessionId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out SessionId id) => TypedId.TryParse(text, out id);
}

/// <summary>A person who is logged in, with or without an account to act in.</summary>
/// <param name="Actor">Null for a person who belongs to no tenant (any more).</param>
public sealed record SignedIn(SessionId Session, UserId User, string DisplayName, string Email, Actor? Actor);

/// <summary>Opening and ending sessions, inside the caller's transaction.</summary>
static class SessionRows
{
    public static readonly TimeSpan Idle = TimeSpan.FromDays(14);
    public static readonly TimeSpan Absolute = TimeSpan.FromDays(90);

    const string Insert = """
        insert into accounts.session (id, token_hash, user_id, created_at, last_seen_at, idle_until, absolute_until, user_agent, ip)
        values ($1, $2, $3, $4, $4, $5, $6, $7, $8)
        """;

    const string Revoke = "update accounts.session set revoked_at = $3 where user_id = $1 and id = $2 and revoked_at is null";

    const string RevokeOthers = """
        update accounts.session
        set revoked_at = $3
        where user_id = $1 and revoked_at is null and ($2::uuid is null or id <> $2)
        """;

    const string LeaveTenant = "update accounts.session set tenant_id = null, workspace_id = null where user_id = $1 and tenant_id = $2";

    const string DeleteEnded = "delete from accounts.session where absolute_until < $1 or idle_until < $1 or revoked_at < $1";

    /// <returns>The token; shown once.</returns>
    public static async Task<string> Open(TenantTx tx, UserId user, Origin origin, DateTimeOffset now, CancellationToken ct)
    {
        var token = Token.New(Token.SessionPrefix);
        await tx.Execute(Insert, ct, TypedId.New<SessionId>(now), Token.Hash(token), user, now, now + Idle, now + Absolute, origin.UserAgent, origin.Ip);
        return token;
    }

    public static async Task<bool> End(TenantTx tx, UserId user, SessionId session, DateTimeOffset now, CancellationToken ct) =>
        await tx.Execute(Revoke, ct, user, session, now) == 1;

    /// <param name="except">Null ends all of them.</param>
    public static Task<int> EndAll(TenantTx tx, UserId user, SessionId? except, DateTimeOffset now, CancellationToken ct) =>
        tx.Execute(RevokeOthers, ct, user, except, now);

    /// <summary>Sessions that acted in a tenant the person no longer belongs to choose anew.</summary>
    public static Task<int> Leave(TenantTx tx, UserId user, CancellationToken ct) => tx.Execute(LeaveTenant, ct, user, tx.Tenant);

    /// <summary>Rows stay 30 days after their end, so that a person can look back.</summary>
    public static Task<int> Sweep(TenantTx tx, DateTimeOffset now, CancellationToken ct) => tx.Execute(DeleteEnded, ct, now.AddDays(-30));
}

/// <summary>What happened to a person's log-in.</summary>
public enum LoginOutcome
{
    SignedIn, WrongPassword, Unverified, Locked, SignedOut, PasswordChanged, PasswordReset, EmailChanged, SessionRevoked,
}

/// <summary>A line of a person's own log of log-ins.</summary>
public sealed record LoginActivity(Guid Id, DateTimeOffset At, string Ip, string UserAgent, LoginOutcome Outcome)
{
    const string Insert = "insert into accounts.login_activity (id, user_id, at, ip, user_agent, outcome) values ($1, $2, $3, $4, $5, $6)";

    const string DeleteOld = "delete from accounts.login_activity where at < $1";

    internal static Task Record(TenantTx tx, UserId user, Origin origin, LoginOutcome outcome, DateTimeOffset now, CancellationToken ct) =>
        tx.Execute(Insert, ct, Guid.CreateVersion7(now), user, now, origin.Ip, origin.UserAgent, Word(outcome));

    internal static Task<int> Sweep(TenantTx tx, DateTimeOffset now, CancellationToken ct) => tx.Execute(DeleteOld, ct, now.AddDays(-365));

    internal static LoginActivity Read(NpgsqlDataReader row) =>
        new(row.GetGuid(0), row.GetFieldValue<DateTimeOffset>(1), row.GetString(2), row.GetString(3), Parse(row.GetString(4)));

    static string Word(LoginOutcome outcome) => outcome switch
    {
        LoginOutcome.SignedIn => "signed_in",
        LoginOutcome.WrongPassword => "wrong_password",
        LoginOutcome.Unverified => "unverified",
        LoginOutcome.Locked => "locked",
        LoginOutcome.SignedOut => "signed_out",
        LoginOutcome.PasswordChanged => "password_changed",
        LoginOutcome.PasswordReset => "password_reset",
        LoginOutcome.EmailChanged => "email_changed",
        LoginOutcome.SessionRevoked => "session_revoked",
    };

    static LoginOutcome Parse(string word) => Enum.GetValues<LoginOutcome>().Single(outcome => Word(outcome) == word);
}
