using System.Security.Cryptography;

namespace PenguinMails.Secrets.Keys;

/// <summary>Where a master key of the sealed store comes from. Never the key itself, so that settings may be printed.</summary>
/// <param name="Kind">What the bytes are.</param>
/// <param name="Path">Absolute; null for the installation's own key.</param>
/// <param name="Text">As it was configured.</param>
public sealed record KeySource(KeySourceKind Kind, string? Path, string Text)
{
    const int KeyBytes = 32;
    const int PassphraseLengthMin = 20;
    const int FileBytesMax = 64 * 1024;

    /// <summary>Derived from the master key of the installation (<c>keys/master.key</c>).</summary>
    public static readonly KeySource Installation = new(KeySourceKind.Installation, null, "installation");

    /// <summary>Reads <c>installation</c>, <c>file:/path</c>, <c>credential:name</c>, <c>passphrase:file:/path</c> or <c>passphrase:credential:name</c>.</summary>
    /// <param name="credentials">systemd's <c>$CREDENTIALS_DIRECTORY</c>; null outside of it.</param>
    /// <exception cref="InvalidOperationException">Another text; the message names the setting.</exception>
    public static KeySource Parse(string text, string setting, string? credentials)
    {
        if (text is "" or "installation") return Installation;
        var isPassphrase = text.StartsWith("passphrase:", StringComparison.Ordinal);
        var place = isPassphrase ? text["passphrase:".Length..] : text;
        var kind = isPassphrase ? KeySourceKind.Passphrase : KeySourceKind.Key;
        if (place.StartsWith("file:/", StringComparison.Ordinal)) return new(kind, place["file:".Length..], text);
        if (!place.StartsWith("credential:", StringComparison.Ordinal) || place["credential:".Length..] is not { Length: > 0 } name || name.Contains('/', StringComparison.Ordinal) || name.StartsWith('.'))
            throw new InvalidOperationException($"{setting} is {text}; it must be installation, file:/path, credential:name, passphrase:file:/path or passphrase:credential:name.");
        if (string.IsNullOrEmpty(credentials))
            throw new InvalidOperationException($"{setting} is {text}, but systemd gave no credentials ($CREDENTIALS_DIRECTORY is empty). Add LoadCredentialEncrypted={name}:… to the service.");
        return new(kind, System.IO.Path.Combine(credentials, name), text);
    }

    /// <summary>The key's 32 bytes.</summary>
    /// <exception cref="InvalidOperationException">Missing, readable by others, or not base64 of 32 bytes.</exception>
    internal byte[] ReadKey()
    {
        var text = ReadGuarded(Path ?? throw new InvalidOperationException("The installation's key has no file here."));
        var bytes = new byte[KeyBytes * 2];
        return Convert.TryFromBase64String(text, bytes, out var length) && length == KeyBytes
            ? bytes[..KeyBytes]
            : throw new InvalidOperationException($"{Path} is not base64 of {KeyBytes} bytes. Make one with: openssl rand -base64 32");
    }

    /// <exception cref="InvalidOperationException">Missing, readable by others, or shorter than 20 characters.</exception>
    internal string ReadPassphrase()
    {
        var text = ReadGuarded(Path ?? throw new InvalidOperationException("A passphrase needs a file or a credential."));
        return text.Length >= PassphraseLengthMin ? text : throw new InvalidOperationException($"The passphrase in {Path} is shorter than {PassphraseLengthMin} characters. Use six or more random words.");
    }

    /// <summary>A small file only its owner may read: keys, tokens, secret ids.</summary>
    /// <exception cref="InvalidOperationException">Missing, too large, or with a mode wider than 0600.</exception>
    internal static string ReadGuarded(string path)
    {
        const UnixFileMode narrow = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        if (!File.Exists(path)) throw new InvalidOperationException($"{path} is not there.");
        if ((File.GetUnixFileMode(path) & ~narrow) != 0) throw new InvalidOperationException($"{path} can be read by others, or run. Run: chmod 600 {path}");
        if (new FileInfo(path).Length > FileBytesMax) throw new InvalidOperationException($"{path} is larger than a key can be.");
        return File.ReadAllText(path).Trim();
    }

    /// <summary>A name for a key that tells nothing of it: 16 hex digits derived with HKDF-SHA256 (RFC 5869).</summary>
    internal static string IdOf(byte[] key) => Convert.ToHexStringLower(HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 8, info: "penguinmails/secrets/master-id"u8.ToArray()));
}

/// <summary>What a source holds.</summary>
public enum KeySourceKind { Installation, Key, Passphrase }
