using System.Security.Cryptography;
using System.Text;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Secrets.Keys;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Secrets.Sealed;

/// <summary>Readings handed to one other program: a token of 256 random bits, stored hashed, that opens one version once.</summary>
static class Wrappings
{
    const string Prefix = "pm_wrap_";
    const int RandomBytes = 32;

    const string Fix = """
        select s.id, v.version, v.deleted_at is not null, v.destroyed_at is not null
        from secrets.secret s
        join secrets.secret_version v on v.tenant_id = s.tenant_id and v.secret_id = s.id and v.version = coalesce($3, s.current_version)
        where s.tenant_id = $1 and s.path = $2
        """;

    const string Insert = """
        insert into secrets.wrapping (tenant_id, token_hash, secret_id, version, expires_at)
        values ($1, $2, $3, $4, $5)
        """;

    const string Use = """
        update secrets.wrapping w
        set used_at = $3
        from secrets.secret s
        where w.tenant_id = $1 and w.token_hash = $2 and w.used_at is null and w.expires_at > $3 and s.tenant_id = w.tenant_id and s.id = w.secret_id
        returning s.path, w.version
        """;

    const string Sweep = "delete from secrets.wrapping where tenant_id = $1 and expires_at < $2";

    sealed record Fixed(Guid Secret, int Version, bool IsDeleted, bool IsDestroyed);

    sealed record Used(string Path, int Version);

    public static async Task<Result<WrappedSecret>> Make(TenantTx tx, SecretPath path, int? version, TimeSpan life, DateTimeOffset now, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(life, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(life, TimeSpan.FromHours(24));
        if (await tx.Maybe(Fix, ReadFixed, ct, tx.Tenant, path.Text, version) is not { } found) return SecretProblems.NotFound;
        if (found.IsDestroyed) return SecretProblems.Destroyed;
        if (found.IsDeleted) return SecretProblems.Deleted;
        await tx.Execute(Sweep, ct, tx.Tenant, now);
        var token = Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes));
        await tx.Execute(Insert, ct, tx.Tenant, Hash(token), found.Secret, found.Version, now + life);
        return new WrappedSecret(token, now + life);
    }

    public static async Task<Result<SecretFields>> Open(TenantTx tx, string token, MasterRing ring, DateTimeOffset now, CancellationToken ct)
    {
        if (token.Length != Prefix.Length + RandomBytes * 2) return SecretProblems.WrapInvalid;
        if (await tx.Maybe(Use, row => new Used(row.GetString(0), row.GetInt32(1)), ct, tx.Tenant, Hash(token), now) is not { } used) return SecretProblems.WrapInvalid;
        var read = await SealedVersions.Read(tx, SecretPath.Parse(used.Path), used.Version, ring, ct);
        return read.Match<Result<SecretFields>>(secret => secret.Fields, problem => problem);
    }

    static byte[] Hash(string token) => SHA256.HashData(Encoding.ASCII.GetBytes(token));

    static Fixed ReadFixed(NpgsqlDataReader row) => new(row.GetGuid(0), row.GetInt32(1), row.GetBoolean(2), row.GetBoolean(3));
}
