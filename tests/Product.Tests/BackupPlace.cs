using System.Diagnostics;

namespace PenguinMails.Product.Tests;

/// <summary>A folder for backups and what they become, with a passphrase and a pair of keys.</summary>
public sealed class BackupPlace : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("penguin-backup-").FullName;

    public BackupPlace()
    {
        // The cluster runs as another user when the program is root, and must be able to enter.
        if (Environment.IsPrivilegedProcess) File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
        Passphrase = Secret("passphrase", "seven words that nobody else has thought of");
    }

    public string Passphrase { get; }

    public string At(string name) => Path.Combine(_folder, name);

    public string Folder(string name)
    {
        var path = Directory.CreateDirectory(At(name)).FullName;
        if (Environment.IsPrivilegedProcess) File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        return path;
    }

    public string Secret(string name, string words)
    {
        File.WriteAllText(At(name), words + "\n");
        File.SetUnixFileMode(At(name), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return At(name);
    }

    /// <summary>Path of the private key; the public one has .pub behind it.</summary>
    public async Task<string> Pair(CancellationToken ct)
    {
        if (!File.Exists(At("pair"))) foreach (var words in new[] { $"genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {At("pair")}", $"pkey -in {At("pair")} -pubout -out {At("pair")}.pub" })
        {
            using var openssl = Process.Start(new ProcessStartInfo("openssl", words) { RedirectStandardError = true })!;
            await openssl.WaitForExitAsync(ct);
            Assert.True(openssl.ExitCode == 0, await openssl.StandardError.ReadToEndAsync(ct));
        }

        return At("pair");
    }

    /// <summary>Everything here, by name: what a refusal must leave as it was. Without a cluster's own files, which come and go.</summary>
    public string[] Listing() => [.. Directory.GetFileSystemEntries(_folder, "*", SearchOption.AllDirectories).Where(path => !path.Contains("/db/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
