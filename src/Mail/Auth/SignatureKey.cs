using System.Security.Cryptography;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Mail.Auth;

/// <summary>A key a domain published for signatures (RFC 6376 3.6.1, RFC 8463 4).</summary>
/// <param name="IsTesting">t=y: the domain is trying it out.</param>
/// <param name="IsStrict">t=s: i= and d= are the same domain.</param>
sealed record SignatureKey(byte[] Octets, bool IsEd25519, bool IsTesting, bool IsStrict)
{
    const int RecordsMax = 4; // Of one name that look like keys; there should be one.
    const int RsaBitsMin = 1024; // RFC 8301 3.2.
    const int RsaBitsMax = 8192; // More would cost this machine more than the sender.

    /// <summary>What stands at selector._domainkey.domain: keys to try in turn, or the verdict that there is none.</summary>
    public static async ValueTask<(IReadOnlyList<SignatureKey> Keys, AuthResult Result, string Reason)> Find(SignatureFields fields, IDnsLookup dns, CancellationToken ct)
    {
        var name = $"{fields.Selector}._domainkey.{fields.Domain}";
        var answer = await dns.Look(name, DnsType.Txt, ct).ConfigureAwait(false);
        if (answer.Status is DnsStatus.ServerFailed or DnsStatus.TimedOut) return ([], AuthResult.Temperror, $"no answer from DNS for {name}");
        if (answer.Records.Count == 0) return ([], AuthResult.Permerror, $"no key at {name}");
        var keys = new List<SignatureKey>();
        var reason = $"no key record at {name}";
        // Other text may stand beside the key, as under a wildcard; what is no key at all says less than a key that does not fit.
        foreach (var record in answer.Records.Take(RecordsMax * 4))
        {
            if (Read(record.Value, fields, out var fault) is { } key && keys.Count < RecordsMax) keys.Add(key);
            else if (record.Value.Contains("p=", StringComparison.Ordinal) || answer.Records.Count == 1) reason = fault;
        }
        return (keys, AuthResult.Permerror, reason);
    }

    static SignatureKey? Read(string record, SignatureFields fields, out string fault)
    {
        if (TagList.Parse(record, out fault) is not { } tags)
        {
            fault = $"key record unreadable: {fault}";
            return null;
        }
        var isEd25519 = fields.Algorithm == SignatureAlgorithm.Ed25519Sha256;
        fault = Misfit(tags, isEd25519, fields.Algorithm) ?? "";
        if (fault.Length == 0 && tags.Octets("p") is null) fault = "key unreadable";
        if (fault.Length > 0) return null;
        var flags = tags.Compact("t").Split(':');
        return new SignatureKey(tags.Octets("p") ?? [], isEd25519, flags.Contains("y"), flags.Contains("s"));
    }

    static string? Misfit(TagList tags, bool isEd25519, SignatureAlgorithm algorithm)
    {
        if (tags.Has("v") && (tags.Of("v") != "DKIM1" || tags.First != "v")) return "key record of another version";
        if (!tags.Has("p")) return "key record without p=";
        if (tags.Of("p").Length == 0) return "key revoked";
        if ((tags.Has("k") ? tags.Of("k") : "rsa") != (isEd25519 ? "ed25519" : "rsa")) return "key of another kind";
        if (tags.Has("h") && !tags.Compact("h").Split(':').Contains(algorithm == SignatureAlgorithm.RsaSha1 ? "sha1" : "sha256")) return "key not for this hash";
        return tags.Has("s") && !tags.Compact("s").Split(':').Any(service => service is "*" or "email") ? "key not for e-mail" : null;
    }

    /// <returns>Null when the signature is right; else the result and why.</returns>
    public (AuthResult Result, string Reason)? Check(byte[] digest, byte[] signature, SignatureAlgorithm algorithm)
    {
        // RFC 8463 3: what is signed is the hash, as a message.
        if (IsEd25519) return Octets.Length != Ed25519.KeyOctets ? (AuthResult.Permerror, "key unreadable") : Ed25519.Verify(Octets, digest, signature) ? null : (AuthResult.Fail, "signature");
        try
        {
            using var rsa = RSA.Create();
            Import(rsa);
            if (rsa.KeySize > RsaBitsMax) return (AuthResult.Permerror, $"key of {rsa.KeySize} bits");
            var isSha1 = algorithm == SignatureAlgorithm.RsaSha1;
            if (!rsa.VerifyHash(digest, signature, isSha1 ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)) return (AuthResult.Fail, "signature");
            if (isSha1) return (AuthResult.Policy, "rsa-sha1 counts for nothing (RFC 8301 3.1)");
            return rsa.KeySize < RsaBitsMin ? (AuthResult.Policy, $"key too short: {rsa.KeySize} bits") : null;
        }
        catch (CryptographicException)
        {
            return (AuthResult.Permerror, "key unreadable");
        }
    }

    // RFC 6376 3.6.1 says RSAPublicKey, everybody publishes SubjectPublicKeyInfo; both exist.
    void Import(RSA rsa)
    {
        try { rsa.ImportSubjectPublicKeyInfo(Octets, out _); }
        catch (CryptographicException) { rsa.ImportRSAPublicKey(Octets, out _); }
    }
}
