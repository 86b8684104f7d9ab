using System.Security.Cryptography;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Secrets.Keys;

/// <summary>An opened data key. Lives as long as one call.</summary>
sealed record DataKey(int Generation, byte[] Key)
{
    public override string ToString() => $"data key {Generation}";
}

/// <summary>The data keys of a tenant: 256 random bits, stored wrapped by a master key. One is current; older ones retire until nothing lies under them.</summary>
static class DataKeys
{
    // The row stays share-locked until the writer's commit: a key cannot be destroyed under a value that is being written.
    const string FindCurrent = "select generation, wrapped, master_id from secrets.tenant_key where tenant_id = $1 and state = 'current' for share";

    const string InsertFirst = """
        insert into secrets.tenant_key (tenant_id, generation, state, wrapped, master_id, created_at)
        values ($1, $2, 'current', $3, $4, $5)
        on conflict (tenant_id, generation) do nothing
        """;

    const string FindShredding = "select at from secrets.shredding where tenant_id = $1";

    internal sealed record Wrapped(int Generation, byte[] Box, string MasterId)
    {
        public static Wrapped Read(NpgsqlDataReader row) => new(row.GetInt32(0), row.GetFieldValue<byte[]>(1), row.GetString(2));
    }

    /// <summary>True when the account's secrets are gone for good.</summary>
    public static async Task<bool> IsShredded(TenantTx tx, CancellationToken ct) => (await tx.List(FindShredding, row => row.GetFieldValue<DateTimeOffset>(0), ct, tx.Tenant)).Count > 0;

    /// <summary>The key to write under, made when the tenant has none.</summary>
    public static async Task<Result<DataKey>> ForWriting(TenantTx tx, MasterRing ring, DateTimeOffset now, CancellationToken ct)
    {
        var current = await tx.Maybe(FindCurrent, Wrapped.Read, ct, tx.Tenant);
        if (current is null)
        {
            await Insert(tx, ring, 1, now, ct);
            // A new statement sees what a rotation made meanwhile; after a shredding there is none.
            current = await tx.Maybe(FindCurrent, Wrapped.Read, ct, tx.Tenant);
            if (current is null) return SecretProblems.Shredded;
        }

        return Open(tx.Tenant, current, ring);
    }

    internal static async Task Insert(TenantTx tx, MasterRing ring, int generation, DateTimeOffset now, CancellationToken ct)
    {
        var key = RandomNumberGenerator.GetBytes(Envelope.KeyBytes);
        await tx.Execute(InsertFirst, ct, tx.Tenant, generation, Wrap(tx.Tenant, generation, key, ring), ring.Current.Id, now);
        CryptographicOperations.ZeroMemory(key);
    }

    internal static byte[] Wrap(TenantId tenant, int generation, byte[] key, MasterRing ring) => Envelope.Seal(ring.Current.Key, Envelope.PlaceOfKey(tenant, generation), key);

    /// <summary>Refuses with <c>secret.sealed</c> when the master key is not here, with <c>secret.damaged</c> when the row was altered.</summary>
    internal static Result<DataKey> Open(TenantId tenant, Wrapped wrapped, MasterRing ring)
    {
        if (ring.Find(wrapped.MasterId) is not { } master)
            return SecretProblems.Sealed($"The master key {wrapped.MasterId} that wraps this account's data key is not here. Name its source in PENGUIN__SECRETS__MASTER or PENGUIN__SECRETS__ACCEPTED and start again.");
        return Envelope.TryOpen(master.Key, Envelope.PlaceOfKey(tenant, wrapped.Generation), wrapped.Box, out var key) ? new DataKey(wrapped.Generation, key) : SecretProblems.Damaged;
    }
}
