using System.Buffers.Binary;
using System.Security.Cryptography;

namespace PenguinMails.Secrets.Archives;

/// <summary>The blocks behind the head: AES-256-GCM in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015), so that a changed, moved, missing or added block is found.</summary>
/// <remarks>The key is fresh for each archive. The nonce is three zero bytes, the block's number (8 bytes, from 0) and 1 for the last block, else 0.</remarks>
sealed class ArchiveBlocks(ArchiveHead.Opened head) : IDisposable
{
    public const int PlainBytes = 128 * 1024;
    public const int TagBytes = 16;
    readonly AesGcm _aes = new(head.Key, TagBytes);
    readonly byte[] _nonce = new byte[12];

    /// <summary>Blocks sealed or opened so far.</summary>
    public long Count { get; private set; }

    /// <param name="sealed">As long as <paramref name="plain"/> and a tag.</param>
    public void Seal(ReadOnlySpan<byte> plain, Span<byte> @sealed, bool isLast)
    {
        Number(isLast);
        _aes.Encrypt(_nonce, plain, @sealed[..plain.Length], @sealed.Slice(plain.Length, TagBytes), head.Digest);
        Count++;
    }

    /// <exception cref="ArchiveDamaged">The block is not the one that was written at this place.</exception>
    public void Open(ReadOnlySpan<byte> @sealed, Span<byte> plain, bool isLast)
    {
        if (@sealed.Length < TagBytes) throw Cut();
        if (TryOpen(@sealed, plain, isLast))
        {
            Count++;
            return;
        }

        // A whole block that is not marked as the last: the file ends at its border.
        if (isLast && TryOpen(@sealed, plain, isLast: false)) throw Cut();
        plain.Clear();
        throw isLast
            ? new ArchiveDamaged("backup.damaged", $"The file is cut off or damaged at block {Count + 1}. Copy it again from where it was written, or take an older backup.")
            : new ArchiveDamaged("backup.damaged", $"The file is damaged at block {Count + 1}: somebody or something changed it. Copy it again from where it was written, or take an older backup.");
    }

    public void Dispose() => _aes.Dispose();

    ArchiveDamaged Cut() => new("backup.cut", $"The file is cut off after block {Count}: its end is missing. Copy it again from where it was written, or take an older backup.");

    bool TryOpen(ReadOnlySpan<byte> @sealed, Span<byte> plain, bool isLast)
    {
        Number(isLast);
        try
        {
            _aes.Decrypt(_nonce, @sealed[..^TagBytes], @sealed[^TagBytes..], plain[..(@sealed.Length - TagBytes)], head.Digest);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    void Number(bool isLast)
    {
        BinaryPrimitives.WriteInt64BigEndian(_nonce.AsSpan(3), Count);
        _nonce[11] = isLast ? (byte)1 : (byte)0;
    }
}
