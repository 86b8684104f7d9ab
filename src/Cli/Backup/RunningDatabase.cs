using Microsoft.Extensions.Configuration;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Cli.Backup;

/// <summary>The database of this installation as it stands: that of the running program, or a private cluster started for the while. Nothing is migrated.</summary>
sealed class RunningDatabase : IAsyncDisposable
{
    readonly PrivateCluster? _started;

    RunningDatabase(PrivateCluster? started, string reader, Database database, MasterKey key, string master) =>
        (_started, Reader, Database, Key, Master) = (started, reader, database, key, master);

    /// <summary>Connection string of a role that reads past row-level security.</summary>
    public string Reader { get; }

    public Database Database { get; }

    public MasterKey Key { get; }

    /// <summary>The master key as text, for the archive alone.</summary>
    public string Master { get; }

    /// <exception cref="InvalidOperationException">There is no installation, or it cannot be reached; the message says what to do.</exception>
    public static async Task<RunningDatabase> Reach(Settings settings, IConfiguration configuration, CancellationToken ct)
    {
        var file = Path.Combine(settings.DataFolder, "keys", "master.key");
        var configured = configuration["Keys:Master"];
        if (string.IsNullOrEmpty(configured) && !File.Exists(file)) throw new InvalidOperationException($"There is no installation in {settings.DataFolder}: {file} is missing. Name its folder in PENGUIN__DATA__FOLDER.");
        var key = MasterKey.Load(configured, settings.DataFolder);
        var master = string.IsNullOrEmpty(configured) ? (await File.ReadAllTextAsync(file, ct)).Trim() : configured;
        if (configuration["Database:Connection"] is { Length: > 0 } given)
        {
            var reader = configuration["Database:BackupConnection"] is { Length: > 0 } other ? other : given;
            return new RunningDatabase(null, reader, await Server.Prepare(given, configuration["Database:AppConnection"], key, ct), key, master);
        }

        var folder = Path.Combine(settings.DataFolder, "db");
        if (!File.Exists(Path.Combine(folder, "data", "PG_VERSION"))) throw new InvalidOperationException($"There is no database in {folder}. Name the installation's folder in PENGUIN__DATA__FOLDER.");
        var started = await IsUp(folder, ct) ? null : await PrivateCluster.Start(folder, durable: configuration["Database:Durable"] != "false", TimeProvider.System, CancellationToken.None);
        string As(string role) => $"Host={folder};Username={role};Database=penguin";
        return new RunningDatabase(started, As("postgres"), new Database(As("penguin_owner"), As(Database.AppRole)), key, master);
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_started is not null) await _started.DisposeAsync();
    }

    static async Task<bool> IsUp(string folder, CancellationToken ct)
    {
        try
        {
            await using var connection = new NpgsqlConnection($"Host={folder};Username=postgres;Database=postgres;Pooling=false;Timeout=5");
            await connection.OpenAsync(ct);
            return true;
        }
        catch (PostgresException refused)
        {
            throw new InvalidOperationException($"The database of the running program refuses: {refused.MessageText}. Run this as the user who runs the program.");
        }
        catch (NpgsqlException)
        {
            return false; // Nobody listens: the program is not running.
        }
    }
}
