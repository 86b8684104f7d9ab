using Microsoft.Extensions.Configuration;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;

namespace PenguinMails.Cli;

/// <summary>The database and keys of this installation, opened: the private cluster or the given server, migrated.</summary>
public sealed class Installation : IAsyncDisposable
{
    /// <summary>Lies in the data folder while a restore is at work in it.</summary>
    internal const string UnfinishedRestore = "restore.unfinished";

    readonly PrivateCluster? _cluster;

    Installation(PrivateCluster? cluster, Database database, MasterKey key) => (_cluster, Database, Key) = (cluster, database, key);

    public Database Database { get; }

    public MasterKey Key { get; }

    /// <summary>Starts or reaches PostgreSQL and brings the schema up to date.</summary>
    /// <exception cref="InvalidOperationException">PostgreSQL is not there or too old; the message says what to do.</exception>
    /// <exception cref="MigrationRefused">The schema does not fit this program.</exception>
    public static async Task<Installation> Open(Settings settings, IConfiguration configuration, CancellationToken ct)
    {
        Directory.CreateDirectory(settings.DataFolder);
        if (File.Exists(Path.Combine(settings.DataFolder, UnfinishedRestore)))
            throw new InvalidOperationException($"A restore into {settings.DataFolder} did not come to its end. Remove what is in it and run penguin restore again.");
        var key = MasterKey.Load(configuration["Keys:Master"], settings.DataFolder);
        var installation = configuration["Database:Connection"] is { Length: > 0 } given
            ? new Installation(null, await Server.Prepare(given, configuration["Database:AppConnection"], key, ct), key)
            : Of(await PrivateCluster.Start(Path.Combine(settings.DataFolder, "db"), durable: configuration["Database:Durable"] != "false", TimeProvider.System, ct, line => Console.Error.WriteLine($"penguin: {line}")), key);
        try
        {
            await using var owner = installation.Database.OpenAsOwner();
            await Migrator.Apply(owner, [.. Modules.All.SelectMany(m => Migrator.From(m.Assembly))], TimeProvider.System, ct);
            // Whoever starts a private cluster is alone with it: jobs that were at work when this program was killed go on at once.
            if (installation._cluster is { IsGuest: false }) await JobStore.ReleaseAll(owner, TimeProvider.System.GetUtcNow(), ct);
            return installation;
        }
        catch
        {
            await installation.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_cluster is not null) await _cluster.DisposeAsync();
    }

    static Installation Of(PrivateCluster cluster, MasterKey key) => new(cluster, cluster.Database, key);
}
