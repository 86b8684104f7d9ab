using System.Security.Cryptography;

namespace PenguinMails.Mail.Dns;

/// <summary>A secret shared with a name server (RFC 8945).</summary>
/// <remarks>Its text form never shows the secret.</remarks>
public sealed class TsigKey
{
    const int SecretOctetsMin = 16; // RFC 8945 8 wants as many as the hash has; keys of 128 bits are what some panels hand out.
    const int SecretOctetsMax = 1024;

    readonly byte[] secret;

    TsigKey(string name, string algorithm, byte[] secret) => (Name, Algorithm, this.secret) = (name, algorithm, secret);

    /// <summary>In lower case, without a final dot: both sides must call it the same.</summary>
    public string Name { get; }

    /// <summary><c>hmac-sha256</c> or <c>hmac-sha512</c>.</summary>
    public string Algorithm { get; }

    /// <param name="algorithm"><c>hmac-sha256</c> or <c>hmac-sha512</c>, any case.</param>
    /// <param name="secret">Base64 of 16 to 1024 octets.</param>
    /// <returns>Null with the reason, which never holds the secret.</returns>
    public static TsigKey? Parse(string name, string algorithm, string secret, out string fault)
    {
        var bare = name.Trim().TrimEnd('.').ToLowerInvariant();
        var known = algorithm.Trim().TrimEnd('.').ToLowerInvariant();
        fault = "the name of the key is no name";
        if (bare.Length == 0 || !DnsWriter.Name([], bare)) return null;
        fault = "the algorithm is neither hmac-sha256 nor hmac-sha512";
        if (known is not ("hmac-sha256" or "hmac-sha512")) return null;
        fault = $"the secret is no base64 of {SecretOctetsMin} to {SecretOctetsMax} octets";
        var octets = new byte[SecretOctetsMax + 2];
        if (secret.Length > SecretOctetsMax * 2 || !Convert.TryFromBase64String(secret.Trim(), octets, out var length) || length is < SecretOctetsMin or > SecretOctetsMax) return null;
        fault = "";
        return new TsigKey(bare, known, octets[..length]);
    }

    internal byte[] Hash(ReadOnlySpan<byte> octets) => Algorithm == "hmac-sha256" ? HMACSHA256.HashData(secret, octets) : HMACSHA512.HashData(secret, octets);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Algorithm})";
}
