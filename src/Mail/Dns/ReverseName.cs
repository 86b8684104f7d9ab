using System.Net;
using System.Net.Sockets;

namespace PenguinMails.Mail.Dns;

/// <summary>Addresses as names: for PTR questions (RFC 1035 3.5, RFC 3596 2.5) and as the dotted form of SPF macros.</summary>
public static class ReverseName
{
    /// <summary>Such as <c>1.2.0.192.in-addr.arpa</c>.</summary>
    public static string Of(IPAddress address)
    {
        var parts = Dotted(address).Split('.');
        Array.Reverse(parts);
        return string.Join('.', parts).ToLowerInvariant() + (address.AddressFamily == AddressFamily.InterNetwork ? ".in-addr.arpa" : ".ip6.arpa");
    }

    /// <summary>Decimal octets, or for IPv6 the 32 nibbles in capitals, as the macro i has shown them since RFC 4408 8.2; names do not mind.</summary>
    public static string Dotted(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? address.ToString()
        : string.Join('.', Convert.ToHexString(address.GetAddressBytes()).ToCharArray());
}
