using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Secrets.Accesses;
using PenguinMails.Secrets.Keys;
using PenguinMails.Secrets.Sealed;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Secrets.Vault;

/// <summary>What the database knows of secrets that lie in Vault: names, version numbers, marks, and the audit lines. Never a value.</summary>
static class VaultMirror
{
    const string UpsertSecret = """
        insert into secrets.secret (tenant_id, id, path, current_version, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $5)
        on conflict on constraint secret_path_once do update set current_version = greatest(secret.current_version, excluded.current_version), updated_at = excluded.updated_at
        """;

    const string InsertVersion = """
        insert into secrets.secret_version (tenant_id, secret_id, version, held, created_at)
        select tenant_id, id, $3, 'vault', $4
        from secrets.secret
        where tenant_id = $1 and path = $2
        on conflict (tenant_id, secret_id, version) do nothing
        """;

    /// <summary>Writes the line before Vault is asked. Refuses where the account was shredded.</summary>
    public static async Task<Problem?> Begin(TenantDb db, SecretAccess access, AccessVerb verb, string path, int? version, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.Begin(access.Tenant, ct);
        var refusal = verb != AccessVerb.Shredded && await DataKeys.IsShredded(tx, ct) ? SecretProblems.Shredded : null;
        await AccessLog.Append(tx, access, verb, path, version, refusal?.Code, VaultStore.StoreName, now, ct);
        await tx.Commit(ct);
        return refusal;
    }

    public static async Task Refused(TenantDb db, SecretAccess access, AccessVerb verb, string path, int? version, Problem problem, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.Begin(access.Tenant, ct);
        await AccessLog.Append(tx, access, verb, path, version, problem.Code, VaultStore.StoreName, now, ct);
        await tx.Commit(ct);
    }

    public static async Task Written(TenantDb db, TenantId tenant, SecretPath path, int version, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.Begin(tenant, ct);
        await tx.Execute(UpsertSecret, ct, tenant, Guid.CreateVersion7(now), path.Text, version, now);
        await tx.Execute(InsertVersion, ct, tenant, path.Text, version, now);
        await tx.Commit(ct);
    }

    public static async Task Marked(TenantDb db, TenantId tenant, SecretPath path, int version, AccessVerb verb, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.Begin(tenant, ct);
        if (verb == AccessVerb.Deleted) await VersionRows.Delete(tx, path, version, now, ct);
        if (verb == AccessVerb.Undeleted) await VersionRows.Undelete(tx, path, version, now, ct);
        if (verb == AccessVerb.Destroyed) await VersionRows.Destroy(tx, path, version, now, ct);
        await tx.Commit(ct);
    }

    public static async Task Removed(TenantDb db, TenantId tenant, SecretPath path, CancellationToken ct)
    {
        await using var tx = await db.Begin(tenant, ct);
        await VersionRows.Remove(tx, path, ct);
        await tx.Commit(ct);
    }

    public static async Task Shredded(TenantDb db, SecretAccess access, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.Begin(access.Tenant, ct);
        await Shredding.Within(tx, access, now, ct);
        await tx.Commit(ct);
    }
}
