using System.Diagnostics;
using System.Security.Cryptography;
using PenguinMails.Secrets.Archives;

namespace PenguinMails.Modules.Tests.Secrets.Archives;

/// <summary>An archive opens whole, for the right person, or says why not; nothing changed, cut, moved or added gets through.</summary>
public sealed class ArchiveTests : IDisposable
{
    const int Block = 128 * 1024;
    const int SealedBlock = Block + 16;
    readonly string _folder = Directory.CreateTempSubdirectory("penguin-archive-").FullName;
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Block - 1)]
    [InlineData(Block)]
    [InlineData(Block + 1)]
    [InlineData(3 * Block)]
    [InlineData(3 * Block + 17)]
    public async Task What_goes_in_comes_out(int length)
    {
        var plain = RandomNumberGenerator.GetBytes(length);
        var file = await Seal(plain);
        Assert.Equal(plain, (await Open(file)).Plain);
        Assert.Equal(HeadOf(file, length) + length + 16 * Math.Max(1, (length + Block - 1) / Block), file.Length);
    }

    [Fact]
    public async Task Every_prefix_is_refused_and_none_gives_out_more_than_whole_blocks()
    {
        var (seed, plain) = (Environment.TickCount, RandomNumberGenerator.GetBytes(2 * Block + 100));
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var (file, random) = (await Seal(plain), new Random(seed));
        var head = HeadOf(file, plain.Length);
        int[] borders = [0, 1, 8, 13, head - 1, head, head + 1, head + 16, head + SealedBlock - 1, head + SealedBlock, head + SealedBlock + 1, head + 2 * SealedBlock, file.Length - 17, file.Length - 16, file.Length - 1];
        foreach (var length in borders.Concat(Enumerable.Range(0, 200).Select(_ => random.Next(file.Length))))
        {
            var (given, code) = await Open(file[..length]);
            Assert.True(code is "backup.cut" or "backup.damaged" || length == 0 && code == "backup.not_one", $"{length}: {code}");
            Assert.True(given.Length % Block == 0 && plain.AsSpan().StartsWith(given), $"{length}: {given.Length} bytes came out");
        }

        // At a border between blocks it is certain that the end is missing.
        Assert.Equal("backup.cut", (await Open(file[..(head + SealedBlock)])).Code);
        Assert.Equal("backup.cut", (await Open(file[..head])).Code);
    }

    [Fact]
    public async Task One_flipped_bit_anywhere_is_found()
    {
        var (seed, plain) = (Environment.TickCount, RandomNumberGenerator.GetBytes(2 * Block + 100));
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var (file, random) = (await Seal(plain), new Random(seed));
        var head = HeadOf(file, plain.Length);
        // Every byte of the head, both edges of every block, and two hundred bytes at random.
        var places = Enumerable.Range(0, head).Concat([head, head + SealedBlock - 1, head + SealedBlock, head + 2 * SealedBlock, file.Length - 1]).Concat(Enumerable.Range(0, 200).Select(_ => random.Next(head, file.Length)));
        foreach (var at in places)
        {
            var changed = file.ToArray();
            changed[at] ^= (byte)(1 << random.Next(8));
            var (given, code) = await Open(changed);
            Assert.True(code is not null, $"byte {at} was flipped and nobody saw it");
            Assert.True(given.Length % Block == 0 && plain.AsSpan().StartsWith(given), $"{at}: {given.Length} bytes came out");
            if (at > head) Assert.Equal("backup.damaged", code);
        }
    }

    [Theory]
    [InlineData("swapped")]
    [InlineData("doubled")]
    [InlineData("left out")]
    [InlineData("last first")]
    [InlineData("added")]
    [InlineData("another head")]
    [InlineData("another archive's block")]
    public async Task Blocks_that_are_moved_missing_or_added_are_found(string what)
    {
        var file = await Seal(RandomNumberGenerator.GetBytes(3 * Block));
        var other = await Seal(RandomNumberGenerator.GetBytes(3 * Block));
        var head = HeadOf(file, 3 * Block);
        byte[] Part(byte[] from, int block) => from[(head + block * SealedBlock)..(head + (block + 1) * SealedBlock)];
        byte[] changed = what switch
        {
            "swapped" => [.. file[..head], .. Part(file, 1), .. Part(file, 0), .. Part(file, 2)],
            "doubled" => [.. file[..head], .. Part(file, 0), .. Part(file, 0), .. Part(file, 1), .. Part(file, 2)],
            "left out" => [.. file[..head], .. Part(file, 0), .. Part(file, 2)],
            "last first" => [.. file[..head], .. Part(file, 2)],
            "added" => [.. file, .. Part(file, 2)],
            "another head" => [.. other[..head], .. file[head..]],
            _ => [.. file[..head], .. Part(file, 0), .. Part(other, 1), .. Part(file, 2)],
        };
        Assert.Equal("backup.damaged", (await Open(changed)).Code);
    }

    [Theory]
    [InlineData("", "backup.not_one")]
    [InlineData("PGDMP and so on, as pg_dump writes it", "backup.not_one")]
    [InlineData("PMBACK", "backup.cut")]
    [InlineData("PMBACKUP\u0000\u0002\u0001\u0000\u0011and more", "backup.version_unknown")]
    [InlineData("PMBACKUP\u0000\u0001\u0001\u007f\u007fand more", "backup.head_damaged")]
    public async Task What_is_no_backup_is_told(string text, string code) => Assert.Equal(code, (await Open(System.Text.Encoding.Latin1.GetBytes(text))).Code);

    [Fact]
    public async Task The_wrong_passphrase_opens_nothing()
    {
        var file = await Seal([1, 2, 3], ArchiveLock.Passphrase(Secret("right", "the right passphrase of some words")));
        Assert.Equal([1, 2, 3], (await Open(file, ArchiveOpener.Passphrase(Secret("right", "")))).Plain);
        Assert.Equal("backup.passphrase_wrong", (await Open(file, ArchiveOpener.Passphrase(Secret("wrong", "another passphrase of some words")))).Code);
        file[13] ^= 0x40; // The cost of scrypt: a wild one is refused before it takes memory.
        Assert.Equal("backup.head_damaged", (await Open(file, ArchiveOpener.Passphrase(Secret("right", "")))).Code);
        file[13] ^= 0x40;
        Assert.Equal("backup.needs_passphrase", (await Open(file, ArchiveOpener.PrivateKey(await Pair("a", "P-256")))).Code);
    }

    [Theory]
    [InlineData("P-256")]
    [InlineData("P-384")]
    [InlineData("P-521")]
    public async Task A_public_key_closes_and_only_its_private_key_opens(string curve)
    {
        var (mine, other) = (await Pair("mine", curve), await Pair("other", "P-256"));
        var file = await Seal([1, 2, 3], ArchiveLock.PublicKey(mine + ".pub"));
        Assert.Equal([1, 2, 3], (await Open(file, ArchiveOpener.PrivateKey(mine))).Plain);
        Assert.Equal("backup.key_wrong", (await Open(file, ArchiveOpener.PrivateKey(other))).Code);
        Assert.Equal("backup.needs_key", (await Open(file, ArchiveOpener.Passphrase(Secret("right", "the right passphrase of some words")))).Code);
        Assert.Contains("is a private key", Assert.Throws<InvalidOperationException>(() => ArchiveLock.PublicKey(mine)).Message);
        File.SetUnixFileMode(mine + ".pub", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Contains("no private key", Assert.Throws<InvalidOperationException>(() => ArchiveOpener.PrivateKey(mine + ".pub")).Message);
    }

    [Theory]
    [InlineData("too short", UnixFileMode.UserRead, "shorter than 20")]
    [InlineData("a passphrase that others can read", UnixFileMode.UserRead | UnixFileMode.OtherRead, "chmod 600")]
    public void A_weak_or_open_passphrase_is_refused(string words, UnixFileMode mode, string part)
    {
        var path = Secret("weak", words);
        File.SetUnixFileMode(path, mode);
        Assert.Contains(part, Assert.Throws<InvalidOperationException>(() => ArchiveLock.Passphrase(path)).Message);
    }

    static int HeadOf(byte[] file, int plain) => file.Length - plain - 16 * Math.Max(1, (plain + Block - 1) / Block);

    async Task<byte[]> Seal(byte[] plain, ArchiveLock? @lock = null)
    {
        using var file = new MemoryStream();
        await using (var archive = await ArchiveWriter.Start(file, @lock ?? ArchiveLock.PublicKey(await Pair("default", "P-256") + ".pub"), Ct))
        {
            for (var at = 0; at < plain.Length; at += 50_000) await archive.WriteAsync(plain.AsMemory(at, Math.Min(50_000, plain.Length - at)), Ct);
            await archive.Complete(Ct);
        }

        return file.ToArray();
    }

    async Task<(byte[] Plain, string? Code)> Open(byte[] file, ArchiveOpener? opener = null)
    {
        using var plain = new MemoryStream();
        var opened = await ArchiveReader.Open(new MemoryStream(file), opener ?? ArchiveOpener.PrivateKey(await Pair("default", "P-256")), Ct);
        if (opened.Problem is { } problem) return ([], problem.Code);
        await using var archive = opened.Value;
        try
        {
            await archive.CopyToAsync(plain, 10_000, Ct);
            return (plain.ToArray(), null);
        }
        catch (ArchiveDamaged damaged)
        {
            return (plain.ToArray(), damaged.Code);
        }
    }

    string Secret(string name, string words)
    {
        var path = Path.Combine(_folder, name);
        if (File.Exists(path)) return path;
        File.WriteAllText(path, words + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    async Task<string> Pair(string name, string curve)
    {
        var path = Path.Combine(_folder, name);
        if (File.Exists(path)) return path;
        foreach (var words in new[] { $"genpkey -algorithm EC -pkeyopt ec_paramgen_curve:{curve} -out {path}", $"pkey -in {path} -pubout -out {path}.pub" })
        {
            using var openssl = Process.Start(new ProcessStartInfo("openssl", words) { RedirectStandardError = true })!;
            await openssl.WaitForExitAsync(Ct);
            Assert.True(openssl.ExitCode == 0, await openssl.StandardError.ReadToEndAsync(Ct));
        }

        return path;
    }
}
