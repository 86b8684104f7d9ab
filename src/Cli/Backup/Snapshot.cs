using System.Data;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Cli.Backup;

/// <summary>A moment of the database held still while the program goes on: what is counted here and what pg_dump takes are the same rows.</summary>
sealed class Snapshot : IAsyncDisposable
{
    // Without row security a role that may not see everything gets an error, not a part.
    const string HoldStill = """
        set transaction read only;
        set local row_security = off;
        set local idle_in_transaction_session_timeout = 0;
        set local statement_timeout = 0;
        """;

    const string Export = "select pg_export_snapshot()";

    const string Count = """
        do $$ declare
          found record;
          counted bigint;
          counts jsonb := '{}';
        begin
          for found in
            select n.nspname as place, c.relname as name
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            where c.relkind = 'r' and c.relpersistence <> 't' and n.nspname !~ '^(pg_|information_schema)'
          loop
            execute format('select count(*) from only %I.%I', found.place, found.name) into counted;
            counts := counts || jsonb_build_object(found.place || '.' || found.name, counted);
          end loop;
          perform set_config('app.counts', counts::text, true);
        end $$
        """;

    const string ReadCounts = "select current_setting('app.counts')";

    const string IsInstalled = "select to_regclass('core.migration') is not null";

    const string MaySeeAll = "select rolsuper or rolbypassrls from pg_roles where rolname = current_user";

    readonly NpgsqlConnection _connection;
    readonly NpgsqlTransaction _transaction;

    Snapshot(NpgsqlConnection connection, NpgsqlTransaction transaction) => (_connection, _transaction) = (connection, transaction);

    public int PostgresMajor => _connection.PostgreSqlVersion.Major;

    /// <exception cref="InvalidOperationException">No database of this program, or the role may not read past row-level security.</exception>
    public static async Task<Snapshot> Take(string connection, CancellationToken ct)
    {
        var opened = new NpgsqlConnection(connection + ";Pooling=false;Command Timeout=0");
        try
        {
            await opened.OpenAsync(ct);
            var snapshot = new Snapshot(opened, await opened.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct));
            await snapshot.Run(HoldStill, ct);
            if (!await snapshot.One<bool>(MaySeeAll, ct))
                throw new InvalidOperationException($"The role {opened.UserName} may not read past row-level security, so its backup would have holes. Name a role with BYPASSRLS in PENGUIN__DATABASE__BACKUPCONNECTION; docs/runbook/backup-and-restore.md shows how to make one.");
            if (!await snapshot.One<bool>(IsInstalled, ct)) throw new InvalidOperationException($"The database {opened.Database} holds no installation of this program: there is nothing to back up.");
            return snapshot;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    /// <summary>A name under which pg_dump enters the same moment; valid as long as this lives.</summary>
    public Task<string> Share(CancellationToken ct) => One<string>(Export, ct);

    public async Task<IReadOnlyDictionary<string, long>> CountRows(CancellationToken ct)
    {
        await Run(Count, ct);
        return Json.Read<SortedDictionary<string, long>>(await One<string>(ReadCounts, ct));
    }

    public async Task<IReadOnlyList<SchemaStep>> Schema(CancellationToken ct) =>
        [.. (await Migrator.Applied(_connection, ct)).Select(step => new SchemaStep(step.Key.Module, step.Key.Number, step.Value))];

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }

    async Task Run(string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, _connection, _transaction);
        await command.ExecuteNonQueryAsync(ct);
    }

    async Task<T> One<T>(string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, _connection, _transaction);
        return await command.ExecuteScalarAsync(ct) is T value ? value : throw new InvalidOperationException("The database gave no answer.");
    }
}
