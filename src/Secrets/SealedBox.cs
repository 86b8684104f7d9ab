using System.Security.Cryptography;
using System.Text;
using PenguinMails.Core;

namespace PenguinMails.Secrets;

/// <summary>Encrypts small secrets for a database column: AES-256-GCM, a key per tenant derived from the key outside the database.</summary>
/// <remarks>Layout: version (1 byte), nonce (12), tag (16), ciphertext. Tenant and purpose are authenticated,
/// so a value copied to another tenant's row or another column does not open.</remarks>
public sealed class SealedBox(MasterKey master)
{
    const byte Version = 1;
    const int NonceBytes = 12;
    const int TagBytes = 16;

    /// <summary>Longest secret in UTF-8 bytes.</summary>
    public const int PlainBytesMax = 16 * 1024;

    /// <param name="purpose">Column and row, such as <c>mailbox.smtp/0190…</c>.</param>
    /// <exception cref="ArgumentOutOfRangeException">Longer than <see cref="PlainBytesMax"/>.</exception>
    public byte[] Seal(TenantId tenant, string purpose, string plain)
    {
        var bytes = Encoding.UTF8.GetBytes(plain);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, PlainBytesMax, nameof(plain));
        var box = new byte[1 + NonceBytes + TagBytes + bytes.Length];
        box[0] = Version;
        var nonce = box.AsSpan(1, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(Key(tenant), TagBytes);
        aes.Encrypt(nonce, bytes, box.AsSpan(1 + NonceBytes + TagBytes), box.AsSpan(1 + NonceBytes, TagBytes), Encoding.UTF8.GetBytes(purpose));
        CryptographicOperations.ZeroMemory(bytes);
        return box;
    }

    /// <exception cref="CryptographicException">Altered, of another tenant or purpose, or sealed under another master key.</exception>
    public string Open(TenantId tenant, string purpose, byte[] box)
    {
        if (box.Length < 1 + NonceBytes + TagBytes || box[0] != Version) throw new CryptographicException("Not a sealed secret of version 1.");
        var plain = new byte[box.Length - 1 - NonceBytes - TagBytes];
        using var aes = new AesGcm(Key(tenant), TagBytes);
        aes.Decrypt(box.AsSpan(1, NonceBytes), box.AsSpan(1 + NonceBytes + TagBytes), box.AsSpan(1 + NonceBytes, TagBytes), plain, Encoding.UTF8.GetBytes(purpose));
        return Encoding.UTF8.GetString(plain);
    }

    byte[] Key(TenantId tenant) => master.Derive($"secrets/{tenant.Value:N}");
}
