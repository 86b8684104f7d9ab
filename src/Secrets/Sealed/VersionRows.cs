using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Secrets.Sealed;

/// <summary>The rows of versions without their values: marks, names, removal.</summary>
static class VersionRows
{
    const string FindSecret = "select id, current_version from secrets.secret where tenant_id = $1 and path = $2";

    const string SelectVersions = """
        select version, created_at, deleted_at, destroyed_at
        from secrets.secret_version
        where tenant_id = $1 and secret_id = $2
        order by version
        limit 100
        """;

    const string FindState = """
        select v.destroyed_at is not null
        from secrets.secret s
        join secrets.secret_version v on v.tenant_id = s.tenant_id and v.secret_id = s.id
        where s.tenant_id = $1 and s.path = $2 and v.version = $3
        for update of v
        """;

    const string MarkDeleted = """
        update secrets.secret_version v
        set deleted_at = coalesce(v.deleted_at, $4)
        from secrets.secret s
        where v.tenant_id = $1 and s.tenant_id = $1 and s.path = $2 and v.secret_id = s.id and v.version = $3
        """;

    const string MarkUndeleted = """
        update secrets.secret_version v
        set deleted_at = null
        from secrets.secret s
        where v.tenant_id = $1 and s.tenant_id = $1 and s.path = $2 and v.secret_id = s.id and v.version = $3
        """;

    const string MarkDestroyed = """
        update secrets.secret_version v
        set box = null, destroyed_at = coalesce(v.destroyed_at, $4)
        from secrets.secret s
        where v.tenant_id = $1 and s.tenant_id = $1 and s.path = $2 and v.secret_id = s.id and v.version = $3
        """;

    const string DeleteSecret = "delete from secrets.secret where tenant_id = $1 and path = $2";

    // Reads secret_path_once. A folder is shown once, however much lies in it.
    const string SelectNames = """
        select distinct (case when position('/' in rest) > 0 then substr(rest, 1, position('/' in rest)) else rest end) collate "C" as name
        from (
          select substr(path, length($2) + 1) as rest
          from secrets.secret
          where tenant_id = $1 and starts_with(path, $2) and current_version > 0) below
        order by name
        limit 1000
        """;

    sealed record Head(Guid Id, int Current);

    public static async Task<SecretDescription?> Describe(TenantTx tx, SecretPath path, CancellationToken ct)
    {
        if (await tx.Maybe(FindSecret, row => new Head(row.GetGuid(0), row.GetInt32(1)), ct, tx.Tenant, path.Text) is not { Current: > 0 } head) return null;
        return new SecretDescription(path, head.Current, await Of(tx, head.Id, ct));
    }

    public static Task<List<VersionState>> Of(TenantTx tx, Guid secret, CancellationToken ct) => tx.List(SelectVersions, ReadState, ct, tx.Tenant, secret);

    public static async Task<IReadOnlyList<string>> Names(TenantTx tx, SecretPath? folder, CancellationToken ct) =>
        await tx.List(SelectNames, row => row.GetString(0), ct, tx.Tenant, folder is null ? "" : folder.Text + "/");

    /// <summary>Null when it was done.</summary>
    public static Task<Problem?> Delete(TenantTx tx, SecretPath path, int version, DateTimeOffset now, CancellationToken ct) => Mark(tx, MarkDeleted, path, version, now, ct);

    public static async Task<Problem?> Undelete(TenantTx tx, SecretPath path, int version, DateTimeOffset now, CancellationToken ct)
    {
        var found = await tx.List(FindState, row => row.GetBoolean(0), ct, tx.Tenant, path.Text, version);
        if (found.Count == 0) return SecretProblems.NotFound;
        if (found[0]) return SecretProblems.Destroyed;
        await tx.Execute(MarkUndeleted, ct, tx.Tenant, path.Text, version);
        return null;
    }

    public static Task<Problem?> Destroy(TenantTx tx, SecretPath path, int version, DateTimeOffset now, CancellationToken ct) => Mark(tx, MarkDestroyed, path, version, now, ct);

    public static Task Remove(TenantTx tx, SecretPath path, CancellationToken ct) => tx.Execute(DeleteSecret, ct, tx.Tenant, path.Text);

    static async Task<Problem?> Mark(TenantTx tx, string sql, SecretPath path, int version, DateTimeOffset now, CancellationToken ct) =>
        await tx.Execute(sql, ct, tx.Tenant, path.Text, version, now) == 0 ? SecretProblems.NotFound : null;

    static VersionState ReadState(NpgsqlDataReader row) => new(row.GetInt32(0), row.GetFieldValue<DateTimeOffset>(1), row.Maybe<DateTimeOffset>(2), !row.IsDBNull(3));
}
