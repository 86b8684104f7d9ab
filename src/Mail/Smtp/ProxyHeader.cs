using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace PenguinMails.Mail.Smtp;

/// <summary>The first octets of a connection that comes through a proxy: who the client really is (PROXY protocol, versions 1 and 2).</summary>
/// <param name="Client">Null when the proxy speaks for itself (LOCAL, UNKNOWN), such as in a health check.</param>
/// <param name="IsBroken">True when the octets are no such header.</param>
sealed record ProxyHeader(IPEndPoint? Client, bool IsBroken)
{
    const int TextOctetsMax = 107;      // Version 1, section 2.1 of the specification.
    const int BinaryOctetsMax = 16 + 2048; // Version 2 with its extra fields, which nobody here reads.

    static readonly ProxyHeader Broken = new(null, true);

    static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <param name="octets">Length of the header; 0 while it is not complete.</param>
    /// <returns>Null while more is to come.</returns>
    public static ProxyHeader? Read(ReadOnlySpan<byte> data, out int octets)
    {
        octets = 0;
        if (data.IsEmpty) return null;
        return data[0] == '\r' ? Binary(data, out octets) : Line(data, out octets);
    }

    static ProxyHeader? Line(ReadOnlySpan<byte> data, out int octets)
    {
        octets = 0;
        var end = data[..Math.Min(data.Length, TextOctetsMax)].IndexOf("\r\n"u8);
        if (end < 0) return data.Length >= TextOctetsMax || !"PROXY "u8.StartsWith(data[..Math.Min(6, data.Length)]) ? Broken : null;
        octets = end + 2;
        var words = Encoding.ASCII.GetString(data[..end]).Split(' ');
        if (words[0] != "PROXY" || words.Length < 2) return Broken;
        if (words[1] == "UNKNOWN") return new(null, false);
        return words is [_, "TCP4" or "TCP6", var source, _, var port, _] && IPAddress.TryParse(source, out var address)
            && ushort.TryParse(port, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number)
            ? new(new IPEndPoint(address, number), false)
            : Broken;
    }

    static ProxyHeader? Binary(ReadOnlySpan<byte> data, out int octets)
    {
        octets = 0;
        if (!Signature.StartsWith(data[..Math.Min(Signature.Length, data.Length)])) return Broken;
        if (data.Length < 16) return null;
        var length = 16 + BinaryPrimitives.ReadUInt16BigEndian(data[14..]);
        if (data[12] >> 4 != 2 || (data[12] & 15) > 1 || length > BinaryOctetsMax) return Broken;
        if (data.Length < length) return null;
        octets = length;
        if ((data[12] & 15) == 0) return new(null, false); // LOCAL.
        return (data[13], length - 16) switch
        {
            (0x11, >= 12) => new(new IPEndPoint(new IPAddress(data[16..20]), BinaryPrimitives.ReadUInt16BigEndian(data[24..])), false),
            (0x21, >= 36) => new(new IPEndPoint(new IPAddress(data[16..32]), BinaryPrimitives.ReadUInt16BigEndian(data[48..])), false),
            _ => new(null, false), // Unix sockets, or nothing said: the connection's own address counts.
        };
    }
}
