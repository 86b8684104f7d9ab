using System.Buffers;
using System.Security.Cryptography;

namespace PenguinMails.Mail.Auth;

/// <summary>Collects octets for a hash: what fits into one block is hashed in one call, which is most of what signing costs beside the key.</summary>
/// <param name="limit">Octets that count; the rest is only counted.</param>
sealed class HashSink(HashAlgorithmName algorithm, long limit = long.MaxValue) : IDisposable
{
    const int BlockOctets = 16 * 1024;

    readonly byte[] block = ArrayPool<byte>.Shared.Rent(BlockOctets);
    IncrementalHash? hash;
    int used;

    /// <summary>Octets added, those beyond the limit included.</summary>
    public long Total { get; private set; }

    public void Add(ReadOnlySpan<byte> octets)
    {
        var left = Math.Max(0, limit - Total);
        Total += octets.Length;
        if (left < octets.Length) octets = octets[..(int)left];
        if (used + octets.Length > BlockOctets) Flush();
        if (octets.Length > BlockOctets)
        {
            Running().AppendData(octets);
            return;
        }
        octets.CopyTo(block.AsSpan(used));
        used += octets.Length;
    }

    public byte[] Finish()
    {
        if (hash is null) return algorithm == HashAlgorithmName.SHA256 ? SHA256.HashData(block.AsSpan(0, used)) : CryptographicOperations.HashData(algorithm, block.AsSpan(0, used));
        Flush();
        return hash.GetHashAndReset();
    }

    void Flush()
    {
        Running().AppendData(block.AsSpan(0, used));
        used = 0;
    }

    IncrementalHash Running() => hash ??= IncrementalHash.CreateHash(algorithm);

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(block);
        hash?.Dispose();
    }
}
