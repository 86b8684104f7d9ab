using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PenguinMails.Mail.Dns;

/// <summary>Names and record contents as octets, never compressed: a signed message must not be (RFC 8945 4.3.3), and old servers read nothing else in an update.</summary>
static class DnsWriter
{
    const int NameOctetsMax = 255;
    const int StringOctetsMax = 255; // RFC 1035 3.3.14.
    const int ContentOctetsMax = ushort.MaxValue;

    /// <summary>False when the text is no name: an empty label, one over 63, over 255 in all, not printable ASCII.</summary>
    public static bool Name(List<byte> output, string name)
    {
        var start = output.Count;
        var bare = name.EndsWith('.') ? name[..^1] : name;
        foreach (var label in bare.Length == 0 ? [] : bare.Split('.'))
        {
            if (label.Length is 0 or > 63 || label.AsSpan().ContainsAnyExceptInRange('!', '~')) return false;
            output.Add((byte)label.Length);
            output.AddRange(Encoding.ASCII.GetBytes(label));
        }
        output.Add(0);
        return output.Count - start <= NameOctetsMax;
    }

    public static void Number16(List<byte> output, int number) => output.AddRange([(byte)(number >> 8), (byte)number]);

    public static void Number32(List<byte> output, int number) => output.AddRange([(byte)(number >> 24), (byte)(number >> 16), (byte)(number >> 8), (byte)number]);

    /// <param name="value">As in <see cref="DnsRecordSet.Values"/>.</param>
    /// <returns>Null when the value does not fit the type, or the type cannot be written.</returns>
    public static byte[]? Content(DnsType type, string value)
    {
        var output = new List<byte>();
        var isRight = type switch
        {
            DnsType.A => Address(output, value, AddressFamily.InterNetwork),
            DnsType.Aaaa => Address(output, value, AddressFamily.InterNetworkV6),
            DnsType.Cname or DnsType.Ns or DnsType.Ptr => Name(output, value) && output.Count > 1,
            DnsType.Mx => Numbers(output, value, 1),
            DnsType.Srv => Numbers(output, value, 3),
            DnsType.Txt => Strings(output, value),
            DnsType.Caa => Issuer(output, value),
            DnsType.Soa or DnsType.Tlsa => false,
            _ => false,
        };
        return isRight && output.Count <= ContentOctetsMax ? [.. output] : null;
    }

    static bool Address(List<byte> output, string value, AddressFamily family)
    {
        if (!IPAddress.TryParse(value, out var address) || address.AddressFamily != family) return false;
        output.AddRange(address.GetAddressBytes());
        return true;
    }

    // MX is preference and host; SRV priority, weight, port and target (RFC 2782).
    static bool Numbers(List<byte> output, string value, int count)
    {
        var words = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != count + 1) return false;
        foreach (var word in words[..count])
        {
            if (!ushort.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;
            Number16(output, number);
        }
        return Name(output, words[count] == "." ? "" : words[count]);
    }

    // Cut by octets: a character may fall on the border, and readers join the strings before they decode.
    static bool Strings(List<byte> output, string value)
    {
        var octets = Encoding.UTF8.GetBytes(value);
        if (octets.Length == 0) output.Add(0);
        foreach (var part in octets.Chunk(StringOctetsMax)) output.AddRange([(byte)part.Length, .. part]);
        return true;
    }

    static bool Issuer(List<byte> output, string value)
    {
        var words = value.Split(' ', 3);
        if (words.Length != 3 || !byte.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var flags)) return false;
        if (words[1].Length is 0 or > 255 || !words[1].All(char.IsAsciiLetterOrDigit)) return false;
        output.AddRange([flags, (byte)words[1].Length, .. Encoding.ASCII.GetBytes(words[1]), .. Encoding.UTF8.GetBytes(words[2])]);
        return true;
    }
}
