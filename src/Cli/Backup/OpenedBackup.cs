using PenguinMails.Cli.Verbs;
using PenguinMails.Core;
using PenguinMails.Secrets.Archives;

namespace PenguinMails.Cli.Backup;

/// <summary>A backup opened up to the database: what it says of itself, its keys and settings. The dump is read once, behind these.</summary>
sealed class OpenedBackup : IAsyncDisposable
{
    readonly FileStream _file;
    readonly ArchiveReader _archive;

    OpenedBackup(FileStream file, ArchiveReader archive, Manifest manifest, KeySet keys, string configuration) =>
        (_file, _archive, Manifest, Keys, Configuration) = (file, archive, manifest, keys, configuration);

    public Manifest Manifest { get; }
    public KeySet Keys { get; }
    public string Configuration { get; }
    public MasterKey Master => new(Convert.FromBase64String(Keys.Master));
    public IReadOnlyList<byte[]> SecretMasters => [.. Keys.SecretMasters.Select(Convert.FromBase64String)];

    /// <exception cref="InvalidOperationException">The file is not there.</exception>
    /// <exception cref="BackupRefused">The head does not open: not a backup, another format, or the wrong secret.</exception>
    /// <exception cref="ArchiveDamaged">A block was changed, or the end is missing.</exception>
    public static async Task<OpenedBackup> Open(string path, ArchiveOpener opener, CancellationToken ct)
    {
        if (!File.Exists(path)) throw new InvalidOperationException($"{path} is not there.");
        var file = new FileStream(GivenFile.Checked(path), new FileStreamOptions { Access = FileAccess.Read, Options = FileOptions.Asynchronous | FileOptions.SequentialScan, BufferSize = 0 });
        try
        {
            var opened = await ArchiveReader.Open(file, opener, ct);
            if (opened.Problem is { } problem) throw new BackupRefused(path, problem);
            var archive = opened.Value;
            return new OpenedBackup(file, archive, await ArchivePart.Json<Manifest>(archive, ArchiveParts.Manifest, ct), await ArchivePart.Json<KeySet>(archive, ArchiveParts.Keys, ct),
                await ArchivePart.Text(archive, ArchiveParts.Configuration, ct));
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>Hands the dump to <paramref name="take"/> and proves that the file ends where it should.</summary>
    /// <returns>Blocks of the whole file.</returns>
    public async Task<long> Dump(Func<Stream, Task> take, CancellationToken ct)
    {
        await using var part = await ArchivePart.Next(_archive, ArchiveParts.Database, ct);
        await take(part);
        await part.CopyToAsync(Stream.Null, ct);
        await ArchivePart.Finish(_archive, ct);
        return _archive.Blocks;
    }

    public async ValueTask DisposeAsync()
    {
        await _archive.DisposeAsync();
        await _file.DisposeAsync();
    }
}

/// <summary>A backup that is not opened, with the code and the way out.</summary>
public sealed class BackupRefused(string path, Problem problem) : Exception($"{path}: {problem.Detail} ({problem.Code})");
