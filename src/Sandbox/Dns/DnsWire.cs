using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Sandbox.Dns;

/// <summary>A question as received.</summary>
/// <param name="Octets">Header and question section, to be sent back.</param>
/// <param name="Name">Lower case, no final dot.</param>
/// <param name="UdpOctetsMax">512, or what the client's EDNS says, 512 to 1232 (RFC 6891 6.2.3).</param>
sealed record DnsQuestion(byte[] Octets, string Name, int Type, int Class, int Operation, bool HasEdns, int UdpOctetsMax);

/// <summary>The server's side of the wire format (RFC 1035 4.1).</summary>
static class DnsWire
{
    public const int Success = 0, FormatError = 1, NameError = 3, NotImplemented = 4, Refused = 5;

    const int HeaderOctets = 12;
    const int TtlSeconds = 5; // What a person changes shows at the next check.
    const int StringOctetsMax = 255; // RFC 1035 3.3.14.
    const int Opt = 41;

    /// <summary>Null when not even the header or the one question can be read.</summary>
    public static DnsQuestion? Read(ReadOnlySpan<byte> octets)
    {
        if (octets.Length < HeaderOctets || (octets[2] & 0x80) != 0 || BinaryPrimitives.ReadUInt16BigEndian(octets[4..]) != 1) return null;
        var name = new StringBuilder();
        var at = HeaderOctets;
        while (true)
        {
            if (at >= octets.Length || octets[at] > 63 || at + 1 + octets[at] > octets.Length || name.Length > 254) return null;
            var length = octets[at++];
            if (length == 0) break;
            if (name.Length > 0) name.Append('.');
            name.Append(Encoding.Latin1.GetString(octets.Slice(at, length)));
            at += length;
        }

        if (at + 4 > octets.Length) return null;
        var (type, klass) = (BinaryPrimitives.ReadUInt16BigEndian(octets[at..]), BinaryPrimitives.ReadUInt16BigEndian(octets[(at + 2)..]));
        at += 4;
        // RFC 6891 6.1.2: OPT has the root as name and the client's size as class. Clients put it first.
        var additional = octets[at..];
        var hasEdns = octets[10] + octets[11] > 0 && additional.Length >= 11 && additional[0] == 0 && BinaryPrimitives.ReadUInt16BigEndian(additional[1..]) == Opt;
        var size = hasEdns ? Math.Clamp((int)BinaryPrimitives.ReadUInt16BigEndian(additional[3..]), 512, 1232) : 512;
        return new DnsQuestion(octets[..at].ToArray(), name.ToString().ToLowerInvariant(), type, klass, (octets[2] >> 3) & 15, hasEdns, size);
    }

    /// <param name="octetsMax">Longer gives an empty answer with the truncation bit: ask by TCP.</param>
    public static byte[] Answer(DnsQuestion question, int code, IReadOnlyList<byte[]> answers, IReadOnlyList<byte[]> authority, int octetsMax)
    {
        var length = question.Octets.Length + answers.Sum(record => record.Length) + authority.Sum(record => record.Length) + (question.HasEdns ? 11 : 0);
        var isTruncated = length > octetsMax;
        if (isTruncated) (answers, authority) = ([], []);
        var output = new List<byte>(question.Octets);
        // QR, the client's RD, AA; RA, so that a stub resolver is content.
        output[2] = (byte)(0x84 | (question.Octets[2] & 0x79) | (isTruncated ? 2 : 0));
        output[3] = (byte)(0x80 | code);
        (output[6], output[7]) = ((byte)(answers.Count >> 8), (byte)answers.Count);
        (output[8], output[9], output[10], output[11]) = (0, (byte)authority.Count, 0, (byte)(question.HasEdns ? 1 : 0));
        foreach (var record in answers.Concat(authority)) output.AddRange(record);
        if (question.HasEdns) output.AddRange([0, 0, Opt, 1232 >> 8, 1232 & 255, 0, 0, 0, 0, 0, 0]);
        return [.. output];
    }

    /// <summary>A record in full, its owner not compressed.</summary>
    public static byte[] Record(string owner, DnsType type, string value)
    {
        var content = Content(type, value);
        return [.. Name(owner) ?? [0], 0, (byte)type, 0, 1, 0, 0, 0, TtlSeconds, (byte)(content.Length >> 8), (byte)content.Length, .. content];
    }

    /// <summary>Null when it is no name: an empty label, one over 63, over 255 in all, not ASCII. The root is a dot or nothing.</summary>
    public static byte[]? Name(string name)
    {
        if (name is "" or ".") return [0];
        var output = new List<byte>(name.Length + 2);
        foreach (var label in name.TrimEnd('.').Split('.'))
        {
            if (label.Length is 0 or > 63 || label.AsSpan().ContainsAnyExceptInRange('!', '~')) return null;
            output.Add((byte)label.Length);
            output.AddRange(Encoding.ASCII.GetBytes(label));
        }

        output.Add(0);
        return output.Count > 255 ? null : [.. output];
    }

    static byte[] Content(DnsType type, string value) => type switch
    {
        DnsType.A or DnsType.Aaaa => IPAddress.Parse(value).GetAddressBytes(),
        DnsType.Mx => [.. Number16(value.Split(' ')[0]), .. Name(value.Split(' ')[1]) ?? [0]],
        DnsType.Txt => [.. Strings(Encoding.UTF8.GetBytes(value))],
        DnsType.Cname or DnsType.Ptr or DnsType.Ns => Name(value) ?? [0],
        DnsType.Soa => [.. Name(value.Split(' ')[0]) ?? [0], .. Name(value.Split(' ')[1]) ?? [0], .. value.Split(' ').Skip(2).SelectMany(Number32)],
        DnsType.Srv or DnsType.Tlsa or DnsType.Caa => throw new ArgumentOutOfRangeException(nameof(type), type, "The zone refuses this type."),
    };

    static IEnumerable<byte> Strings(byte[] text) => text.Length == 0 ? [0] : text.Chunk(StringOctetsMax).SelectMany(part => (byte[])[(byte)part.Length, .. part]);

    static byte[] Number16(string text)
    {
        var octets = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(octets, ushort.Parse(text, CultureInfo.InvariantCulture));
        return octets;
    }

    static byte[] Number32(string text)
    {
        var octets = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(octets, uint.Parse(text, CultureInfo.InvariantCulture));
        return octets;
    }
}
