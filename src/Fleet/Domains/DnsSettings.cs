using System.Net;

namespace PenguinMails.Fleet.Domains;

/// <summary>Which DNS server answers the checks.</summary>
/// <param name="Server">From <c>PENGUIN__DNS__SERVER</c>; null takes the first name server of <c>/etc/resolv.conf</c>.</param>
public sealed record DnsSettings(IPEndPoint? Server);
