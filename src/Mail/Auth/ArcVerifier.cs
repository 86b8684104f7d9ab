using System.Security.Cryptography;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Mail.Auth;

/// <summary>What a chain of forwarders is worth.</summary>
/// <param name="Result">none, pass or fail; a DNS failure is a fail that says so (RFC 8617 has no fourth word).</param>
/// <param name="ChainLength">Sets found, that is the highest instance; 0 without a chain.</param>
/// <param name="Reason">For people; empty on pass.</param>
public sealed record ArcVerdict(AuthResult Result, int ChainLength, string Reason);

/// <summary>Validates an Authenticated Received Chain (RFC 8617 5.2).</summary>
public static class ArcVerifier
{
    /// <summary>Sets of one message (RFC 8617 4.2.1).</summary>
    public const int SetsMax = 50;

    /// <param name="message">Any octets; bare line feeds count as line ends.</param>
    /// <param name="now">For x= of the newest message signature.</param>
    public static ValueTask<ArcVerdict> Verify(ReadOnlyMemory<byte> message, IDnsLookup dns, DateTimeOffset now, CancellationToken ct) =>
        Verify(RawMessage.Read(message), dns, now, ct);

    internal static async ValueTask<ArcVerdict> Verify(RawMessage message, IDnsLookup dns, DateTimeOffset now, CancellationToken ct)
    {
        var chain = ArcChain.Read(message.Fields);
        if (chain.IsEmpty) return new ArcVerdict(AuthResult.None, 0, "no chain");
        if (chain.Fault is { } fault) return new ArcVerdict(AuthResult.Fail, chain.Length, fault);
        if (await MessageFault(message, chain.Sets[^1], dns, now, ct).ConfigureAwait(false) is { } changed)
            return new ArcVerdict(AuthResult.Fail, chain.Length, $"message signature {chain.Length}: {changed}");
        for (var i = chain.Length; i >= 1; i--)
            if (await SealFault(chain.Sets, i, dns, ct).ConfigureAwait(false) is { } broken)
                return new ArcVerdict(AuthResult.Fail, chain.Length, $"seal {i}: {broken}");
        return new ArcVerdict(AuthResult.Pass, chain.Length, "");
    }

    // RFC 8617 4.1.2: a DKIM signature but for the instance and the version.
    static async ValueTask<string?> MessageFault(RawMessage message, ArcSet set, IDnsLookup dns, DateTimeOffset now, CancellationToken ct)
    {
        if (SignatureFields.Read(set.MessageTags, SignatureKind.ArcMessage, out var fault) is not { } fields) return fault;
        if (Array.Exists(fields.Names, name => name.Equals(ArcChain.SealName, StringComparison.OrdinalIgnoreCase))) return "h= names ARC-Seal";
        if (fields.ExpiresAt < now.ToUnixTimeSeconds()) return "expired";
        var (total, isSame) = new BodyHashes(message.Body).Check(fields);
        if (fields.Length > total) return "l= is more than the body";
        if (!isSame) return "body changed";
        var (keys, _, reason) = await SignatureKey.Find(fields, dns, ct).ConfigureAwait(false);
        if (keys.Count == 0) return reason;
        var digest = SignedHeader.Hash(SignedHeader.Select(message.Fields, fields.Names, set.Message), set.Message, set.MessageTags.Place("b"), fields.IsHeaderRelaxed, BodyHashes.Of(fields));
        return SignatureCheck.Any(keys, digest, fields)?.Reason;
    }

    // RFC 8617 5.1.1: every set up to this one in the order results, message signature, seal; the last seal without its b=.
    static async ValueTask<string?> SealFault(IReadOnlyList<ArcSet> sets, int instance, IDnsLookup dns, CancellationToken ct)
    {
        var own = sets[instance - 1];
        if (SignatureFields.Read(own.SealTags, SignatureKind.ArcSeal, out var fault) is not { } fields) return fault;
        var (keys, _, reason) = await SignatureKey.Find(fields, dns, ct).ConfigureAwait(false);
        return keys.Count == 0 ? reason : SignatureCheck.Any(keys, SealHash(sets, instance, BodyHashes.Of(fields)), fields)?.Reason;
    }

    static byte[] SealHash(IReadOnlyList<ArcSet> sets, int instance, HashAlgorithmName algorithm)
    {
        using var hash = new HashSink(algorithm);
        for (var i = 0; i < instance; i++)
        {
            Canonical.Header(sets[i].Results, true, hash.Add);
            Canonical.Header(sets[i].Message, true, hash.Add);
            if (i < instance - 1) Canonical.Header(sets[i].Seal, true, hash.Add);
        }
        SignedHeader.Own(sets[instance - 1].Seal, sets[instance - 1].SealTags.Place("b"), true, hash.Add);
        return hash.Finish();
    }
}
