using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace PenguinMails.Fleet.Servers.Ssh;

/// <summary>A key pair for logging in to machines.</summary>
/// <param name="PrivateKeyPem">SEC1 ("EC PRIVATE KEY"), which OpenSSH reads; never leaves the secret store but for a session.</param>
/// <param name="PublicLine">The line for <c>authorized_keys</c>: type, key, comment (RFC 5656 3.1).</param>
public sealed record SshKeyPair(string PrivateKeyPem, string PublicLine)
{
    const string Type = "ecdsa-sha2-nistp256";

    /// <summary>A new ECDSA key on P-256.</summary>
    /// <param name="comment">Says whose key it is where it is installed; characters that are not printable ASCII become dashes, at most 100.</param>
    public static SshKeyPair New(string comment)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var shown = string.Concat(comment.Take(100).Select(letter => letter is > ' ' and <= '~' ? letter : '-'));
        return new(key.ExportECPrivateKeyPem() + "\n", $"{Line(key)} {shown}".TrimEnd());
    }

    /// <summary>The public line, without comment, that belongs to a private key as <see cref="New"/> makes it; null for any other key.</summary>
    public static string? PublicLineOf(string privateKeyPem)
    {
        using var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(privateKeyPem);
            return key.KeySize == 256 ? Line(key) : null;
        }
        catch (Exception foreign) when (foreign is ArgumentException or CryptographicException)
        {
            return null;
        }
    }

    /// <summary>The public half only.</summary>
    public override string ToString() => PublicLine;

    static string Line(ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        byte[] blob = [.. Field(Encoding.ASCII.GetBytes(Type)), .. Field("nistp256"u8), .. Field([4, .. point.X ?? [], .. point.Y ?? []])];
        return $"{Type} {Convert.ToBase64String(blob)}";
    }

    // RFC 4251 5: a string is its length in four bytes, then the bytes.
    static byte[] Field(ReadOnlySpan<byte> content)
    {
        var field = new byte[4 + content.Length];
        BinaryPrimitives.WriteInt32BigEndian(field, content.Length);
        content.CopyTo(field.AsSpan(4));
        return field;
    }
}
