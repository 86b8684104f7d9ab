using System.Security.Cryptography;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Secrets.Keys;

/// <summary>Gives a tenant a new data key. New values use it at once; a job seals the old ones anew in batches and then destroys the old key.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>secret.sealed</c>, <c>secret.shredded</c>, <c>secret.key_missing</c> (nothing is stored yet) or <c>secret.key_rotating</c>.</remarks>
public static class RotateDataKey
{
    internal const string Kind = "secrets.reencrypt";
    const int BatchMax = 200;

    /// <param name="Generation">Of the new key.</param>
    public sealed record Output(int Generation, JobId Job);

    internal sealed record Order(int Generation);

    sealed record State(int Current, bool IsRotating);

    // The lock on the current row holds off writers, so that none seals under the key that retires here.
    const string FindState = """
        select c.generation, exists (select 1 from secrets.tenant_key r where r.tenant_id = $1 and r.state = 'retiring')
        from secrets.tenant_key c
        where c.tenant_id = $1 and c.state = 'current'
        for update of c
        """;

    const string Retire = "update secrets.tenant_key set state = 'retiring' where tenant_id = $1 and generation = $2";

    const string SelectKeys = """
        select generation, wrapped, master_id
        from secrets.tenant_key
        where tenant_id = $1 and state <> 'destroyed'
        order by generation
        limit 1000
        """;

    // Reads index secret_version_generation.
    const string SelectBatch = """
        select v.secret_id, v.version, s.path, v.generation, v.box
        from secrets.secret_version v
        join secrets.secret s on s.tenant_id = v.tenant_id and s.id = v.secret_id
        where v.tenant_id = $1 and v.generation < $2 and v.box is not null
        order by v.secret_id, v.version
        limit $3
        for update of v
        """;

    const string SaveBox = "update secrets.secret_version set generation = $4, box = $5 where tenant_id = $1 and secret_id = $2 and version = $3";

    const string DestroyRetired = """
        update secrets.tenant_key k
        set state = 'destroyed', wrapped = null, master_id = null, destroyed_at = $2
        where k.tenant_id = $1 and k.state = 'retiring'
          and not exists (select 1 from secrets.secret_version v where v.tenant_id = $1 and v.generation = k.generation and v.box is not null)
        """;

    sealed record Sealed(Guid Secret, int Version, string Path, int Generation, byte[] Box);

    public static async Task<Result<Output>> Handle(Actor actor, string reason, MasterKeys masters, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.SecretsManage)) return Actor.Forbidden(Permissions.SecretsManage);
        if (!new SecretAccess(actor, reason, "").HasReason) return SecretProblems.ReasonMissing;
        var (ring, now) = (await masters.Ring(ct), clock.GetUtcNow());
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await DataKeys.IsShredded(tx, ct)) return SecretProblems.Shredded;
        if (await tx.Maybe(FindState, row => new State(row.GetInt32(0), row.GetBoolean(1)), ct, actor.Tenant) is not { } state)
            return new Problem(ProblemKind.NotFound, "secret.key_missing", "This account has no data key yet: it gets one with its first secret.");
        if (state.IsRotating) return new Problem(ProblemKind.Conflict, "secret.key_rotating", "The data key is being rotated already. Wait for its job.");
        await tx.Execute(Retire, ct, actor.Tenant, state.Current);
        await DataKeys.Insert(tx, ring, state.Current + 1, now, ct);
        var job = await tx.Enqueue(new JobOrder<Order>(Kind, new Order(state.Current + 1)) { UniqueKey = "data-key", AttemptsMax = 30 }, now, ct);
        await tx.Append(actor, "secret.data_key_rotated", actor.Tenant.ToString(), new { generation = state.Current + 1, reason = reason.Trim() }, now, ct);
        await tx.Commit(ct);
        return new Output(state.Current + 1, job);
    }

    /// <summary>Bears being broken off anywhere: each batch is a transaction, and what is done is not found again.</summary>
    internal static async Task Run(Order order, JobRun run, CancellationToken ct)
    {
        var (ring, clock, done) = (await run.Need<MasterKeys>().Ring(ct), run.Need<TimeProvider>(), 0L);
        while (await Batch(order.Generation, run, ring, ct) is > 0 and var count)
        {
            done += count;
            await run.Progress(done, null, "values sealed anew", ct);
        }

        await using var tx = await run.Db.Begin(run.Tenant, ct);
        await tx.Execute(DestroyRetired, ct, run.Tenant, clock.GetUtcNow());
        await tx.Commit(ct);
    }

    static async Task<int> Batch(int generation, JobRun run, MasterRing ring, CancellationToken ct)
    {
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        var keys = new Dictionary<int, byte[]>();
        foreach (var wrapped in await tx.List(SelectKeys, DataKeys.Wrapped.Read, ct, run.Tenant))
            if (DataKeys.Open(run.Tenant, wrapped, ring).Match<DataKey?>(key => key, _ => null) is { } key) keys[key.Generation] = key.Key;
        if (!keys.TryGetValue(generation, out var current)) return 0; // Shredded, or the master key is not here: the retired key stays.
        var batch = await tx.List(SelectBatch, Read, ct, run.Tenant, generation, BatchMax);
        var count = 0;
        foreach (var one in batch)
        {
            if (!keys.TryGetValue(one.Generation, out var old)) continue;
            var isWhole = Envelope.TryOpen(old, Envelope.PlaceOf(run.Tenant, one.Path, one.Version, one.Generation), one.Box, out var plain);
            // A damaged value stays under its old key, which then is not destroyed: a backup of the row may still open.
            if (!isWhole || plain is null) throw new InvalidOperationException($"Version {one.Version} of a secret ({one.Secret}) does not open. Destroy or restore it; the rotation of the data key then goes on.");
            await tx.Execute(SaveBox, ct, run.Tenant, one.Secret, one.Version, generation, Envelope.Seal(current, Envelope.PlaceOf(run.Tenant, one.Path, one.Version, generation), plain));
            CryptographicOperations.ZeroMemory(plain);
            count++;
        }

        await tx.Commit(ct);
        return count;
    }

    static Sealed Read(NpgsqlDataReader row) => new(row.GetGuid(0), row.GetInt32(1), row.GetString(2), row.GetInt32(3), row.GetFieldValue<byte[]>(4));
}
