using System.Security.Cryptography;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Secrets.Keys;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Secrets.Sealed;

/// <summary>Writes and reads the sealed values of versions.</summary>
static class SealedVersions
{
    const string InsertSecret = """
        insert into secrets.secret (tenant_id, id, path, created_at, updated_at)
        values ($1, $2, $3, $4, $4)
        on conflict on constraint secret_path_once do nothing
        """;

    // Two writers of one path wait for each other here, so that one of them sees the other's version.
    const string LockSecret = "select id, current_version, versions_max from secrets.secret where tenant_id = $1 and path = $2 for update";

    const string InsertVersion = """
        insert into secrets.secret_version (tenant_id, secret_id, version, held, generation, box, created_at)
        values ($1, $2, $3, 'here', $4, $5, $6)
        """;

    const string MoveOn = "update secrets.secret set current_version = $3, updated_at = $4 where tenant_id = $1 and id = $2";

    const string Prune = "delete from secrets.secret_version where tenant_id = $1 and secret_id = $2 and version <= $3";

    const string FindVersion = """
        select v.version, v.box, v.created_at, v.deleted_at, v.generation, k.wrapped, k.master_id
        from secrets.secret s
        join secrets.secret_version v on v.tenant_id = s.tenant_id and v.secret_id = s.id and v.version = coalesce($3, s.current_version)
        left join secrets.tenant_key k on k.tenant_id = v.tenant_id and k.generation = v.generation
        where s.tenant_id = $1 and s.path = $2
        """;

    sealed record Locked(Guid Id, int Current, int VersionsMax);

    sealed record Found(int Version, byte[]? Box, DateTimeOffset CreatedAt, bool IsDeleted, int Generation, DataKeys.Wrapped? Key);

    public static async Task<Result<int>> Write(TenantTx tx, SecretPath path, SecretFields fields, int? expected, MasterRing ring, DateTimeOffset now, CancellationToken ct)
    {
        var opened = await DataKeys.ForWriting(tx, ring, now, ct);
        if (opened.Problem is { } problem) return problem;
        if (expected is > 0 && await tx.Maybe(LockSecret, ReadLocked, ct, tx.Tenant, path.Text) is null) return SecretProblems.CasMismatch(expected.Value, 0);
        await tx.Execute(InsertSecret, ct, tx.Tenant, Guid.CreateVersion7(now), path.Text, now);
        var secret = await tx.One(LockSecret, ReadLocked, ct, tx.Tenant, path.Text);
        if (expected is { } version && version != secret.Current) return SecretProblems.CasMismatch(version, secret.Current);

        var (key, next) = (opened.Value, secret.Current + 1);
        var plain = fields.ToBytes();
        var box = Envelope.Seal(key.Key, Envelope.PlaceOf(tx.Tenant, path.Text, next, key.Generation), plain);
        CryptographicOperations.ZeroMemory(plain);
        CryptographicOperations.ZeroMemory(key.Key);
        await tx.Execute(InsertVersion, ct, tx.Tenant, secret.Id, next, key.Generation, box, now);
        await tx.Execute(MoveOn, ct, tx.Tenant, secret.Id, next, now);
        await tx.Execute(Prune, ct, tx.Tenant, secret.Id, next - secret.VersionsMax);
        return next;
    }

    public static async Task<Result<Secret>> Read(TenantTx tx, SecretPath path, int? version, MasterRing ring, CancellationToken ct)
    {
        if (await tx.Maybe(FindVersion, ReadFound, ct, tx.Tenant, path.Text, version) is not { } found) return SecretProblems.NotFound;
        if (found.Box is null) return SecretProblems.Destroyed;
        if (found.IsDeleted) return SecretProblems.Deleted;
        if (found.Key is null) return SecretProblems.Damaged;
        return DataKeys.Open(tx.Tenant, found.Key, ring).Match<Result<Secret>>(key => Open(tx.Tenant, path, found, found.Box, key), problem => problem);
    }

    static Result<Secret> Open(TenantId tenant, SecretPath path, Found found, byte[] box, DataKey key)
    {
        var isWhole = Envelope.TryOpen(key.Key, Envelope.PlaceOf(tenant, path.Text, found.Version, key.Generation), box, out var plain);
        CryptographicOperations.ZeroMemory(key.Key);
        if (!isWhole || plain is null) return SecretProblems.Damaged;
        var fields = SecretFields.FromBytes(plain);
        CryptographicOperations.ZeroMemory(plain);
        return new Secret(path, found.Version, fields, found.CreatedAt);
    }

    static Locked ReadLocked(NpgsqlDataReader row) => new(row.GetGuid(0), row.GetInt32(1), row.GetInt32(2));

    static Found ReadFound(NpgsqlDataReader row) => new(row.GetInt32(0), row.IsDBNull(1) ? null : row.GetFieldValue<byte[]>(1), row.GetFieldValue<DateTimeOffset>(2), !row.IsDBNull(3),
        row.Maybe<int>(4) ?? 0, row.IsDBNull(5) || row.IsDBNull(4) ? null : new DataKeys.Wrapped(row.GetInt32(4), row.GetFieldValue<byte[]>(5), row.GetString(6)));
}
