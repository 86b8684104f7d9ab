using Microsoft.Extensions.Configuration;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Cli.Backup;

/// <summary>The empty database a restore fills: a new private cluster, or an empty database on a server of one's own.</summary>
sealed class RestoreTarget : IAsyncDisposable
{
    const string CountRelations = """
        select count(*)
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        where n.nspname !~ '^(pg_|information_schema)'
        """;

    readonly PrivateCluster? _cluster;

    RestoreTarget(PrivateCluster? cluster, string writer, string? owner, Database database) => (_cluster, Writer, Owner, Database) = (cluster, writer, owner, database);

    /// <summary>Connection string that the dump goes in by.</summary>
    public string Writer { get; }

    /// <summary>Role that the tables are to belong to; null for the writer's own.</summary>
    public string? Owner { get; }

    public Database Database { get; }

    /// <summary>True where row counts can be compared, because the writer reads past row-level security.</summary>
    public bool IsPrivate => _cluster is not null;

    /// <exception cref="InvalidOperationException">The database is not empty, or cannot be reached.</exception>
    public static async Task<RestoreTarget> Open(string folder, IConfiguration configuration, MasterKey key, CancellationToken ct)
    {
        if (configuration["Database:Connection"] is { Length: > 0 } given)
        {
            await RefuseFull(given, ct);
            return new RestoreTarget(null, given, null, await Server.Prepare(given, configuration["Database:AppConnection"], key, ct));
        }

        // Not cancelled while it starts: half a server could not be stopped.
        var cluster = await PrivateCluster.Start(Path.Combine(folder, "db"), durable: configuration["Database:Durable"] != "false", TimeProvider.System, CancellationToken.None);
        return new RestoreTarget(cluster, cluster.Connection("postgres", "penguin"), "penguin_owner", cluster.Database);
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_cluster is not null) await _cluster.DisposeAsync();
    }

    static async Task RefuseFull(string connection, CancellationToken ct)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand(CountRelations);
        if (await command.ExecuteScalarAsync(ct) is not 0L)
            throw new InvalidOperationException($"The database {new NpgsqlConnectionStringBuilder(connection).Database} is not empty. A restore never overwrites an installation. Make an empty one with createdb and name it in PENGUIN__DATABASE__CONNECTION.");
    }
}
