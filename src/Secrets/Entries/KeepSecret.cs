using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Secrets.Rotations;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Secrets.Entries;

/// <summary>A person or key wrote a version: whoever keeps the number of a version takes this one.</summary>
public sealed record SecretWritten(string Path, int Version);

/// <summary>Stores a secret for another module, with the usual plan of its kind. For modules, not for people: the module checks the permission.</summary>
/// <remarks>Refuses as <see cref="ISecretStore.Put"/> does. A plan that is there already stays; its period begins anew.</remarks>
public static class KeepSecret
{
    const string FindPlan = "select kind from secrets.rotation_plan where tenant_id = $1 and secret_id = $2";

    /// <param name="expected">The version that must be current, 0 for none yet; null writes whatever is there.</param>
    /// <param name="kind">One of <see cref="RotationKinds"/>; null plans nothing.</param>
    /// <returns>The number of the new version.</returns>
    public static async Task<Result<int>> Handle(
        SecretAccess access, SecretPath path, SecretFields fields, int? expected, string? kind, ISecretStore store, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var put = await store.Put(access, path, fields, expected, ct);
        if (!put.IsOk) return put;
        await using var tx = await db.Beside.Begin(access.Tenant, ct);
        await Planned(tx, path, kind, clock.GetUtcNow(), ct);
        await tx.Commit(ct);
        return put;
    }

    internal static async Task<SecretId> Planned(TenantTx tx, SecretPath path, string? kind, DateTimeOffset now, CancellationToken ct)
    {
        var id = await ListSecrets.IdOf(tx, path, ct) ?? throw new InvalidOperationException("A secret was written and has no name.");
        var isPlanned = (await tx.List(FindPlan, row => row.GetString(0), ct, tx.Tenant, id)).Count > 0;
        await PlanRotation.Written(tx, id, isPlanned ? null : kind, now, ct);
        return id;
    }
}
