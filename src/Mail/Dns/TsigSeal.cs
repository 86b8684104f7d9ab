using System.Buffers.Binary;
using System.Security.Cryptography;

namespace PenguinMails.Mail.Dns;

/// <summary>Signs requests and proves answers (RFC 8945 4, 5).</summary>
static class TsigSeal
{
    const int Tsig = 250;
    const int ClassAny = 255;
    const int FudgeSeconds = 300; // RFC 8945 10.
    const int RecordsMax = 1024;

    /// <summary>The error fields of an answer (RFC 8945 3).</summary>
    public const int BadSignature = 16, BadKey = 17, BadTime = 18;

    /// <param name="Error">0, or one of the three above.</param>
    /// <param name="ServerTime">Seconds since 1970 on the server's clock; with <see cref="BadTime"/> only.</param>
    public sealed record Seal(bool IsProved, int Error, long? ServerTime);

    /// <summary>The message with its signature; <paramref name="mac"/> proves the answer later.</summary>
    public static byte[] Sign(byte[] message, TsigKey key, DateTimeOffset now, out byte[] mac)
    {
        var seconds = now.ToUnixTimeSeconds();
        mac = key.Hash([.. message, .. Variables(key, seconds, FudgeSeconds, 0, [])]);
        var output = new List<byte>(message);
        DnsWriter.Name(output, key.Name);
        DnsWriter.Number16(output, Tsig);
        DnsWriter.Number16(output, ClassAny);
        DnsWriter.Number32(output, 0);
        var content = new List<byte>();
        DnsWriter.Name(content, key.Algorithm);
        Time(content, seconds);
        DnsWriter.Number16(content, FudgeSeconds);
        DnsWriter.Number16(content, mac.Length);
        content.AddRange(mac);
        content.AddRange(message[..2]); // The original id.
        DnsWriter.Number16(content, 0);
        DnsWriter.Number16(content, 0);
        DnsWriter.Number16(output, content.Count);
        output.AddRange(content);
        output[11]++; // One additional record more (RFC 1035 4.1.1); the message had none.
        return [.. output];
    }

    /// <returns>Null when the answer carries no signature that can be read.</returns>
    public static Seal? Read(byte[] answer, TsigKey key, ReadOnlySpan<byte> requestMac, DateTimeOffset now)
    {
        if (LastRecord(answer) is not { } at) return null;
        var start = at;
        var whole = answer.AsSpan();
        if (DnsContent.Name(whole, ref at) is not { } name || at + 10 > answer.Length || BinaryPrimitives.ReadUInt16BigEndian(whole[at..]) != Tsig) return null;
        // RFC 8945 4.2: class ANY and no time to live; both go into the signature.
        if (BinaryPrimitives.ReadUInt16BigEndian(whole[(at + 2)..]) != ClassAny || BinaryPrimitives.ReadUInt32BigEndian(whole[(at + 4)..]) != 0) return null;
        at += 10;
        if (DnsContent.Name(whole, ref at) is not { } algorithm || at + 10 > answer.Length) return null;
        var seconds = ((long)BinaryPrimitives.ReadUInt16BigEndian(whole[at..]) << 32) | BinaryPrimitives.ReadUInt32BigEndian(whole[(at + 2)..]);
        var (fudge, size) = (BinaryPrimitives.ReadUInt16BigEndian(whole[(at + 6)..]), BinaryPrimitives.ReadUInt16BigEndian(whole[(at + 8)..]));
        at += 10;
        if (at + size + 6 > answer.Length) return null;
        var mac = whole.Slice(at, size);
        at += size;
        var (error, length) = (BinaryPrimitives.ReadUInt16BigEndian(whole[(at + 2)..]), BinaryPrimitives.ReadUInt16BigEndian(whole[(at + 4)..]));
        if (at + 6 + length > answer.Length) return null;
        var other = whole.Slice(at + 6, length);

        var bare = Unsigned(answer[..start], whole.Slice(at, 2));
        byte[] signed = [(byte)(requestMac.Length >> 8), (byte)requestMac.Length, .. requestMac, .. bare, .. Variables(key, seconds, fudge, error, other)];
        var isOurs = name.Equals(key.Name, StringComparison.OrdinalIgnoreCase) && algorithm.Equals(key.Algorithm, StringComparison.OrdinalIgnoreCase);
        var isFresh = error == BadTime || Math.Abs(now.ToUnixTimeSeconds() - seconds) <= fudge;
        var isProved = isOurs && isFresh && CryptographicOperations.FixedTimeEquals(mac, key.Hash(signed));
        return new Seal(isProved, error, error == BadTime && length == 6 ? ((long)BinaryPrimitives.ReadUInt16BigEndian(other) << 32) | BinaryPrimitives.ReadUInt32BigEndian(other[2..]) : null);
    }

    /// <summary>The answer as it was before the signature went on (RFC 8945 5.3).</summary>
    static byte[] Unsigned(byte[] bare, ReadOnlySpan<byte> id)
    {
        id.CopyTo(bare);
        BinaryPrimitives.WriteUInt16BigEndian(bare.AsSpan(10), (ushort)(BinaryPrimitives.ReadUInt16BigEndian(bare.AsSpan(10)) - 1));
        return bare;
    }

    // RFC 8945 4.3.3: names in lower case, not compressed.
    static List<byte> Variables(TsigKey key, long seconds, int fudge, int error, ReadOnlySpan<byte> other)
    {
        var output = new List<byte>();
        DnsWriter.Name(output, key.Name);
        DnsWriter.Number16(output, ClassAny);
        DnsWriter.Number32(output, 0);
        DnsWriter.Name(output, key.Algorithm);
        Time(output, seconds);
        DnsWriter.Number16(output, fudge);
        DnsWriter.Number16(output, error);
        DnsWriter.Number16(output, other.Length);
        output.AddRange(other);
        return output;
    }

    static void Time(List<byte> output, long seconds)
    {
        DnsWriter.Number16(output, (int)(seconds >> 32) & 0xffff);
        DnsWriter.Number32(output, (int)(uint)seconds);
    }

    /// <summary>Where the last additional record begins; null when there is none or the sections break off.</summary>
    static int? LastRecord(ReadOnlySpan<byte> answer)
    {
        if (answer.Length < 12 || BinaryPrimitives.ReadUInt16BigEndian(answer[10..]) == 0) return null;
        var at = 12;
        for (var i = BinaryPrimitives.ReadUInt16BigEndian(answer[4..]); i > 0; i--)
        {
            if (DnsContent.Name(answer, ref at) is null || at + 4 > answer.Length) return null;
            at += 4;
        }
        var records = BinaryPrimitives.ReadUInt16BigEndian(answer[6..]) + BinaryPrimitives.ReadUInt16BigEndian(answer[8..]) + BinaryPrimitives.ReadUInt16BigEndian(answer[10..]);
        if (records > RecordsMax) return null;
        var last = at;
        for (var i = 0; i < records; i++)
        {
            last = at;
            if (DnsContent.Name(answer, ref at) is null || at + 10 > answer.Length) return null;
            at += 10 + BinaryPrimitives.ReadUInt16BigEndian(answer[(at + 8)..]);
            if (at > answer.Length) return null;
        }
        return at == answer.Length ? last : null;
    }
}
