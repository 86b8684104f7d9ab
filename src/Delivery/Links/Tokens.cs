using System.Security.Cryptography;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Messages;

namespace PenguinMails.Delivery.Links;

/// <summary>What a token opens. link: unsubscribe, tracked links, return path. thread: the Message-ID, by which replies are known.</summary>
public enum TokenPurpose { Link, Thread }

/// <summary>Opaque, unguessable words that stand for one message: HMAC-SHA256 of its id under a key outside the database.</summary>
/// <remarks>52 characters of base 32 in lower case, so they survive servers that fold the case of a local part. Only the SHA-256 is stored.</remarks>
public sealed class Tokens(MasterKey master)
{
    public const int Length = 52;
    const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567"; // RFC 4648 6, lower case, no padding.

    readonly byte[] _linkKey = master.Derive("delivery/token/link");
    readonly byte[] _threadKey = master.Derive("delivery/token/thread");

    public sealed record Owner(TenantId Tenant, MessageId Message);

    const string Find = "select tenant_id, message_id from delivery.token where hash = $1 and purpose = $2";

    // One for each thread and purpose: to make one costs more than what it sums up.
    [ThreadStatic]
    static (byte[] Key, IncrementalHash Mac)[]? macs;

    public string For(MessageId message, TokenPurpose purpose)
    {
        var key = purpose == TokenPurpose.Link ? _linkKey : _threadKey;
        ref var mac = ref (macs ??= new (byte[], IncrementalHash)[2])[(int)purpose];
        if (mac.Key != key)
        {
            mac.Mac?.Dispose();
            mac = (key, IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key));
        }

        Span<byte> id = stackalloc byte[16], sum = stackalloc byte[HMACSHA256.HashSizeInBytes];
        message.Value.TryWriteBytes(id, bigEndian: true, out _);
        mac.Mac.AppendData(id);
        mac.Mac.GetHashAndReset(sum);
        return Encode(sum);
    }

    public static byte[] Hash(string token) => SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(token));

    public static bool IsWellFormed(string token) => token.Length == Length && token.All(c => Alphabet.Contains(c, StringComparison.Ordinal));

    /// <summary>Null for a token that was never given out, whatever it looks like.</summary>
    public static async Task<Owner?> Resolve(string token, TokenPurpose purpose, TenantDb db, CancellationToken ct)
    {
        if (!IsWellFormed(token.ToLowerInvariant())) return null;
        await using var tx = await db.BeginUnscoped(ct);
        return await Within(tx, token, purpose, ct);
    }

    /// <summary>The same in any tenant's transaction: the table has no tenant.</summary>
    public static async Task<Owner?> Within(TenantTx tx, string token, TokenPurpose purpose, CancellationToken ct)
    {
        var normal = token.ToLowerInvariant();
        return !IsWellFormed(normal) ? null : await tx.Maybe(Find, row => new Owner(new(row.GetGuid(0)), new(row.GetGuid(1))), ct, Hash(normal), Word(purpose));
    }

    internal static string Word(TokenPurpose purpose) => purpose switch { TokenPurpose.Link => "link", TokenPurpose.Thread => "thread" };

    static string Encode(ReadOnlySpan<byte> bytes)
    {
        Span<char> text = stackalloc char[Length];
        var (buffer, bits, length) = (0, 0, 0);
        foreach (var value in bytes)
        {
            (buffer, bits) = ((buffer << 8) | value, bits + 8);
            for (; bits >= 5; bits -= 5) text[length++] = Alphabet[(buffer >> (bits - 5)) & 31];
            buffer &= (1 << bits) - 1;
        }

        if (bits > 0) text[length++] = Alphabet[(buffer << (5 - bits)) & 31];
        return new string(text[..length]);
    }
}
