using Npgsql;
using PenguinMails.Core.Db;

namespace PenguinMails.Core.Jobs;

/// <summary>The SQL of jobs. Time always comes in as a parameter.</summary>
public static class JobStore
{
    const string InsertJob = """
        insert into core.job (id, tenant_id, kind, priority, due_at, attempts_max, every_seconds, unique_key, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (tenant_id, kind, unique_key) where unique_key is not null and state in ('ready', 'running') do nothing
        """;

    const string FindUnique = """
        select id
        from core.job
        where tenant_id = $1 and kind = $2 and unique_key = $3 and state in ('ready', 'running')
        """;

    const string InsertDetail = "insert into core.job_detail (tenant_id, job_id, payload) values ($1, $2, $3)";

    // Reads index job_ready; skip locked keeps the workers out of each other's way.
    const string ClaimReady = """
        update core.job
        set state = 'running', attempt = attempt + 1, lease_until = $2, lease_token = $3
        where id in (
          select id
          from core.job
          where state = 'ready' and due_at <= $1 and kind = any($4)
          order by priority, due_at
          limit $5
          for update skip locked)
        returning id, tenant_id, kind, attempt, attempts_max, lease_token, every_seconds
        """;

    const string MarkStarted = """
        update core.job_detail
        set started_at = coalesce(started_at, $3)
        where tenant_id = $1 and job_id = $2
        returning payload
        """;

    const string RenewLease = "update core.job set lease_until = $3 where id = $1 and lease_token = $2 and state = 'running'";

    const string FinishJob = """
        update core.job
        set state = $3, finished_at = $4, lease_until = null, lease_token = null, due_at = coalesce($5, due_at), attempt = $6
        where id = $1 and lease_token = $2
        """;

    // Also after the last attempt: the job comes back once more to be buried.
    const string ReleaseExpired = """
        update core.job
        set state = 'ready', lease_until = null, lease_token = null, due_at = $1
        where state = 'running' and lease_until < $1 and kind = any($2)
        """;

    const string SaveError = "update core.job_detail set last_error = $3 where tenant_id = $1 and job_id = $2";

    const string SaveProgress = """
        update core.job_detail
        set progress_done = $3, progress_total = $4, progress_note = $5
        where tenant_id = $1 and job_id = $2
        returning cancel_requested
        """;

    const string SaveResult = "update core.job_detail set result = $3 where tenant_id = $1 and job_id = $2";

    const string ReadStatus = """
        select j.id, j.kind, j.state, j.attempt, d.progress_done, d.progress_total, d.progress_note,
          d.cancel_requested, d.result, d.last_error, j.created_at, d.started_at, j.finished_at
        from core.job_detail d
        join core.job j on j.id = d.job_id and j.tenant_id = d.tenant_id
        where d.tenant_id = $1 and d.job_id = $2
        """;

    // Reads the index of job_unique.
    const string WakeReady = "update core.job set due_at = $4 where tenant_id = $1 and kind = $2 and unique_key = $3 and state = 'ready' and due_at > $4";

    const string ReleaseRunning = "update core.job set state = 'ready', lease_until = null, lease_token = null, due_at = $1 where state = 'running'";

    const string RequestCancel = "update core.job_detail set cancel_requested = true where tenant_id = $1 and job_id = $2";

    const string CancelReady = "update core.job set state = 'cancelled', finished_at = $3 where tenant_id = $1 and id = $2 and state = 'ready'";

    internal static async Task<JobId> Insert<T>(TenantTx tx, JobOrder<T> order, DateTimeOffset now, CancellationToken ct)
    {
        var id = TypedId.New<JobId>(now);
        var inserted = await tx.Execute(InsertJob, ct, id, tx.Tenant, order.Kind, (short)order.Priority, order.DueAt ?? now,
            order.AttemptsMax, order.EverySeconds, order.UniqueKey, now).ConfigureAwait(false);
        if (inserted == 0) return await tx.One(FindUnique, row => new JobId(row.GetGuid(0)), ct, tx.Tenant, order.Kind, order.UniqueKey).ConfigureAwait(false);
        await tx.Execute(InsertDetail, ct, tx.Tenant, id, Jsonb.Of(order.Payload)).ConfigureAwait(false);
        return id;
    }

    public static async Task<List<ClaimedJob>> Claim(TenantDb db, string[] kinds, int limit, TimeSpan lease, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.BeginUnscoped(ct).ConfigureAwait(false);
        await tx.Execute(ReleaseExpired, ct, now, kinds).ConfigureAwait(false);
        var claimed = await tx.List(ClaimReady, ReadClaim, ct, now, now + lease, Guid.CreateVersion7(now), kinds, limit).ConfigureAwait(false);
        await tx.Commit(ct).ConfigureAwait(false);
        return claimed;
    }

    /// <summary>The payload's JSON; null when the job has none in this tenant: a broken invariant the runner reports.</summary>
    internal static async Task<string?> Start(TenantDb db, ClaimedJob job, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.Begin(job.Tenant, ct).ConfigureAwait(false);
        var payload = await tx.Maybe(MarkStarted, row => row.GetString(0), ct, job.Tenant, job.Id, now).ConfigureAwait(false);
        await tx.Commit(ct).ConfigureAwait(false);
        return payload;
    }

    /// <returns>False when the lease was lost: another worker may hold the job now, so this one must stop.</returns>
    internal static async Task<bool> Renew(TenantDb db, ClaimedJob job, TimeSpan lease, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.BeginUnscoped(ct).ConfigureAwait(false);
        var renewed = await tx.Execute(RenewLease, ct, job.Id, job.LeaseToken, now + lease).ConfigureAwait(false);
        await tx.Commit(ct).ConfigureAwait(false);
        return renewed == 1;
    }

    /// <summary>Ends a run: <c>done</c>, <c>dead</c>, <c>cancelled</c>, or <c>ready</c> again at <paramref name="dueAt"/>.</summary>
    /// <param name="attempts">That count so far: a run broken off by a stop of the program is none of the job's own.</param>
    internal static async Task Finish(
        TenantDb db, ClaimedJob job, string state, DateTimeOffset? dueAt, int attempts, string? error, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.Begin(job.Tenant, ct).ConfigureAwait(false);
        await tx.Execute(FinishJob, ct, job.Id, job.LeaseToken, state, state == "ready" ? null : now, dueAt, attempts).ConfigureAwait(false);
        await tx.Execute(SaveError, ct, job.Tenant, job.Id, error).ConfigureAwait(false);
        await tx.Commit(ct).ConfigureAwait(false);
    }

    /// <returns>True when a person asked to cancel.</returns>
    internal static async Task<bool> Progress(TenantDb db, ClaimedJob job, long done, long? total, string? note, CancellationToken ct)
    {
        await using var tx = await db.Begin(job.Tenant, ct).ConfigureAwait(false);
        var cancel = await tx.List(SaveProgress, row => row.GetBoolean(0), ct, job.Tenant, job.Id, done, total, note).ConfigureAwait(false);
        await tx.Commit(ct).ConfigureAwait(false);
        return cancel.Count == 1 && cancel[0];
    }

    internal static async Task Result<T>(TenantDb db, ClaimedJob job, T result, CancellationToken ct)
    {
        await using var tx = await db.Begin(job.Tenant, ct).ConfigureAwait(false);
        await tx.Execute(SaveResult, ct, job.Tenant, job.Id, Jsonb.Of(result)).ConfigureAwait(false);
        await tx.Commit(ct).ConfigureAwait(false);
    }

    /// <summary>A job that waits for its time is due at once; for one at work nothing changes.</summary>
    internal static Task Wake(TenantTx tx, string kind, string uniqueKey, DateTimeOffset now, CancellationToken ct) => tx.Execute(WakeReady, ct, tx.Tenant, kind, uniqueKey, now);

    /// <summary>For a program that is alone with its database, when it starts: whoever held a job is gone, so its lease need not run out.</summary>
    public static async Task ReleaseAll(NpgsqlDataSource database, DateTimeOffset now, CancellationToken ct)
    {
        await using var release = database.CreateCommand(ReleaseRunning);
        release.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        await release.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
    }

    /// <summary>Null when this tenant has no such job.</summary>
    public static async Task<JobStatus?> Status(TenantDb db, TenantId tenant, JobId id, CancellationToken ct)
    {
        await using var tx = await db.Begin(tenant, ct).ConfigureAwait(false);
        return await tx.Maybe(ReadStatus, ReadJob, ct, tenant, id).ConfigureAwait(false);
    }

    /// <summary>A ready job is cancelled at once; a running one at its next progress report. Nothing happens to an ended one.</summary>
    public static async Task<bool> Cancel(TenantDb db, TenantId tenant, JobId id, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.Begin(tenant, ct).ConfigureAwait(false);
        var found = await tx.Execute(RequestCancel, ct, tenant, id).ConfigureAwait(false);
        await tx.Execute(CancelReady, ct, tenant, id, now).ConfigureAwait(false);
        await tx.Commit(ct).ConfigureAwait(false);
        return found == 1;
    }

    static ClaimedJob ReadClaim(NpgsqlDataReader row) => new(new(row.GetGuid(0)), new(row.GetGuid(1)), row.GetString(2), row.GetInt32(3),
        row.GetInt32(4), row.GetGuid(5), row.IsDBNull(6) ? null : row.GetInt32(6));

    static JobStatus ReadJob(NpgsqlDataReader row) => new(new(row.GetGuid(0)), row.GetString(1), row.GetString(2), row.GetInt32(3), row.GetInt64(4),
        row.Maybe<long>(5), row.Text(6), row.GetBoolean(7), row.Text(8), row.Text(9), row.GetFieldValue<DateTimeOffset>(10),
        row.Maybe<DateTimeOffset>(11), row.Maybe<DateTimeOffset>(12));
}
