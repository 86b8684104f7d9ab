using System.Buffers.Binary;
using System.Text;

namespace PenguinMails.Mail.Dns;

/// <summary>The wire format (RFC 1035 4, RFC 6891): questions out, answers in. Reading never throws and every loop is bounded.</summary>
static class DnsMessage
{
    public const int UdpOctetsMax = 1232; // The size that avoids fragments nearly everywhere.
    const int RecordsMax = 256;
    const int NameOctetsMax = 255;

    /// <param name="NegativeTtlSeconds">How long an absence may be remembered; 0 for not at all.</param>
    public sealed record Reply(int Code, bool IsTruncated, List<DnsRecord> Answers, int NegativeTtlSeconds, bool IsAuthoritative);

    /// <returns>Null when the name cannot stand in a question: empty label, label over 63, over 255 in all, not ASCII.</returns>
    public static byte[]? Question(ushort id, string name, DnsType type, bool extended)
    {
        var output = new List<byte>(64) { (byte)(id >> 8), (byte)id, 1, 0, 0, 1, 0, 0, 0, 0, 0, (byte)(extended ? 1 : 0) };
        foreach (var label in name.TrimEnd('.').Split('.'))
        {
            if (label.Length is 0 or > 63 || !Ascii.IsValid(label)) return null;
            output.Add((byte)label.Length);
            output.AddRange(Encoding.ASCII.GetBytes(label));
        }
        output.AddRange([0, (byte)((int)type >> 8), (byte)type, 0, 1]);
        if (output.Count - 16 > NameOctetsMax) return null;
        // RFC 6891 6.1.2: root, OPT, our UDP size, no flags, no options.
        if (extended) output.AddRange([0, 0, 41, UdpOctetsMax >> 8, UdpOctetsMax & 255, 0, 0, 0, 0, 0, 0]);
        return [.. output];
    }

    /// <summary>Null when the octets are no answer to this question: the caller goes on waiting.</summary>
    public static Reply? Read(ReadOnlySpan<byte> octets, ushort id, string name, DnsType type)
    {
        if (octets.Length < 12 || BinaryPrimitives.ReadUInt16BigEndian(octets) != id || (octets[2] & 0x80) == 0) return null;
        var questions = BinaryPrimitives.ReadUInt16BigEndian(octets[4..]);
        var (code, isTruncated, isAuthoritative, at) = (octets[3] & 15, (octets[2] & 2) != 0, (octets[2] & 4) != 0, 12);
        // Some servers leave the question out of an error.
        if (questions == 0) return code == 0 ? null : new Reply(code, isTruncated, [], 0, isAuthoritative);
        if (questions != 1 || DnsContent.Name(octets, ref at) is not { } asked || !asked.Equals(name.TrimEnd('.'), StringComparison.OrdinalIgnoreCase)) return null;
        if (at + 4 > octets.Length || BinaryPrimitives.ReadUInt16BigEndian(octets[at..]) != (int)type) return null;
        at += 4;
        var (answers, negative) = (new List<DnsRecord>(), 0);
        if (!Section(octets, ref at, BinaryPrimitives.ReadUInt16BigEndian(octets[6..]), false, answers)) return isTruncated ? new Reply(code, true, answers, 0, isAuthoritative) : null;
        // An authority section that breaks off takes nothing from the answer.
        var authority = new List<DnsRecord>();
        if (answers.Count == 0 || code != 0) Section(octets, ref at, BinaryPrimitives.ReadUInt16BigEndian(octets[8..]), true, authority);
        // RFC 2308 5: as long as the SOA's own time to live and its last field allow.
        if (authority.Find(record => record.Type == DnsType.Soa) is { } soa) negative = Math.Min(soa.TtlSeconds, soa.Preference);
        return new Reply(code, isTruncated, answers, negative, isAuthoritative);
    }

    /// <summary>False when the section breaks off. In the authority the preference of a SOA is its last field, the seconds an absence may be remembered.</summary>
    static bool Section(ReadOnlySpan<byte> octets, ref int at, int count, bool isAuthority, List<DnsRecord> records)
    {
        for (var i = 0; i < count && records.Count < RecordsMax; i++)
        {
            if (DnsContent.Name(octets, ref at) is not { } owner || at + 10 > octets.Length) return false;
            var type = (DnsType)BinaryPrimitives.ReadUInt16BigEndian(octets[at..]);
            var isInternet = BinaryPrimitives.ReadUInt16BigEndian(octets[(at + 2)..]) == 1;
            var ttl = BinaryPrimitives.ReadInt32BigEndian(octets[(at + 4)..]);
            var length = BinaryPrimitives.ReadUInt16BigEndian(octets[(at + 8)..]);
            at += 10;
            if (at + length > octets.Length) return false;
            if (isInternet && DnsContent.Value(octets, at, length, type) is { } value)
                records.Add(new DnsRecord(owner.ToLowerInvariant(), type, Math.Max(0, ttl), value.Text, type == DnsType.Soa && !isAuthority ? 0 : value.Preference));
            at += length;
        }
        return true;
    }
}
