using System.Security.Cryptography;
using System.Text;

namespace PenguinMails.Core;

/// <summary>The 256-bit key outside the database from which all other keys are derived (HKDF-SHA256, RFC 5869).</summary>
/// <remarks>From <c>PENGUIN__KEYS__MASTER</c> (base64 of 32 bytes), else from <c>keys/master.key</c> in the data folder, made at first start with mode 0600.</remarks>
public sealed class MasterKey
{
    const int KeyBytes = 32;
    readonly byte[] _key;

    public MasterKey(byte[] key)
    {
        if (key.Length != KeyBytes) throw new InvalidOperationException($"PENGUIN__KEYS__MASTER must be base64 of {KeyBytes} bytes; it has {key.Length}.");
        _key = key;
    }

    /// <summary>32 bytes for one purpose; the same purpose gives the same bytes.</summary>
    public byte[] Derive(string purpose) => HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, KeyBytes, info: Encoding.UTF8.GetBytes("penguinmails/" + purpose));

    /// <exception cref="InvalidOperationException">The configured text is not base64 of 32 bytes, or the file is readable by others.</exception>
    public static MasterKey Load(string? configured, string dataFolder)
    {
        if (!string.IsNullOrEmpty(configured)) return new MasterKey(Decode(configured, "PENGUIN__KEYS__MASTER"));

        var path = Path.Combine(dataFolder, "keys", "master.key");
        if (!File.Exists(path)) Create(path);
        if ((File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != 0)
            throw new InvalidOperationException($"{path} can be read by others. Run: chmod 600 {path}");
        return new MasterKey(Decode(File.ReadAllText(path).Trim(), path));
    }

    static void Create(string path)
    {
        var folder = Path.GetDirectoryName(path) ?? throw new InvalidOperationException("The key file needs a folder.");
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        using var file = new StreamWriter(path, options);
        file.WriteLine(Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)));
    }

    static byte[] Decode(string text, string source)
    {
        var bytes = new byte[KeyBytes * 2];
        return Convert.TryFromBase64String(text, bytes, out var length)
            ? bytes[..length]
            : throw new InvalidOperationException($"{source} is not base64 of {KeyBytes} bytes.");
    }
}
