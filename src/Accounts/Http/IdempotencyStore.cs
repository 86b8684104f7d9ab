using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Accounts.Http;

/// <summary>An answer as it was given.</summary>
/// <param name="Body">Null when it may not be kept.</param>
sealed record StoredAnswer(int Status, string? ContentType, string? Location, byte[]? Body);

/// <summary>What a key stands for: an answer to repeat, or null for a request that may run now.</summary>
sealed record Reservation(StoredAnswer? Answer);

/// <summary>The rows behind <see cref="IdempotencyMiddleware"/>.</summary>
sealed class IdempotencyStore(TenantDb db, TimeProvider clock)
{
    static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);
    static readonly TimeSpan Lease = TimeSpan.FromMinutes(15); // A process died with the request; no request of ours runs as long.

    const string DeleteOld = "delete from accounts.idempotency_key where tenant_id = $1 and (created_at < $2 or status is null and created_at < $3)";

    const string Insert = """
        insert into accounts.idempotency_key (tenant_id, actor, key, route, fingerprint, created_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (tenant_id, actor, key) do nothing
        """;

    const string Select = """
        select fingerprint, status, content_type, location, body
        from accounts.idempotency_key
        where tenant_id = $1 and actor = $2 and key = $3
        """;

    const string Save = """
        update accounts.idempotency_key
        set status = $4, content_type = $5, location = $6, body = $7
        where tenant_id = $1 and actor = $2 and key = $3
        """;

    const string Delete = "delete from accounts.idempotency_key where tenant_id = $1 and actor = $2 and key = $3";

    static readonly Problem Mismatch =
        new(ProblemKind.Invalid, "idempotency.mismatch", "This Idempotency-Key was used with another request. Use a new key for a new request.");

    static readonly Problem InFlight =
        new(ProblemKind.Conflict, "idempotency.in_flight", "The first request with this Idempotency-Key is still running. Ask again.") { RetryAfterSeconds = 1 };

    static readonly Problem NotReplayable =
        new(ProblemKind.Conflict, "idempotency.not_replayable", "This was done before, and its answer cannot be shown again. List what was made, or make another with a new key.");

    sealed record Row(byte[] Fingerprint, int? Status, string? ContentType, string? Location, byte[]? Body);

    public async Task<Result<Reservation>> Reserve(Actor actor, string key, string route, byte[] fingerprint, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        await tx.Execute(DeleteOld, ct, actor.Tenant, now - Lifetime, now - Lease);
        var isFirst = await tx.Execute(Insert, ct, actor.Tenant, actor.Label, key, route, fingerprint, now) == 1;
        if (isFirst)
        {
            await tx.Commit(ct);
            return new Reservation(null);
        }

        if (await tx.Maybe(Select, Read, ct, actor.Tenant, actor.Label, key) is not { } row) return InFlight;
        if (!row.Fingerprint.AsSpan().SequenceEqual(fingerprint)) return Mismatch;
        if (row.Status is not { } status) return InFlight;
        return row.Body is { } body ? new Reservation(new StoredAnswer(status, row.ContentType, row.Location, body)) : NotReplayable;
    }

    public async Task Keep(Actor actor, string key, StoredAnswer answer, CancellationToken ct)
    {
        await using var tx = await db.Begin(actor.Tenant, ct);
        await tx.Execute(Save, ct, actor.Tenant, actor.Label, key, answer.Status, answer.ContentType, answer.Location, answer.Body);
        await tx.Commit(ct);
    }

    public async Task Release(Actor actor, string key, CancellationToken ct)
    {
        await using var tx = await db.Begin(actor.Tenant, ct);
        await tx.Execute(Delete, ct, actor.Tenant, actor.Label, key);
        await tx.Commit(ct);
    }

    static Row Read(NpgsqlDataReader row) => new(row.GetFieldValue<byte[]>(0), row.Maybe<int>(1), row.Text(2), row.Text(3),
        row.IsDBNull(4) ? null : row.GetFieldValue<byte[]>(4));
}
