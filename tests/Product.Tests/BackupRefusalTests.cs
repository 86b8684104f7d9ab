using System.Diagnostics;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Product.Tests;

/// <summary>What cannot be backed up or restored is refused with a sentence that says what to do, and leaves nothing behind.</summary>
public sealed class BackupRefusalTests(BackupRefusalTests.Small small) : IClassFixture<BackupRefusalTests.Small>
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>A fresh installation, not running, and its backup.</summary>
    public sealed class Small : IAsyncLifetime
    {
        public BackupPlace Place { get; } = new();
        public string Data => Place.At("data");
        public string Backup => Place.At("good.penguin");
        public Dictionary<string, string> Settings => new() { ["PENGUIN__DATA__FOLDER"] = Data, ["TMPDIR"] = Place.At("tmp") };

        public async ValueTask InitializeAsync()
        {
            Place.Folder("tmp");
            Place.Folder("data");
            MasterKey.Load(null, Data);
            await using (var cluster = await PrivateCluster.Start(Path.Combine(Data, "db"), durable: false, TimeProvider.System, Ct))
            {
                await using var owner = cluster.Database.OpenAsOwner();
                await Migrator.Apply(owner, [.. Cli.Modules.All.SelectMany(module => Migrator.From(module.Assembly))], TimeProvider.System, Ct);
            }

            var (code, _, error) = await Penguin.Verb(Settings, Ct, "backup", Backup, "--passphrase-file", Place.Passphrase);
            Assert.True(code == 0, error);
        }

        public ValueTask DisposeAsync()
        {
            Place.Dispose();
            return default;
        }
    }

    [Theory]
    [InlineData("cut in a block", "cut off or damaged at block")]
    [InlineData("cut at the start", "cut off: its end is missing")]
    [InlineData("flipped in the last block", "damaged at block")]
    [InlineData("flipped in the first block", "damaged at block 1")]
    [InlineData("no backup", "not a backup made by penguin backup")]
    [InlineData("empty", "not a backup made by penguin backup")]
    [InlineData("another format", "has format 9; this program reads format 1")]
    [InlineData("wrong passphrase", "does not open this backup")]
    [InlineData("not there", "is not there")]
    public async Task A_file_that_is_not_good_is_refused_by_both(string what, string part)
    {
        var (place, path) = (small.Place, small.Place.At("bad.penguin"));
        var bytes = await File.ReadAllBytesAsync(small.Backup, Ct);
        byte[] Changed(int at, byte by) => [.. bytes[..at], (byte)(bytes[at] ^ by), .. bytes[(at + 1)..]];
        if (what != "not there") await File.WriteAllBytesAsync(path, what switch
        {
            "cut in a block" => bytes[..^1000],
            "cut at the start" => bytes[..40],
            "flipped in the last block" => Changed(bytes.Length - 5, 1),
            "flipped in the first block" => Changed(2000, 128),
            "no backup" => await File.ReadAllBytesAsync(Path.Combine(Penguin.Root, "LICENSE"), Ct),
            "empty" => [],
            "another format" => Changed(9, 8),
            _ => bytes,
        }, Ct);
        var passphrase = what == "wrong passphrase" ? place.Secret("wrong", "some other words that are long enough") : place.Passphrase;
        var before = place.Listing();
        foreach (var words in new[] { new[] { "backup", "verify", path }, ["restore", path, "--data", place.At("made")] })
        {
            var (code, said, error) = await Penguin.Verb(small.Settings, Ct, [.. words, "--passphrase-file", passphrase]);
            Assert.True(code == 1 && error.Contains(part, StringComparison.Ordinal), $"{words[0]}: {code} {said} {error}");
            Assert.Equal(before, place.Listing());
        }

        File.Delete(path);
    }

    [Fact]
    public async Task Only_an_empty_place_is_filled()
    {
        var before = small.Place.Listing();
        await Refused("is not empty: it holds", small.Settings, "restore", small.Backup, "--passphrase-file", small.Place.Passphrase);
        await Refused("is there already", small.Settings, "backup", small.Backup, "--passphrase-file", small.Place.Passphrase);
        await Refused("There is no installation in", new() { ["PENGUIN__DATA__FOLDER"] = small.Place.At("nowhere") }, "backup", small.Place.At("x"), "--passphrase-file", small.Place.Passphrase);
        await Refused("is not the master key of this backup", new() { ["PENGUIN__KEYS__MASTER"] = Convert.ToBase64String(new byte[32]) }, "restore", small.Backup, "--passphrase-file", small.Place.Passphrase, "--data", small.Place.At("x"));
        Assert.Equal(2, (await Penguin.Verb(small.Settings, Ct, "backup", small.Place.At("x"))).Code);
        Assert.Equal(before, small.Place.Listing());
    }

    [Fact]
    public async Task A_backup_of_a_newer_program_is_not_restored()
    {
        var newer = small.Place.At("newer.penguin");
        await using (var cluster = await PrivateCluster.Start(Path.Combine(small.Data, "db"), durable: false, TimeProvider.System, Ct))
        {
            await using var owner = cluster.Database.OpenAsOwner();
            await using (var step = owner.CreateCommand("insert into core.migration (module, number, name, checksum, applied_at) values ('Core', 999, '0999_later', 'x', '2030-01-01')")) await step.ExecuteNonQueryAsync(Ct);
            Assert.Equal(0, (await Penguin.Verb(small.Settings, Ct, "backup", newer, "--passphrase-file", small.Place.Passphrase)).Code);
            await using (var step = owner.CreateCommand("delete from core.migration where number = 999")) await step.ExecuteNonQueryAsync(Ct);
        }

        var before = small.Place.Listing();
        await Refused("Start the newer program", small.Settings, "restore", newer, "--passphrase-file", small.Place.Passphrase, "--data", small.Place.At("made"));
        await Refused("Start the newer program", small.Settings, "backup", "verify", newer, "--passphrase-file", small.Place.Passphrase);
        Assert.Equal(before, small.Place.Listing());
    }

    [Fact]
    public async Task A_full_disk_is_told_and_leaves_nothing()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root mounts a small disk.");
        var disk = small.Place.Folder("disk");
        // A mount of its own, seen by this process alone and gone with it.
        const string script = "mount -t tmpfs -o size=64k tmpfs \"$1\" && \"$2\" backup \"$1/x.penguin\" --passphrase-file \"$3\"; code=$?; ls -A \"$1\"; exit $code";
        var info = new ProcessStartInfo("unshare", ["-m", "sh", "-c", script, "sh", disk, Path.Combine(AppContext.BaseDirectory, "penguin"), small.Place.Passphrase]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in small.Settings) info.Environment[name] = value;
        using var process = Process.Start(info)!;
        var (left, error) = (await process.StandardOutput.ReadToEndAsync(Ct), await process.StandardError.ReadToEndAsync(Ct));
        await process.WaitForExitAsync(Ct);
        Assert.True(process.ExitCode == 1 && error.Contains("No space left on device", StringComparison.Ordinal) && error.Contains("make room", StringComparison.Ordinal), error);
        Assert.Equal("", left);
        Directory.Delete(disk);
    }

    [Theory]
    [InlineData("backup")]
    [InlineData("restore")]
    public async Task Ctrl_C_leaves_nothing_half(string verb)
    {
        var (place, before) = (small.Place, small.Place.Listing());
        string[] words = verb == "backup" ? ["backup", place.At("stopped.penguin")] : ["restore", small.Backup, "--data", place.At("stopped")];
        var info = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "penguin"), [.. words, "--passphrase-file", place.Passphrase]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in small.Settings) info.Environment[name] = value;
        using var process = Process.Start(info)!;
        // As soon as there is something half: the file under its other name, or the keys in the folder.
        var half = verb == "backup" ? place.At("stopped.penguin.partial") : Path.Combine(place.At("stopped"), "keys", "master.key");
        while (!File.Exists(half) && !process.HasExited) await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Ct);
        using (var kill = Process.Start("kill", ["-INT", process.Id.ToString()])) await kill.WaitForExitAsync(Ct);
        var error = await process.StandardError.ReadToEndAsync(Ct);
        await process.WaitForExitAsync(Ct);
        Assert.True(process.ExitCode != 0 && error.Contains("nothing was left behind", StringComparison.Ordinal), $"{process.ExitCode} {error}");
        Assert.Equal(before, place.Listing());
    }

    static async Task Refused(string part, Dictionary<string, string> environment, params string[] words)
    {
        var (code, said, error) = await Penguin.Verb(environment, Ct, words);
        Assert.True(code == 1 && error.Contains(part, StringComparison.Ordinal), $"{code} {said} {error}");
    }
}
