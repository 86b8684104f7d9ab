using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using PenguinMails.Core.Events;
using PenguinMails.Core.Jobs;

namespace PenguinMails.Core.Db;

/// <summary>An open transaction tied to one tenant. Not committed means rolled back.</summary>
/// <remarks>Verbs take the SQL, then <c>ct</c>, then the values of $1, $2 and so on.
/// Typed ids, <see cref="Jsonb"/> and null are turned into their database form here.</remarks>
public sealed class TenantTx : IAsyncDisposable
{
    readonly NpgsqlConnection _connection;
    readonly NpgsqlTransaction _transaction;
    readonly Subscribers _subscribers;
    readonly JobSignal _signal;
    readonly List<NpgsqlBatchCommand> _waiting = [];
    bool _enqueued;
    bool _isInTenant;
    bool _isGivenBack;

    internal TenantTx(NpgsqlConnection connection, NpgsqlTransaction transaction, TenantId tenant, Subscribers subscribers, JobSignal signal) =>
        (_connection, _transaction, Tenant, _subscribers, _signal) = (connection, transaction, tenant, subscribers, signal);

    public TenantId Tenant { get; }

    /// <summary>A statement that gives no rows: it travels in front of the next one, or of the commit, and costs no round trip of its own.</summary>
    /// <remarks>If it fails, the call it travels with throws.</remarks>
    public void Later(string sql, params object?[] values) => _waiting.Add(Command(sql, values));

    /// <summary>Rows changed.</summary>
    public async Task<int> Execute(string sql, CancellationToken ct, params object?[] values)
    {
        await using var batch = Batch(sql, values);
        await batch.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
        _isInTenant = true;
        return (int)batch.BatchCommands[^1].RecordsAffected;
    }

    /// <summary>The first row, or null when there is none.</summary>
    public async Task<T?> Maybe<T>(string sql, Func<NpgsqlDataReader, T> read, CancellationToken ct, params object?[] values) where T : class
    {
        await using var batch = Batch(sql, values);
        await using var row = await Open(batch, ct).ConfigureAwait(false);
        return await row.ReadAsync(ct).ConfigureAwait(false) ? read(row) : null;
    }

    /// <exception cref="InvalidOperationException">No row: a broken invariant.</exception>
    public async Task<T> One<T>(string sql, Func<NpgsqlDataReader, T> read, CancellationToken ct, params object?[] values)
    {
        await using var batch = Batch(sql, values);
        await using var row = await Open(batch, ct).ConfigureAwait(false);
        return await row.ReadAsync(ct).ConfigureAwait(false) ? read(row) : throw new InvalidOperationException("The query gave no row.");
    }

    /// <summary>All rows; the SQL carries its own <c>limit</c>.</summary>
    public async Task<List<T>> List<T>(string sql, Func<NpgsqlDataReader, T> read, CancellationToken ct, params object?[] values)
    {
        await using var batch = Batch(sql, values);
        await using var row = await Open(batch, ct).ConfigureAwait(false);
        var rows = new List<T>();
        while (await row.ReadAsync(ct).ConfigureAwait(false)) rows.Add(read(row));
        return rows;
    }

    /// <summary>Opens a binary COPY. Row-level security refuses COPY into tenant tables; copy into a temporary table, then insert.</summary>
    public Task<NpgsqlBinaryImporter> Copy(string sql, CancellationToken ct) => _connection.BeginBinaryImportAsync(sql, ct);

    /// <summary>Adds a job to this transaction; it exists only if the transaction commits.</summary>
    public Task<JobId> Enqueue<T>(JobOrder<T> order, DateTimeOffset now, CancellationToken ct)
    {
        _enqueued = true;
        return JobStore.Insert(this, order, now, ct);
    }

    /// <summary>A job of this key that waits for its time is due at once.</summary>
    public Task Wake(string kind, string uniqueKey, DateTimeOffset now, CancellationToken ct)
    {
        _enqueued = true;
        return JobStore.Wake(this, kind, uniqueKey, now, ct);
    }

    /// <summary>One job for each subscriber of this event, in this transaction.</summary>
    public async Task Publish<TEvent>(TEvent happened, DateTimeOffset now, CancellationToken ct) where TEvent : class
    {
        foreach (var kind in _subscribers.KindsFor(typeof(TEvent)))
            await Enqueue(new JobOrder<TEvent>(kind, happened), now, ct).ConfigureAwait(false);
    }

    /// <summary>The last verb: its connection is free for others from here on.</summary>
    public async Task Commit(CancellationToken ct)
    {
        if (_waiting.Count > 0)
        {
            await using var last = Batch(null, []);
            await last.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
        }

        await _transaction.CommitAsync(ct).ConfigureAwait(false);
        await DisposeAsync().ConfigureAwait(false);
        if (_enqueued) _signal.Pulse();
    }

    // Once only: the driver gives the same transaction object to whoever has the connection next, and that one's would be rolled back.
    public async ValueTask DisposeAsync()
    {
        if (_isGivenBack) return;
        _isGivenBack = true;
        await _transaction.DisposeAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    const string SetTenant = "select set_config('app.tenant_id', $1, true)";

    // The first statement of the transaction carries the tenant in front of it.
    NpgsqlBatch Batch(string? sql, object?[] values)
    {
        var batch = new NpgsqlBatch(_connection, _transaction);
        if (!_isInTenant) batch.BatchCommands.Add(new NpgsqlBatchCommand(SetTenant) { Parameters = { new NpgsqlParameter<string> { TypedValue = Tenant.Value.ToString() } } });
        foreach (var waiting in _waiting) batch.BatchCommands.Add(waiting);
        _waiting.Clear();
        if (sql is not null) batch.BatchCommands.Add(Command(sql, values));
        return batch;
    }

    static NpgsqlBatchCommand Command(string sql, object?[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values) command.Parameters.Add(Parameter(value));
        return command;
    }

    // Statements without rows are passed over by the reader itself; the tenant's has one.
    async Task<NpgsqlDataReader> Open(NpgsqlBatch batch, CancellationToken ct)
    {
        var rows = await batch.ExecuteReaderAsync(ct).ConfigureAwait(false);
        if (!_isInTenant) await rows.NextResultAsync(ct).ConfigureAwait(false);
        _isInTenant = true;
        return rows;
    }

    internal static NpgsqlParameter Parameter(object? value) => value switch
    {
        null => new NpgsqlParameter { Value = DBNull.Value },
        TenantId id => new NpgsqlParameter<Guid> { TypedValue = id.Value },
        WorkspaceId id => new NpgsqlParameter<Guid> { TypedValue = id.Value },
        UserId id => new NpgsqlParameter<Guid> { TypedValue = id.Value },
        JobId id => new NpgsqlParameter<Guid> { TypedValue = id.Value },
        Jsonb json => new NpgsqlParameter<string> { TypedValue = json.Text, NpgsqlDbType = NpgsqlDbType.Jsonb },
        DateTimeOffset at => new NpgsqlParameter<DateTimeOffset> { TypedValue = at.ToUniversalTime() },
        Enum word => throw new ArgumentException($"Give {word.GetType().Name} as text: the column holds {Convert.ToString(word, CultureInfo.InvariantCulture)} as a word."),
        _ => new NpgsqlParameter { Value = TypedIdValue.Unwrap(value) },
    };
}
