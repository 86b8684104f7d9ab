using System.Buffers.Binary;
using System.Security.Cryptography;
using PenguinMails.Core;
using PenguinMails.Secrets.Keys;

namespace PenguinMails.Secrets.Archives;

/// <summary>The first bytes of an archive: what it is, and its key, wrapped for whoever may open it.</summary>
/// <remarks>Layout, numbers big-endian: the word PMBACKUP, version (2 bytes), kind of lock (1), length of what the lock needs (2) and that, the wrapped key as an
/// <see cref="Envelope"/> (61). The whole head is associated data of every block, so that no head can be put before other blocks.</remarks>
static class ArchiveHead
{
    const int Version = 1;
    const int FixedBytes = 13;
    const int LockBytesMax = 512;
    const int WrappedBytes = 29 + Envelope.KeyBytes;

    static ReadOnlySpan<byte> Word => "PMBACKUP"u8;

    /// <param name="Digest">SHA-256 of the head.</param>
    internal sealed record Opened(byte[] Key, byte[] Digest)
    {
        public override string ToString() => "(archive key)";
    }

    public static async Task<Opened> Write(Stream file, ArchiveLock @lock, CancellationToken ct)
    {
        var (kek, needs) = @lock.Close();
        var place = new byte[FixedBytes + needs.Length];
        Word.CopyTo(place);
        BinaryPrimitives.WriteUInt16BigEndian(place.AsSpan(8), Version);
        place[10] = (byte)@lock.Kind;
        BinaryPrimitives.WriteUInt16BigEndian(place.AsSpan(11), (ushort)needs.Length);
        needs.CopyTo(place.AsSpan(FixedBytes));
        var key = RandomNumberGenerator.GetBytes(Envelope.KeyBytes);
        byte[] head = [.. place, .. Envelope.Seal(kek, place, key)];
        CryptographicOperations.ZeroMemory(kek);
        await file.WriteAsync(head, ct);
        return new Opened(key, SHA256.HashData(head));
    }

    public static async Task<Result<Opened>> Read(Stream file, ArchiveOpener opener, CancellationToken ct)
    {
        var start = new byte[FixedBytes];
        var length = await file.ReadAtLeastAsync(start, FixedBytes, throwOnEndOfStream: false, ct);
        if (length < Word.Length || !start.AsSpan(0, Word.Length).SequenceEqual(Word)) return length > 0 && Word.StartsWith(start.AsSpan(0, Math.Min(length, Word.Length))) ? ArchiveProblems.Cut : ArchiveProblems.NotOne;
        if (length < FixedBytes) return ArchiveProblems.Cut;
        if (BinaryPrimitives.ReadUInt16BigEndian(start.AsSpan(8)) is var version and not Version) return ArchiveProblems.VersionUnknown(version, Version);
        var needed = BinaryPrimitives.ReadUInt16BigEndian(start.AsSpan(11));
        if (needed > LockBytesMax) return ArchiveProblems.HeadDamaged;
        var rest = new byte[needed + WrappedBytes];
        if (await file.ReadAtLeastAsync(rest, rest.Length, throwOnEndOfStream: false, ct) < rest.Length) return ArchiveProblems.Cut;

        var kek = opener.Open((ArchiveLockKind)start[10], rest[..needed]);
        if (kek.Problem is { } problem) return problem;
        byte[] place = [.. start, .. rest[..needed]];
        return Envelope.TryOpen(kek.Value, place, rest.AsSpan(needed), out var key)
            ? new Opened(key, SHA256.HashData([.. start, .. rest]))
            : opener.DoesNotFit;
    }
}
