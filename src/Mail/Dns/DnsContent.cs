using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace PenguinMails.Mail.Dns;

/// <summary>Names and record contents on the wire (RFC 1035 3.3, RFC 3596, 2782, 6698, 8659). Reading never throws.</summary>
static class DnsContent
{
    const int NameOctetsMax = 255;
    const int PointersMax = 64;

    /// <summary>Null for types not asked for and for contents that break their own format.</summary>
    public static (string Text, int Preference)? Value(ReadOnlySpan<byte> octets, int at, int length, DnsType type)
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
                return Authority(octets, at);
            case DnsType.Srv when length >= 7:
                return Service(octets, at);
            case DnsType.Caa when length >= 2:
                return Issuer(octets.Slice(at, length));
            case DnsType.Tlsa when length > 3:
                return (string.Create(CultureInfo.InvariantCulture, $"{octets[at]} {octets[at + 1]} {octets[at + 2]} {Convert.ToHexStringLower(octets.Slice(at + 3, length - 3))}"), 0);
            default:
                return null;
        }
    }

    static (string, int)? Authority(ReadOnlySpan<byte> octets, int at)
    {
        if (Name(octets, ref at) is not { } primary || Name(octets, ref at) is not { } contact || at + 4 > octets.Length) return null;
        var serial = BinaryPrimitives.ReadUInt32BigEndian(octets[at..]);
        var minimum = at + 20 <= octets.Length ? BinaryPrimitives.ReadUInt32BigEndian(octets[(at + 16)..]) : 0;
        return (string.Create(CultureInfo.InvariantCulture, $"{primary} {contact} {serial}").ToLowerInvariant(), (int)Math.Min(minimum, int.MaxValue));
    }

    static (string, int)? Service(ReadOnlySpan<byte> octets, int at)
    {
        var (priority, weight, port) = (BinaryPrimitives.ReadUInt16BigEndian(octets[at..]), BinaryPrimitives.ReadUInt16BigEndian(octets[(at + 2)..]), BinaryPrimitives.ReadUInt16BigEndian(octets[(at + 4)..]));
        at += 6;
        return Name(octets, ref at) is { } target ? (string.Create(CultureInfo.InvariantCulture, $"{weight} {port} {target}").ToLowerInvariant(), priority) : null;
    }

    static (string, int)? Issuer(ReadOnlySpan<byte> octets)
    {
        var tag = octets[1];
        if (tag == 0 || octets.Length < tag + 2) return null;
        return (string.Create(CultureInfo.InvariantCulture, $"{octets[0]} {Encoding.ASCII.GetString(octets.Slice(2, tag))} {Encoding.UTF8.GetString(octets[(tag + 2)..])}"), 0);
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
    public static string? Name(ReadOnlySpan<byte> octets, ref int at)
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
