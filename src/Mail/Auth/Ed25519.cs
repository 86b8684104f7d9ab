using System.Security.Cryptography;

namespace PenguinMails.Mail.Auth;

/// <summary>Ed25519 (RFC 8032 5.1), which the BCL lacks. Signing takes the same steps whatever the secret; checking need not.</summary>
public static class Ed25519
{
    public const int SeedOctets = 32;
    public const int KeyOctets = 32;
    public const int SignatureOctets = 64;

    /// <summary>The public key of a secret seed.</summary>
    /// <exception cref="ArgumentException">Not 32 octets.</exception>
    public static byte[] PublicKey(ReadOnlySpan<byte> seed)
    {
        var (scalar, _) = Expand(seed);
        return EdPoint.Multiply(scalar, EdPoint.Generator).Encode();
    }

    /// <summary>The 64 octets of RFC 8032 5.1.6: no randomness, so the same message gives the same signature.</summary>
    /// <param name="seed">32 secret octets.</param>
    /// <exception cref="ArgumentException">Not 32 octets.</exception>
    public static byte[] Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> message)
    {
        var (scalar, prefix) = Expand(seed);
        var key = EdPoint.Multiply(scalar, EdPoint.Generator).Encode();
        var once = EdScalar.Reduce(Hash(prefix, [], message));
        var commitment = EdPoint.Multiply(once, EdPoint.Generator).Encode();
        var challenge = EdScalar.Reduce(Hash(commitment, key, message));
        return [.. commitment, .. EdScalar.MultiplyAdd(challenge, scalar, once)];
    }

    /// <summary>False for anything but a signature of this message by this key; any octets will do.</summary>
    /// <remarks>Stricter than RFC 8032 5.1.7 has to be: no coordinate or scalar outside its range, no key of small order.</remarks>
    public static bool Verify(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (key.Length != KeyOctets || signature.Length != SignatureOctets || !EdScalar.IsReduced(signature[32..])) return false;
        if (EdPoint.Decode(key) is not { } point || point.IsSmallOrder) return false;
        var challenge = EdScalar.Reduce(Hash(signature[..32], key, message));
        var expected = EdPoint.Multiply(signature[32..], EdPoint.Generator).Add(EdPoint.Multiply(challenge, point.Negate()));
        return expected.Encode().AsSpan().SequenceEqual(signature[..32]);
    }

    static (byte[] Scalar, byte[] Prefix) Expand(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != SeedOctets) throw new ArgumentException($"A seed has {SeedOctets} octets.", nameof(seed));
        var hash = SHA512.HashData(seed);
        // RFC 8032 5.1.5: clear the cofactor, fix the length.
        hash[0] &= 248;
        hash[31] = (byte)((hash[31] & 127) | 64);
        return (hash[..32], hash[32..]);
    }

    static byte[] Hash(ReadOnlySpan<byte> one, ReadOnlySpan<byte> two, ReadOnlySpan<byte> three)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        hash.AppendData(one);
        hash.AppendData(two);
        hash.AppendData(three);
        return hash.GetHashAndReset();
    }
}
