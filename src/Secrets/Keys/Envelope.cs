using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using PenguinMails.Core;

namespace PenguinMails.Secrets.Keys;

/// <summary>AES-256-GCM (NIST SP 800-38D) with the place of a value as associated data: what is moved elsewhere does not open.</summary>
/// <remarks>Layout: version (1 byte), nonce (12, random), tag (16), ciphertext. One data key may seal 2^32 values before random nonces become unsafe; it is rotated long before.</remarks>
static class Envelope
{
    const byte Version = 1;
    const int NonceBytes = 12;
    const int TagBytes = 16;
    const int HeadBytes = 1 + NonceBytes + TagBytes;
    public const int KeyBytes = 32;

    public static byte[] Seal(byte[] key, byte[] place, ReadOnlySpan<byte> plain)
    {
        var box = new byte[HeadBytes + plain.Length];
        box[0] = Version;
        RandomNumberGenerator.Fill(box.AsSpan(1, NonceBytes));
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(box.AsSpan(1, NonceBytes), plain, box.AsSpan(HeadBytes), box.AsSpan(1 + NonceBytes, TagBytes), place);
        return box;
    }

    /// <summary>False for a value that was altered, belongs elsewhere, or was sealed under another key; never throws.</summary>
    public static bool TryOpen(byte[] key, byte[] place, ReadOnlySpan<byte> box, [NotNullWhen(true)] out byte[]? plain)
    {
        plain = null;
        if (box.Length < HeadBytes || box[0] != Version) return false;
        var opened = new byte[box.Length - HeadBytes];
        using var aes = new AesGcm(key, TagBytes);
        try
        {
            aes.Decrypt(box.Slice(1, NonceBytes), box[HeadBytes..], box.Slice(1 + NonceBytes, TagBytes), opened, place);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        plain = opened;
        return true;
    }

    /// <summary>Where a version of a secret belongs.</summary>
    public static byte[] PlaceOf(TenantId tenant, string path, int version, int generation) => Place("penguinmails/secret/1", tenant, version, generation, path);

    /// <summary>Where a wrapped data key belongs.</summary>
    public static byte[] PlaceOfKey(TenantId tenant, int generation) => Place("penguinmails/data-key/1", tenant, 0, generation, "");

    // Every part has a fixed or a stated length, so that no two places give the same bytes.
    static byte[] Place(string label, TenantId tenant, int version, int generation, string path)
    {
        var (labelBytes, pathBytes) = (Encoding.ASCII.GetBytes(label), Encoding.UTF8.GetBytes(path));
        var place = new byte[1 + labelBytes.Length + 16 + 4 + 4 + pathBytes.Length];
        place[0] = (byte)labelBytes.Length;
        var rest = place.AsSpan(1);
        labelBytes.CopyTo(rest);
        rest = rest[labelBytes.Length..];
        tenant.Value.TryWriteBytes(rest, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(rest[16..], version);
        BinaryPrimitives.WriteInt32BigEndian(rest[20..], generation);
        pathBytes.CopyTo(rest[24..]);
        return place;
    }
}
