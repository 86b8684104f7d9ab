using System.Globalization;
using System.Text;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Dns;

/// <summary>Record contents as zone files write them (RFC 1035 5.1), and back.</summary>
static class ZoneText
{
    const int StringOctets = 255; // RFC 1035 3.3.14.

    /// <summary>Host names get their final dot, texts their quotes, several strings where one is too long.</summary>
    public static string Of(DnsType type, string value) => type switch
    {
        DnsType.Txt => string.Join(' ', Chunks(value).Select(Quoted)),
        DnsType.Cname or DnsType.Ns or DnsType.Ptr or DnsType.Mx or DnsType.Srv => value.EndsWith('.') ? value : value + ".",
        DnsType.A or DnsType.Aaaa or DnsType.Soa or DnsType.Tlsa or DnsType.Caa => value,
    };

    /// <summary>Null when the text is no content of that type.</summary>
    public static string? Value(DnsType type, string text) => type switch
    {
        DnsType.Txt => Unquoted(text),
        DnsType.Mx when text.EndsWith(" .", StringComparison.Ordinal) => text,
        DnsType.Cname or DnsType.Ns or DnsType.Ptr or DnsType.Mx or DnsType.Srv => text.TrimEnd('.').ToLowerInvariant(),
        DnsType.A or DnsType.Aaaa or DnsType.Soa or DnsType.Tlsa or DnsType.Caa => text,
    };

    static IEnumerable<byte[]> Chunks(string value)
    {
        var octets = Encoding.UTF8.GetBytes(value);
        return octets.Length == 0 ? [[]] : octets.Chunk(StringOctets);
    }

    static string Quoted(byte[] octets)
    {
        var output = new StringBuilder("\"");
        foreach (var octet in octets)
        {
            if (octet is (byte)'"' or (byte)'\\') output.Append('\\').Append((char)octet);
            else if (octet is >= 0x20 and < 0x7f) output.Append((char)octet);
            else output.Append(CultureInfo.InvariantCulture, $"\\{octet:D3}");
        }

        return output.Append('"').ToString();
    }

    static string? Unquoted(string text)
    {
        var octets = new List<byte>(text.Length);
        var isInside = false;
        for (var at = 0; at < text.Length; at++)
        {
            var c = text[at];
            if (c == '"') isInside = !isInside;
            else if (c == '\\' && at + 3 < text.Length && byte.TryParse(text.AsSpan(at + 1, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var octet))
            {
                octets.Add(octet);
                at += 3;
            }
            else if (c == '\\' && at + 1 < text.Length) octets.AddRange(Encoding.UTF8.GetBytes(text[++at].ToString()));
            else if (isInside || c is not (' ' or '\t')) octets.AddRange(Encoding.UTF8.GetBytes(c.ToString()));
        }

        return isInside ? null : Encoding.UTF8.GetString([.. octets]);
    }

    /// <summary>Record sets as a zone file that panels import.</summary>
    public static string File(string zone, IEnumerable<DnsRecordSet> sets, string remark)
    {
        var output = new StringBuilder();
        output.Append(CultureInfo.InvariantCulture, $"; {remark}\n$ORIGIN {zone}.\n");
        foreach (var set in sets)
            foreach (var value in set.Values)
                output.Append(CultureInfo.InvariantCulture, $"{set.Name}. {set.TtlSeconds} IN {set.Type.ToString().ToUpperInvariant()} {Of(set.Type, value)}\n");
        return output.ToString();
    }
}
