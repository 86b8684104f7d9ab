using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Cli.Verbs.Mail;

/// <summary>Which DNS servers a verb asks: those given, else those of this machine.</summary>
static class Resolvers
{
    const string SystemFile = "/etc/resolv.conf";
    const int Port = 53;

    public static Option<string[]> Option() =>
        new("--resolver") { Description = "A recursive DNS server as HOST:PORT; may be given several times. Default: those of /etc/resolv.conf.", HelpName = "HOST:PORT" };

    /// <exception cref="WrongUsage">A server given cannot be understood.</exception>
    public static async Task<DnsResolver> Open(string[]? given, CancellationToken ct)
    {
        var servers = new List<IPEndPoint>();
        foreach (var text in given ?? []) servers.Add(await Parse(text, ct));
        if (servers.Count == 0) servers.AddRange(OfSystem());
        return new DnsResolver(new DnsResolverOptions { Server = servers[0], Others = servers[1..] }, TimeProvider.System, RandomNumberGenerator.Fill);
    }

    static async Task<IPEndPoint> Parse(string text, CancellationToken ct)
    {
        if (IPEndPoint.TryParse(text, out var known)) return known.Port == 0 ? new IPEndPoint(known.Address, Port) : known;
        var colon = text.LastIndexOf(':');
        if (colon > 0 && ushort.TryParse(text[(colon + 1)..], out var port))
        {
            try
            {
                var addresses = await Dns.GetHostAddressesAsync(text[..colon], ct);
                if (addresses.Length > 0) return new IPEndPoint(addresses[0], port);
            }
            catch (SocketException unknown)
            {
                throw new InvalidOperationException($"--resolver {text}: {unknown.Message}", unknown);
            }
        }
        throw new WrongUsage($"--resolver {text}: expected HOST:PORT.");
    }

    // Without a line that names one, the C library asks this machine (resolv.conf(5)).
    static List<IPEndPoint> OfSystem()
    {
        var found = (File.Exists(SystemFile) ? File.ReadLines(SystemFile) : [])
            .Select(line => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
            .Select(words => words is ["nameserver", var text, ..] && IPAddress.TryParse(text, out var address) ? address : null)
            .OfType<IPAddress>().Select(address => new IPEndPoint(address, Port)).ToList();
        return found.Count > 0 ? found : [new IPEndPoint(IPAddress.Loopback, Port)];
    }
}
