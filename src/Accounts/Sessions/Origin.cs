using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace PenguinMails.Accounts.Sessions;

/// <summary>Where a request comes from, as a person sees it in their list of log-ins.</summary>
/// <param name="Ip">Empty when unknown.</param>
/// <param name="UserAgent">At most 200 characters, controls removed.</param>
/// <param name="Device">The known-device cookie, unjudged.</param>
public sealed record Origin(string Ip, string UserAgent, string? Device = null)
{
    /// <summary>Cookie of a device that logged in before.</summary>
    public const string DeviceCookie = "penguin-device";

    const int UserAgentLengthMax = 200;

    /// <summary>Trusts the connection's address; the web server applies forwarded headers of trusted proxies before.</summary>
    public static Origin Of(HttpContext context) => new(
        Show(context.Connection.RemoteIpAddress), Clean(context.Request.Headers.UserAgent.ToString()), context.Request.Cookies[DeviceCookie]);

    /// <summary>The unit that attempts are counted for: one IPv4 address, or one IPv6 /64, which a single customer commonly holds.</summary>
    internal string Block
    {
        get
        {
            if (!IPAddress.TryParse(Ip, out var address)) return "ip:unknown";
            if (address.AddressFamily == AddressFamily.InterNetwork) return "ip:" + address;
            var bytes = address.GetAddressBytes();
            bytes.AsSpan(8).Clear();
            return $"ip:{new IPAddress(bytes)}/64";
        }
    }

    static string Show(IPAddress? address) => address is null ? "" : (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();

    static string Clean(string text)
    {
        var line = new string([.. text.Where(c => !char.IsControl(c) && !char.IsSurrogate(c)).Take(UserAgentLengthMax)]);
        return line.Trim();
    }
}
