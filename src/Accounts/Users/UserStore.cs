using Microsoft.AspNetCore.Identity;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Accounts.Users;

/// <summary>Identity's store on PostgreSQL, inside the caller's transaction.</summary>
sealed class UserStore(TenantTx tx, TimeProvider clock) :
    IUserPasswordStore<UserAccount>, IUserEmailStore<UserAccount>, IUserSecurityStampStore<UserAccount>, IUserLockoutStore<UserAccount>
{
    const string InsertUser = """
        insert into accounts.user_account (id, email, email_normal, display_name, password_hash, security_stamp, email_verified_at,
          lockout_enabled, lockout_end, failed_count, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        on conflict on constraint user_account_email_once do nothing
        """;

    const string UpdateUser = """
        update accounts.user_account
        set email = $2, email_normal = $3, display_name = $4, password_hash = $5, security_stamp = $6, email_verified_at = $7,
          lockout_enabled = $8, lockout_end = $9, failed_count = $10
        where id = $1 and security_stamp = $11
        """;

    const string DeleteUser = "delete from accounts.user_account where id = $1";

    const string ById = """
        select id, email, email_normal, display_name, password_hash, security_stamp, email_verified_at,
          lockout_enabled, lockout_end, failed_count, created_at
        from accounts.user_account
        where id = $1
        """;

    const string ByEmail = """
        select id, email, email_normal, display_name, password_hash, security_stamp, email_verified_at,
          lockout_enabled, lockout_end, failed_count, created_at
        from accounts.user_account
        where email_normal = $1
        """;

    static readonly IdentityErrorDescriber Errors = new();

    async Task<IdentityResult> IUserStore<UserAccount>.CreateAsync(UserAccount user, CancellationToken cancellationToken)
    {
        var inserted = await tx.Execute(InsertUser, cancellationToken, user.Id, user.Email, user.EmailNormal, user.DisplayName, user.PasswordHash,
            user.SecurityStamp, user.EmailVerifiedAt, user.IsLockoutEnabled, user.LockoutEnd, user.FailedCount, user.CreatedAt);
        user.StoredStamp = user.SecurityStamp;
        return inserted == 1 ? IdentityResult.Success : IdentityResult.Failed(Errors.DuplicateEmail(user.Id.ToString()));
    }

    async Task<IdentityResult> IUserStore<UserAccount>.UpdateAsync(UserAccount user, CancellationToken cancellationToken)
    {
        var updated = await tx.Execute(UpdateUser, cancellationToken, user.Id, user.Email, user.EmailNormal, user.DisplayName, user.PasswordHash,
            user.SecurityStamp, user.EmailVerifiedAt, user.IsLockoutEnabled, user.LockoutEnd, user.FailedCount, user.StoredStamp);
        user.StoredStamp = user.SecurityStamp;
        return updated == 1 ? IdentityResult.Success : IdentityResult.Failed(Errors.ConcurrencyFailure());
    }

    async Task<IdentityResult> IUserStore<UserAccount>.DeleteAsync(UserAccount user, CancellationToken cancellationToken)
    {
        await tx.Execute(DeleteUser, cancellationToken, user.Id);
        return IdentityResult.Success;
    }

    async Task<UserAccount?> IUserStore<UserAccount>.FindByIdAsync(string userId, CancellationToken cancellationToken) =>
        UserId.TryParse(userId, null, out var id) ? await tx.Maybe(ById, Read, cancellationToken, id) : null;

    Task<UserAccount?> IUserStore<UserAccount>.FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) =>
        tx.Maybe(ByEmail, Read, cancellationToken, normalizedUserName);

    Task<UserAccount?> IUserEmailStore<UserAccount>.FindByEmailAsync(string normalizedEmail, CancellationToken cancellationToken) =>
        tx.Maybe(ByEmail, Read, cancellationToken, normalizedEmail);

    Task<string> IUserStore<UserAccount>.GetUserIdAsync(UserAccount user, CancellationToken cancellationToken) => Task.FromResult(user.Id.ToString());

    // The address is the name.
    Task<string?> IUserStore<UserAccount>.GetUserNameAsync(UserAccount user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Email);

    Task IUserStore<UserAccount>.SetUserNameAsync(UserAccount user, string? userName, CancellationToken cancellationToken) => Task.CompletedTask;

    Task<string?> IUserStore<UserAccount>.GetNormalizedUserNameAsync(UserAccount user, CancellationToken cancellationToken) =>
        Task.FromResult<string?>(user.EmailNormal);

    Task IUserStore<UserAccount>.SetNormalizedUserNameAsync(UserAccount user, string? normalizedName, CancellationToken cancellationToken) => Task.CompletedTask;

    Task IUserPasswordStore<UserAccount>.SetPasswordHashAsync(UserAccount user, string? passwordHash, CancellationToken cancellationToken) =>
        Set(() => user.PasswordHash = passwordHash);

    Task<string?> IUserPasswordStore<UserAccount>.GetPasswordHashAsync(UserAccount user, CancellationToken cancellationToken) => Task.FromResult(user.PasswordHash);

    Task<bool> IUserPasswordStore<UserAccount>.HasPasswordAsync(UserAccount user, CancellationToken cancellationToken) =>
        Task.FromResult(user.PasswordHash is not null);

    Task IUserEmailStore<UserAccount>.SetEmailAsync(UserAccount user, string? email, CancellationToken cancellationToken) =>
        Set(() => user.Email = email ?? throw new ArgumentNullException(nameof(email)));

    Task<string?> IUserEmailStore<UserAccount>.GetEmailAsync(UserAccount user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Email);

    Task<bool> IUserEmailStore<UserAccount>.GetEmailConfirmedAsync(UserAccount user, CancellationToken cancellationToken) =>
        Task.FromResult(user.EmailVerifiedAt is not null);

    Task IUserEmailStore<UserAccount>.SetEmailConfirmedAsync(UserAccount user, bool confirmed, CancellationToken cancellationToken) =>
        Set(() => user.EmailVerifiedAt = confirmed ? user.EmailVerifiedAt ?? clock.GetUtcNow() : null);

    Task<string?> IUserEmailStore<UserAccount>.GetNormalizedEmailAsync(UserAccount user, CancellationToken cancellationToken) =>
        Task.FromResult<string?>(user.EmailNormal);

    Task IUserEmailStore<UserAccount>.SetNormalizedEmailAsync(UserAccount user, string? normalizedEmail, CancellationToken cancellationToken) =>
        Set(() => user.EmailNormal = normalizedEmail ?? "");

    Task IUserSecurityStampStore<UserAccount>.SetSecurityStampAsync(UserAccount user, string stamp, CancellationToken cancellationToken) =>
        Set(() => user.SecurityStamp = stamp);

    Task<string?> IUserSecurityStampStore<UserAccount>.GetSecurityStampAsync(UserAccount user, CancellationToken cancellationToken) =>
        Task.FromResult<string?>(user.SecurityStamp);

    Task<DateTimeOffset?> IUserLockoutStore<UserAccount>.GetLockoutEndDateAsync(UserAccount user, CancellationToken cancellationToken) => Task.FromResult(user.LockoutEnd);

    Task IUserLockoutStore<UserAccount>.SetLockoutEndDateAsync(UserAccount user, DateTimeOffset? lockoutEnd, CancellationToken cancellationToken) =>
        Set(() => user.LockoutEnd = lockoutEnd);

    Task<int> IUserLockoutStore<UserAccount>.IncrementAccessFailedCountAsync(UserAccount user, CancellationToken cancellationToken) =>
        Task.FromResult(++user.FailedCount);

    Task IUserLockoutStore<UserAccount>.ResetAccessFailedCountAsync(UserAccount user, CancellationToken cancellationToken) => Set(() => user.FailedCount = 0);

    Task<int> IUserLockoutStore<UserAccount>.GetAccessFailedCountAsync(UserAccount user, CancellationToken cancellationToken) => Task.FromResult(user.FailedCount);

    Task<bool> IUserLockoutStore<UserAccount>.GetLockoutEnabledAsync(UserAccount user, CancellationToken cancellationToken) => Task.FromResult(user.IsLockoutEnabled);

    Task IUserLockoutStore<UserAccount>.SetLockoutEnabledAsync(UserAccount user, bool enabled, CancellationToken cancellationToken) =>
        Set(() => user.IsLockoutEnabled = enabled);

    void IDisposable.Dispose()
    {
        // The transaction belongs to the caller.
    }

    static Task Set(Action set)
    {
        set();
        return Task.CompletedTask;
    }

    static UserAccount Read(NpgsqlDataReader row) => new()
    {
        Id = new(row.GetGuid(0)),
        Email = row.GetString(1),
        EmailNormal = row.GetString(2),
        DisplayName = row.GetString(3),
        PasswordHash = row.Text(4),
        SecurityStamp = row.GetString(5),
        StoredStamp = row.GetString(5),
        EmailVerifiedAt = row.Maybe<DateTimeOffset>(6),
        IsLockoutEnabled = row.GetBoolean(7),
        LockoutEnd = row.Maybe<DateTimeOffset>(8),
        FailedCount = row.GetInt32(9),
        CreatedAt = row.GetFieldValue<DateTimeOffset>(10),
    };
}
