using System.Security.Cryptography;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Mail.Auth;

/// <summary>What one signature is worth.</summary>
/// <param name="Result">pass, fail, policy, temperror or permerror.</param>
/// <param name="Reason">For people; empty on a pass without reservation.</param>
/// <param name="Domain">d=, lower case; empty when unreadable.</param>
/// <param name="Algorithm">a= as it stands.</param>
/// <param name="Identity">i= as it stands; empty when absent.</param>
public sealed record DkimVerdict(AuthResult Result, string Reason, string Domain, string Selector, string Algorithm, string Identity);

/// <summary>Checks the DKIM signatures of a message (RFC 6376 6, RFC 8301, RFC 8463).</summary>
public static class DkimVerifier
{
    /// <summary>Signatures judged, from the top; more are left out.</summary>
    public const int SignaturesMax = 10;

    const string FieldName = "DKIM-Signature";

    /// <param name="message">Any octets; bare line feeds count as line ends.</param>
    /// <param name="now">For x=.</param>
    /// <returns>A verdict for each signature, from the top; none for an unsigned message. Only cancellation throws.</returns>
    public static ValueTask<IReadOnlyList<DkimVerdict>> Verify(ReadOnlyMemory<byte> message, IDnsLookup dns, DateTimeOffset now, CancellationToken ct) =>
        Verify(RawMessage.Read(message), dns, now, ct);

    internal static async ValueTask<IReadOnlyList<DkimVerdict>> Verify(RawMessage message, IDnsLookup dns, DateTimeOffset now, CancellationToken ct)
    {
        var verdicts = new List<DkimVerdict>();
        var bodies = new BodyHashes(message.Body);
        foreach (var own in message.Fields.Where(field => field.Is(FieldName)).Take(SignaturesMax))
            verdicts.Add(await Judge(message, own, bodies, dns, now, ct).ConfigureAwait(false));
        return verdicts;
    }

    static async ValueTask<DkimVerdict> Judge(RawMessage message, RawField own, BodyHashes bodies, IDnsLookup dns, DateTimeOffset now, CancellationToken ct)
    {
        if (own.IsTooLong) return new DkimVerdict(AuthResult.Permerror, $"signature of more than {RawField.OctetsMax} octets", "", "", "", "");
        if (TagList.Parse(own.Value, out var fault) is not { } tags) return new DkimVerdict(AuthResult.Permerror, $"signature unreadable: {fault}", "", "", "", "");
        DkimVerdict Because(AuthResult result, string reason) => new(result, reason, tags.Of("d").ToLowerInvariant(), tags.Of("s"), tags.Of("a"), tags.Of("i"));

        if (SignatureFields.Read(tags, SignatureKind.Dkim, out fault) is not { } fields) return Because(AuthResult.Permerror, fault);
        if (fields.ExpiresAt < now.ToUnixTimeSeconds()) return Because(AuthResult.Fail, "expired");
        var (keys, result, reason) = await SignatureKey.Find(fields, dns, ct).ConfigureAwait(false);
        if (keys.Count == 0) return Because(result, reason);
        if (keys[0].IsStrict && !IsStrict(fields)) return Because(AuthResult.Permerror, "the key demands i= of the domain itself");
        var (total, isBodySame) = bodies.Check(fields);
        if (fields.Length > total) return Because(AuthResult.Permerror, $"l={fields.Length} is more than the {total} octets of the body");
        if (!isBodySame) return Because(AuthResult.Fail, "body changed");
        var digest = SignedHeader.Hash(SignedHeader.Select(message.Fields, fields.Names, own), own, tags.Place("b"), fields.IsHeaderRelaxed, BodyHashes.Of(fields));
        if (SignatureCheck.Any(keys, digest, fields) is { } failed) return Because(failed.Result, failed.Reason);
        return Because(AuthResult.Pass, Reservation(fields, keys[0], total));
    }

    static bool IsStrict(SignatureFields fields) => fields.Identity.Length == 0 || fields.Identity[(fields.Identity.LastIndexOf('@') + 1)..].Equals(fields.Domain, StringComparison.OrdinalIgnoreCase);

    // What a reader should know of a signature that is right.
    static string Reservation(SignatureFields fields, SignatureKey key, long total)
    {
        var partly = fields.Length < total ? $"covers only {fields.Length} of {total} octets of the body" : "";
        return key.IsTesting ? partly.Length > 0 ? partly + "; key in test" : "key in test" : partly;
    }
}

/// <summary>One digest against the keys published.</summary>
static class SignatureCheck
{
    /// <returns>Null when one of the keys fits; else the verdict of the last one tried.</returns>
    public static (AuthResult Result, string Reason)? Any(IReadOnlyList<SignatureKey> keys, byte[] digest, SignatureFields fields)
    {
        (AuthResult, string)? failed = null;
        foreach (var key in keys)
        {
            failed = key.Check(digest, fields.Value, fields.Algorithm);
            if (failed is null) return null;
        }
        return failed;
    }
}

/// <summary>Hashes of one body, each form computed once however many signatures there are.</summary>
sealed class BodyHashes(ReadOnlyMemory<byte> body)
{
    readonly Dictionary<(bool, HashAlgorithmName, long?), (byte[] Hash, long Total)> known = [];

    public static HashAlgorithmName Of(SignatureFields fields) => fields.Algorithm == SignatureAlgorithm.RsaSha1 ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256;

    public (long Total, bool IsSame) Check(SignatureFields fields)
    {
        var key = (fields.IsBodyRelaxed, Of(fields), fields.Length);
        if (!known.TryGetValue(key, out var entry))
            known[key] = entry = (Canonical.BodyHash(body.Span, fields.IsBodyRelaxed, key.Item2, fields.Length, out var total), total);
        return (entry.Total, entry.Hash.AsSpan().SequenceEqual(fields.BodyHash));
    }
}
