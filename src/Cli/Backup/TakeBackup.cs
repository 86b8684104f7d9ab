using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Events;
using PenguinMails.Core.Jobs;
using PenguinMails.Secrets;
using PenguinMails.Secrets.Archives;
using PenguinMails.Secrets.Keys;

namespace PenguinMails.Cli.Backup;

/// <summary>Writes everything an installation is into one encrypted file, while the program runs or while it does not.</summary>
static class TakeBackup
{
    /// <param name="Bytes">Size of the file.</param>
    public sealed record Output(string File, long Bytes, int Tables, long Rows, DateTimeOffset CreatedAt, double Seconds);

    /// <exception cref="InvalidOperationException">The file is there already, or something is not as it must be; nothing is left behind.</exception>
    /// <exception cref="IOException">The file could not be written; nothing is left behind.</exception>
    public static async Task<Output> Run(string path, ArchiveLock @lock, Settings settings, IConfiguration configuration, Told told, CancellationToken ct)
    {
        if (File.Exists(path)) throw new InvalidOperationException($"{path} is there already, and a backup is never overwritten. Give another name.");
        var started = Stopwatch.GetTimestamp();
        var partial = path + ".partial";
        await using var file = Create(partial);
        try
        {
            await using var archive = await ArchiveWriter.Start(file, @lock, ct);
            var manifest = await Fill(archive, settings, configuration, told, ct);
            await archive.Complete(ct);
            file.Flush(flushToDisk: true);
            File.Move(partial, path, overwrite: false);
            return new Output(path, new FileInfo(path).Length, manifest.Rows.Count, manifest.RowsInAll, manifest.CreatedAt, Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
        finally
        {
            told.Close();
            File.Delete(partial);
        }
    }

    static async Task<Manifest> Fill(ArchiveWriter archive, Settings settings, IConfiguration configuration, Told told, CancellationToken ct)
    {
        await using var database = await RunningDatabase.Reach(settings, configuration, ct);
        await using var snapshot = await Snapshot.Take(database.Reader, ct);
        told.Step("Counting rows …");
        var options = SecretsOptions.From(configuration, Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY"));
        var (portable, leftOut) = PortableSettings.Of(File.Exists("penguin.json") ? await File.ReadAllTextAsync("penguin.json", ct) : null, Environment.GetEnvironmentVariables());
        var manifest = new Manifest(typeof(TakeBackup).Assembly.GetName().Version?.ToString() ?? "", TimeProvider.System.GetUtcNow(), snapshot.PostgresMajor,
            await snapshot.Schema(ct), await snapshot.CountRows(ct), options.Vault?.Address.ToString(), leftOut);
        await ArchiveParts.WriteText(archive, ArchiveParts.Manifest, Json.Write(manifest), ct);
        await ArchiveParts.WriteText(archive, ArchiveParts.Keys, Json.Write(await Keys(database, options, settings.DataFolder, ct)), ct);
        await ArchiveParts.WriteText(archive, ArchiveParts.Configuration, portable, ct);
        told.Step($"Copying {manifest.RowsInAll:N0} rows of {manifest.Rows.Count} tables …");
        // Level 1 takes a third of the time of the default, for a file a tenth larger (a million contacts).
        var dump = PgPrograms.Command(PgPrograms.Find("pg_dump", snapshot.PostgresMajor), database.Reader, "--format=custom", "--compress=1", "--no-password",
            "--snapshot=" + await snapshot.Share(ct), "--lock-wait-timeout=60s");
        await PgPrograms.Read(dump, output => ArchiveParts.WriteStream(archive, ArchiveParts.Database, output, bytes => told.Bytes("database", bytes), ct), ct);
        await ArchiveParts.Close(archive, ct);
        return manifest;
    }

    static async Task<KeySet> Keys(RunningDatabase database, SecretsOptions options, string dataFolder, CancellationToken ct)
    {
        await using var source = database.Database.Open();
        var db = new TenantDb(source, new Subscribers(), new JobSignal());
        using var masters = new MasterKeys(options, database.Key, db, TimeProvider.System);
        var carried = await CarriedKeys.Take(masters, ct);
        var web = new Dictionary<string, string>();
        var folder = Path.Combine(dataFolder, "keys", "web");
        foreach (var file in Directory.Exists(folder) ? Directory.GetFiles(folder, "*.xml") : []) web[Path.GetFileName(file)] = await File.ReadAllTextAsync(file, ct);
        return new KeySet(database.Master, [.. carried.Select(Convert.ToBase64String)], web);
    }

    // Held exclusively while it is written: a second backup of the same name is refused, what a killed one left is written over.
    static FileStream Create(string path)
    {
        const UnixFileMode mine = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.None, UnixCreateMode = mine, Options = FileOptions.Asynchronous });
        file.SetLength(0);
        return file;
    }
}
