using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace PenguinMails.Core.Db;

/// <summary>One step: file <c>0001_core.sql</c> of a module.</summary>
public sealed record Migration(string Module, int Number, string Name, string Sql)
{
    /// <summary>SHA-256 of the text, lower-case hex.</summary>
    public string Checksum => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql)));
}

/// <summary>The migration that was applied differs from the file, or a step is missing. Nothing was changed.</summary>
public sealed class MigrationRefused(string message) : Exception(message);

/// <summary>Applies the modules' SQL files in order, forward only, each in its own transaction, one program at a time.</summary>
public static class Migrator
{
    const long LockKey = 0x50454E4755494E; // "PENGUIN": the advisory lock every node takes before it looks.

    const string Lock = "select pg_advisory_lock($1)";

    const string CreateLedger = """
        create schema if not exists core;
        create table if not exists core.migration (
          module text not null,
          number integer not null,
          name text not null,
          checksum text not null,
          applied_at timestamptz not null,
          primary key (module, number)
        );
        grant select on core.migration to penguin_app;
        """;

    const string ReadLedger = "select module, number, checksum from core.migration order by module, number limit 100000";

    const string Record = "insert into core.migration (module, number, name, checksum, applied_at) values ($1, $2, $3, $4, $5)";

    /// <summary>The files <c>Migrations/NNNN_name.sql</c> embedded in a module's assembly, in order.</summary>
    public static IEnumerable<Migration> From(Assembly assembly)
    {
        var module = (assembly.GetName().Name ?? "").Split('.')[^1];
        foreach (var resource in assembly.GetManifestResourceNames().Where(n => n.StartsWith("Migrations/", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource) ?? throw new InvalidOperationException(resource));
            var name = Path.GetFileNameWithoutExtension(resource);
            yield return new Migration(module, int.Parse(name[..4], System.Globalization.CultureInfo.InvariantCulture), name, reader.ReadToEnd());
        }
    }

    /// <returns>Number of steps applied.</returns>
    /// <exception cref="MigrationRefused">An applied file was changed afterwards, or the database is newer than the program.</exception>
    public static async Task<int> Apply(NpgsqlDataSource owner, IReadOnlyList<Migration> migrations, TimeProvider clock, CancellationToken ct)
    {
        await using var connection = await owner.OpenConnectionAsync(ct).ConfigureAwait(false);
        await Execute(connection, Lock, ct, LockKey).ConfigureAwait(false); // Released with the connection, also when the program dies.
        await Execute(connection, CreateLedger, ct).ConfigureAwait(false);
        var applied = await Applied(connection, ct).ConfigureAwait(false);
        Check(applied, migrations);

        var count = 0;
        foreach (var step in migrations.Where(m => !applied.ContainsKey((m.Module, m.Number))))
        {
            await using var transaction = await connection.BeginTransactionAsync(ct).ConfigureAwait(false);
            await CreateSchema(connection, step.Module, ct).ConfigureAwait(false);
            await Execute(connection, step.Sql, ct).ConfigureAwait(false);
            await Execute(connection, Record, ct, step.Module, step.Number, step.Name, step.Checksum, clock.GetUtcNow()).ConfigureAwait(false);
            await transaction.CommitAsync(ct).ConfigureAwait(false);
            count++;
        }

        await Execute(connection, "select pg_advisory_unlock($1)", ct, LockKey).ConfigureAwait(false);
        return count;
    }

    /// <param name="applied">Checksum of each step that a database has.</param>
    /// <exception cref="MigrationRefused">The database is newer than these steps, or a step was changed.</exception>
    public static void Check(IReadOnlyDictionary<(string Module, int Number), string> applied, IReadOnlyList<Migration> migrations)
    {
        var known = migrations.ToDictionary(m => (m.Module, m.Number));
        foreach (var (key, checksum) in applied)
        {
            if (!known.TryGetValue(key, out var file))
                throw new MigrationRefused($"The database has step {key.Number:0000} of {key.Module}, which this program does not know. Start the newer program that made it.");
            if (file.Checksum != checksum)
                throw new MigrationRefused($"{key.Module}/Migrations/{file.Name}.sql was changed after it was applied. Restore the file and put the change into a new step.");
        }

        foreach (var module in migrations.GroupBy(m => m.Module))
            if (module.Select(m => m.Number).Order().Where((number, index) => number != index + 1).Any())
                throw new MigrationRefused($"The steps of {module.Key} are not numbered 0001, 0002 and so on without a gap.");
    }

    /// <summary>Checksum of each step that this database has.</summary>
    public static async Task<Dictionary<(string Module, int Number), string>> Applied(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(ReadLedger, connection);
        await using var row = await command.ExecuteReaderAsync(ct).ConfigureAwait(false);
        var applied = new Dictionary<(string, int), string>();
        while (await row.ReadAsync(ct).ConfigureAwait(false)) applied[(row.GetString(0), row.GetInt32(1))] = row.GetString(2);
        return applied;
    }

    // The schema's name comes from an assembly of ours, is checked to be letters only, and quoted by the server.
    static async Task CreateSchema(NpgsqlConnection connection, string module, CancellationToken ct)
    {
        if (!module.All(char.IsAsciiLetter)) throw new InvalidOperationException(module);
        const string create = """
            do $$ begin
              execute format('create schema if not exists %I', lower(current_setting('app.module')));
              execute format('grant usage on schema %I to penguin_app', lower(current_setting('app.module')));
            end $$
            """;
        await Execute(connection, "select set_config('app.module', $1, true)", ct, module).ConfigureAwait(false);
        await Execute(connection, create, ct).ConfigureAwait(false);
    }

    static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken ct, params object?[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        foreach (var value in values) command.Parameters.Add(TenantTx.Parameter(value));
        await command.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
    }
}
