using PenguinMails.Core.Db;

namespace PenguinMails.Accounts.Members;

/// <summary>How many people an account has. For figures about the account, in the caller's transaction.</summary>
public static class CountPeople
{
    const string Select = "select count(distinct user_id), (select created_at from accounts.tenant where tenant_id = $1) from accounts.membership where tenant_id = $1";

    /// <returns>Members, and when the account was opened; null for an account that is not there.</returns>
    public static Task<(long Members, DateTimeOffset? Opened)> Within(TenantTx tx, CancellationToken ct) =>
        tx.One(Select, row => (row.GetInt64(0), row.Maybe<DateTimeOffset>(1)), ct, tx.Tenant);
}
