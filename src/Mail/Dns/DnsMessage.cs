using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace PenguinMails.Mail.Dns;

/// <summary>The wire format (RFC 1035 4, RFC 6891): questions out, answers in. Reading never throws and every loop is bounded.</summary>
static class DnsMessage
{
    public const int UdpOctetsMax = 1232; // The size that avoids fragments nearly everywhere.
    const int RecordsMax = 256;
    const int NameOctetsMax = 255;
    const int PointersMax = 64;

    public sealed record Reply(int Code, bool IsTruncated, List<DnsRecord> Answers);

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
        output.AddRange([0, 0, (byte)type, 0, 1]);
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
        var answers = BinaryPrimitives.ReadUInt16BigEndian(octets[6..]);
        var (code, isTruncated, at) = (octets[3] & 15, (octets[2] & 2) != 0, 12);
        // Some servers leave the question out of an error.
        if (questions == 0) return code == 0 ? null : new Reply(code, isTruncated, []);
        if (questions != 1 || Name(octets, ref at) is not { } asked || !asked.Equals(name.TrimEnd('.'), StringComparison.OrdinalIgnoreCase)) return null;
        if (at + 4 > octets.Length || BinaryPrimitives.ReadUInt16BigEndian(octets[at..]) != (int)type) return null;
        at += 4;
        var records = new List<DnsRecord>();
        for (var i = 0; i < answers && records.Count < RecordsMax; i++)
        {
            if (Name(octets, ref at) is not { } owner || at + 10 > octets.Length) return isTruncated ? new Reply(code, true, records) : null;
            var recordType = (DnsType)BinaryPrimitives.ReadUInt16BigEndian(octets[at..]);
            var isInternet = BinaryPrimitives.ReadUInt16BigEndian(octets[(at + 2)..]) == 1;
            var ttl = BinaryPrimitives.ReadInt32BigEndian(octets[(at + 4)..]);
            var length = BinaryPrimitives.ReadUInt16BigEndian(octets[(at + 8)..]);
            at += 10;
            if (at + length > octets.Length) return isTruncated ? new Reply(code, true, records) : null;
            if (isInternet && Value(octets, at, length, recordType) is { } value)
                records.Add(new DnsRecord(owner.ToLowerInvariant(), recordType, Math.Max(0, ttl), value.Text, value.Preference));
            at += length;
        }
        return new Reply(code, isTruncated, records);
    }

    /// <summary>Null for types not asked for and for contents that break their own format.</summary>
    static (string Text, int Preference)? Value(ReadOnlySpan<byte> octets, int at, int length, DnsType type)
    {
        switch (type)
        {
            case DnsType.A when length == 4:
            case DnsType.Aaaa when length == 16:
                return (new IPAddress(octets.Slice(at, length)).ToString(), 0);
            case DnsType.Mx when length >= 3:
                var preference = BinaryPrimitives.ReadUInt16BigEndian(octets[at..]);
                at += 2;
                return Name(octets, ref at) is { } exchange ? (exchange.ToLowerInvariant(), preference) : null;
            case DnsType.Cname or DnsType.Ns or DnsType.Ptr:
                return Name(octets, ref at) is { } host ? (host.ToLowerInvariant(), 0) : null;
            case DnsType.Txt:
                return Text(octets.Slice(at, length)) is { } text ? (text, 0) : null;
            case DnsType.Soa:
                if (Name(octets, ref at) is not { } primary || Name(octets, ref at) is not { } contact || at + 4 > octets.Length) return null;
                return (string.Create(CultureInfo.InvariantCulture, $"{primary} {contact} {BinaryPrimitives.ReadUInt32BigEndian(octets[at..])}").ToLowerInvariant(), 0);
            default:
                return null;
        }
    }

    static string? Text(ReadOnlySpan<byte> octets)
    {
        var text = new StringBuilder(octets.Length);
        while (!octets.IsEmpty)
        {
            var length = octets[0];
            if (length + 1 > octets.Length) return null;
            text.Append(Encoding.UTF8.GetString(octets.Slice(1, length)));
            octets = octets[(length + 1)..];
        }
        return text.ToString();
    }

    /// <summary>A name with compression (4.1.4); pointers only go back and at most 64 of them, so loops end.</summary>
    static string? Name(ReadOnlySpan<byte> octets, ref int at)
    {
        var name = new StringBuilder();
        var (from, pointers, after) = (at, 0, -1);
        while (true)
        {
            if (from >= octets.Length) return null;
            var length = octets[from];
            if (length >= 0xc0)
            {
                if (from + 1 >= octets.Length || ++pointers > PointersMax) return null;
                if (after < 0) after = from + 2;
                var target = ((length & 0x3f) << 8) | octets[from + 1];
                if (target >= from) return null;
                from = target;
                continue;
            }
            if (length > 63 || from + 1 + length > octets.Length || name.Length + length + 1 > NameOctetsMax) return null;
            from++;
            if (length == 0) break;
            if (name.Length > 0) name.Append('.');
            var label = octets.Slice(from, length);
            // A dot or control inside a label would read as another name.
            if (label.ContainsAnyExceptInRange((byte)'!', (byte)'~') || label.Contains((byte)'.')) return null;
            name.Append(Encoding.ASCII.GetString(label));
            from += length;
        }
        at = after < 0 ? from : after;
        return name.ToString();
    }
}
