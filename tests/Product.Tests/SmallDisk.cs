using System.Diagnostics;

namespace PenguinMails.Product.Tests;

/// <summary>A disk of fixed size in memory, to be filled and cleared. Only root may mount one; without, the test is skipped and says so.</summary>
sealed class SmallDisk : IAsyncDisposable
{
    readonly string _mount = Directory.CreateTempSubdirectory("penguin-disk-").FullName;

    public string Folder => Path.Combine(_mount, "db");

    public long Free => new DriveInfo(_mount).AvailableFreeSpace;

    string Ballast => Path.Combine(_mount, "ballast");

    public static async Task<SmallDisk> Make(int megabytes, CancellationToken ct)
    {
        var disk = new SmallDisk();
        var said = await Ran(["mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=0755", "tmpfs", disk._mount], ct);
        if (said.Length > 0)
        {
            Directory.Delete(disk._mount);
            Assert.Skip($"A disk of fixed size could not be mounted: {said}");
        }

        Directory.CreateDirectory(disk.Folder);
        return disk;
    }

    /// <param name="leaving">Octets that stay free.</param>
    public void Fill(long leaving = 0)
    {
        using var ballast = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[64 * 1024];
        try
        {
            while (leaving == 0 || Free > leaving) ballast.Write(block);
        }
        catch (IOException)
        {
            // That was the last of it.
        }
    }

    public void Clear() => File.Delete(Ballast);

    public async ValueTask DisposeAsync()
    {
        await Ran(["umount", "--lazy", _mount], CancellationToken.None);
        Directory.Delete(_mount);
    }

    /// <returns>What it said when it failed; empty when it did not.</returns>
    static async Task<string> Ran(string[] words, CancellationToken ct)
    {
        using var process = Process.Start(new ProcessStartInfo(words[0], words[1..]) { RedirectStandardError = true }) ?? throw new InvalidOperationException($"{words[0]} did not start.");
        var error = await process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return process.ExitCode == 0 ? "" : $"{words[0]} failed. {error.Trim()}";
    }
}
