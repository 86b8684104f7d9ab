using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace PenguinMails.Fleet.Servers.Ssh;

/// <summary>The public key a machine proves itself with.</summary>
/// <param name="Type">Such as <c>ssh-ed25519</c>.</param>
/// <param name="Blob">The key as RFC 4253 6.6 writes it.</param>
sealed record SshHostKey(string Type, byte[] Blob)
{
    const int BlobBytesMax = 4096;

    // Best first. DSA is refused by every OpenSSH since 7.0.
    static readonly string[] Types = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa"];

    /// <summary>As it is pinned.</summary>
    public string Line => $"{Type} {Convert.ToBase64String(Blob)}";

    /// <summary>As <c>ssh-keygen -l</c> shows it: SHA-256 in base64 without padding.</summary>
    public string Fingerprint => $"SHA256:{Convert.ToBase64String(SHA256.HashData(Blob)).TrimEnd('=')}";

    /// <summary>The signatures asked for. RSA keys sign with SHA-2 (RFC 8332), never with SHA-1.</summary>
    public string Algorithms => Type == "ssh-rsa" ? "rsa-sha2-512,rsa-sha2-256" : Type;

    /// <returns>Null when the line is no key of a type we take, or names one type outside and another inside.</returns>
    public static SshHostKey? Parse(string line)
    {
        var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length < 2 || !Types.Contains(parts[0])) return null;
        var blob = new byte[BlobBytesMax];
        if (!Convert.TryFromBase64String(parts[1], blob, out var length) || length < 4) return null;
        var name = BinaryPrimitives.ReadUInt32BigEndian(blob);
        return name <= length - 4 && Encoding.ASCII.GetString(blob, 4, (int)name) == parts[0] ? new(parts[0], blob[..length]) : null;
    }

    /// <summary>The best key of what <c>ssh-keyscan</c> printed: lines of host, type and key.</summary>
    /// <param name="scanned">All its output.</param>
    /// <param name="preferred">This type before all others; null for the best.</param>
    public static SshHostKey? Best(string scanned, string? preferred) => scanned.Split('\n')
        .Where(line => !line.StartsWith('#') && line.Contains(' '))
        .Select(line => Parse(line[(line.IndexOf(' ') + 1)..]))
        .OfType<SshHostKey>()
        .OrderBy(key => key.Type == preferred ? -1 : Array.IndexOf(Types, key.Type))
        .FirstOrDefault();
}
