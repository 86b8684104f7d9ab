using System.Buffers.Text;
using System.Security.Cryptography;
using PenguinMails.Core;

namespace PenguinMails.Accounts.Limits;

/// <summary>A cookie that says "this browser logged in to this account before". It opens nothing: its holder is only counted apart from strangers.</summary>
/// <remarks>16 random bytes and the first 16 of an HMAC-SHA256 over them and the user; nothing is stored.</remarks>
public sealed class KnownDevice(MasterKey master)
{
    const int RandomBytes = 16;
    const int MacBytes = 16;

    readonly byte[] _key = master.Derive("accounts/device");

    public string New(UserId user)
    {
        var device = new byte[RandomBytes + MacBytes];
        RandomNumberGenerator.Fill(device.AsSpan(0, RandomBytes));
        Mac(user, device.AsSpan(0, RandomBytes)).CopyTo(device.AsSpan(RandomBytes));
        return Base64Url.EncodeToString(device);
    }

    /// <summary>A name for the device when it belongs to this user; null otherwise.</summary>
    internal string? Name(UserId user, string? token)
    {
        if (token is not { Length: 43 } || !Base64Url.IsValid(token)) return null;
        var device = Base64Url.DecodeFromChars(token);
        if (device.Length != RandomBytes + MacBytes) return null;
        return CryptographicOperations.FixedTimeEquals(device.AsSpan(RandomBytes), Mac(user, device.AsSpan(0, RandomBytes)))
            ? "device:" + Convert.ToHexStringLower(device.AsSpan(0, RandomBytes))
            : null;
    }

    ReadOnlySpan<byte> Mac(UserId user, ReadOnlySpan<byte> random) =>
        HMACSHA256.HashData(_key, (byte[])[.. user.Value.ToByteArray(), .. random]).AsSpan(0, MacBytes);
}
