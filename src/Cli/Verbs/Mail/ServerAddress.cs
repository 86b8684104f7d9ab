using System.Globalization;
using System.Net;

namespace PenguinMails.Cli.Verbs.Mail;

/// <summary>HOST:PORT as people type it: a name, an IPv4 address, or an IPv6 address in brackets.</summary>
static class ServerAddress
{
    /// <exception cref="WrongUsage">Neither; the message says what is expected.</exception>
    public static DnsEndPoint Parse(string text, int portDefault)
    {
        var colon = text.LastIndexOf(':');
        var hasPort = colon > 0 && colon > text.LastIndexOf(']') && text.IndexOf(':', StringComparison.Ordinal) == colon || text.Contains("]:", StringComparison.Ordinal);
        var host = (hasPort ? text[..colon] : text).Trim('[', ']');
        var port = portDefault;
        if (host.Length == 0 || (hasPort && !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)) || port is < 1 or > 65535)
            throw new WrongUsage($"{text} is not HOST:PORT, such as 127.0.0.1:2525 or mx.example.com:25.");
        return new DnsEndPoint(host, port);
    }
}
