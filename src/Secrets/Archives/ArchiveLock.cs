using System.Security.Cryptography;
using PenguinMails.Core;
using PenguinMails.Secrets.Keys;

namespace PenguinMails.Secrets.Archives;

/// <summary>What an archive's key is wrapped under. The numbers stand in files.</summary>
enum ArchiveLockKind { Passphrase = 1, PublicKey = 2 }

/// <summary>Closes an archive: with a passphrase, or for the holder of a private key, so that the machine that writes backups cannot read them.</summary>
public sealed class ArchiveLock
{
    const int SaltBytes = 16;
    readonly string? _passphrase;
    readonly ECDiffieHellman? _recipient;

    ArchiveLock(string? passphrase, ECDiffieHellman? recipient) => (_passphrase, _recipient) = (passphrase, recipient);

    internal ArchiveLockKind Kind => _passphrase is null ? ArchiveLockKind.PublicKey : ArchiveLockKind.Passphrase;

    /// <param name="path">A file of mode 0600 with at least 20 characters.</param>
    /// <exception cref="InvalidOperationException">Missing, readable by others, or too short; the message says what to do.</exception>
    public static ArchiveLock Passphrase(string path) => new(new KeySource(KeySourceKind.Passphrase, path, path).ReadPassphrase(), null);

    /// <param name="path">A public key in PEM on P-256, P-384 or P-521, as <c>openssl pkey -pubout</c> writes it.</param>
    /// <exception cref="InvalidOperationException">Missing or another kind of key; the message says how to make one.</exception>
    public static ArchiveLock PublicKey(string path)
    {
        if (!File.Exists(path)) throw new InvalidOperationException($"{path} is not there. {ArchiveKeys.HowToMake}");
        var pem = File.ReadAllText(path);
        return pem.Contains("PRIVATE KEY", StringComparison.Ordinal)
            ? throw new InvalidOperationException($"{path} is a private key. It opens backups and belongs elsewhere; give the public one here: openssl pkey -in {path} -pubout")
            : new(null, ArchiveKeys.Import(pem, path));
    }

    /// <summary>The wrapping key, and what its opener needs beside the secret.</summary>
    internal (byte[] Key, byte[] Needs) Close()
    {
        if (_recipient is { } recipient)
        {
            using var once = ECDiffieHellman.Create(recipient.ExportParameters(includePrivateParameters: false).Curve);
            var shown = once.ExportSubjectPublicKeyInfo();
            return (ArchiveKeys.Derive(once.DeriveRawSecretAgreement(recipient.PublicKey), shown, recipient.ExportSubjectPublicKeyInfo()), shown);
        }

        byte[] needs = [Scrypt.CostLog2Default, .. RandomNumberGenerator.GetBytes(SaltBytes)];
        return (Scrypt.Derive(_passphrase ?? "", needs[1..], needs[0]), needs);
    }
}

/// <summary>Opens an archive.</summary>
public sealed class ArchiveOpener
{
    const int CostLog2Max = 20;
    const int CostLog2Min = 14;
    const int PassphraseNeeds = 17;
    readonly string? _passphrase;
    readonly ECDiffieHellman? _private;

    ArchiveOpener(string? passphrase, ECDiffieHellman? @private) => (_passphrase, _private) = (passphrase, @private);

    internal Problem DoesNotFit => _private is null ? ArchiveProblems.PassphraseWrong : ArchiveProblems.KeyWrong;

    /// <inheritdoc cref="ArchiveLock.Passphrase"/>
    public static ArchiveOpener Passphrase(string path) => new(new KeySource(KeySourceKind.Passphrase, path, path).ReadPassphrase(), null);

    /// <param name="path">The private key in PEM without a passphrase of its own, mode 0600.</param>
    /// <exception cref="InvalidOperationException">Missing, readable by others, or no such key.</exception>
    public static ArchiveOpener PrivateKey(string path)
    {
        var pem = KeySource.ReadGuarded(path);
        return pem.Contains("PRIVATE KEY", StringComparison.Ordinal)
            ? new(null, ArchiveKeys.Import(pem, path))
            : throw new InvalidOperationException($"{path} holds no private key. Give the one whose public part the backup was made for.");
    }

    internal Result<byte[]> Open(ArchiveLockKind kind, byte[] needs)
    {
        if (kind == ArchiveLockKind.Passphrase)
        {
            if (_passphrase is null) return ArchiveProblems.NeedsPassphrase;
            // A damaged cost must not cost gigabytes.
            return needs.Length == PassphraseNeeds && needs[0] is >= CostLog2Min and <= CostLog2Max ? Scrypt.Derive(_passphrase, needs[1..], needs[0]) : ArchiveProblems.HeadDamaged;
        }

        if (kind != ArchiveLockKind.PublicKey) return ArchiveProblems.HeadDamaged;
        if (_private is null) return ArchiveProblems.NeedsKey;
        try
        {
            using var shown = ECDiffieHellman.Create();
            shown.ImportSubjectPublicKeyInfo(needs, out _);
            return ArchiveKeys.Derive(_private.DeriveRawSecretAgreement(shown.PublicKey), needs, _private.ExportSubjectPublicKeyInfo());
        }
        catch (Exception unfit) when (unfit is CryptographicException or ArgumentException or PlatformNotSupportedException)
        {
            return ArchiveProblems.KeyWrong; // Not a point, one on another curve, or on one that nobody knows.
        }
    }
}

static class ArchiveKeys
{
    internal const string HowToMake = "Make a pair with: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out backup.key; openssl pkey -in backup.key -pubout -out backup.pub";

    public static ECDiffieHellman Import(string pem, string path)
    {
        var key = ECDiffieHellman.Create();
        try
        {
            key.ImportFromPem(pem);
            return key;
        }
        catch (Exception unfit) when (unfit is CryptographicException or ArgumentException or PlatformNotSupportedException)
        {
            key.Dispose();
            throw new InvalidOperationException($"{path} is not a key on an elliptic curve in PEM. {HowToMake}");
        }
    }

    // Both public keys are in the derivation, so that the key belongs to this exchange alone.
    public static byte[] Derive(byte[] agreed, byte[] shown, byte[] recipient)
    {
        var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, agreed, Envelope.KeyBytes, info: [.. "penguinmails/backup/1"u8, .. shown, .. recipient]);
        CryptographicOperations.ZeroMemory(agreed);
        return key;
    }
}
