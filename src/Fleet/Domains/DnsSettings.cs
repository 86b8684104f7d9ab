using System.Net;
using System.Security.Cryptography;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Domains;

/// <summary>Which DNS server answers the checks.</summary>
/// <param name="Server">A recursive resolver. From <c>PENGUIN__DNS__SERVER</c> (address:port); null takes the first name server of <c>/etc/resolv.conf</c>.</param>
public sealed record DnsSettings(IPEndPoint? Server)
{
    const string ResolverFile = "/etc/resolv.conf";
    const int Port = 53;

    /// <summary>Wait for one attempt; three are made. Default 2 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Where name servers of zones listen; 53 everywhere but in tests.</summary>
    public int AuthorityPort { get; init; } = Port;

    /// <summary>How long others may remember a record that is created here, in seconds, 30 to 86,400. Default 300: a mistake is mended within five minutes. From <c>PENGUIN__DNS__TTL</c>.</summary>
    public int TtlSeconds { get; init; } = TtlSecondsUsual;

    public const int TtlSecondsUsual = 300;

    internal DnsAuthority Authority(TimeProvider clock) => new(clock, RandomNumberGenerator.Fill) { Timeout = Timeout };

    /// <summary>The resolver to ask.</summary>
    public DnsResolver Resolver(TimeProvider clock) =>
        new(new DnsResolverOptions { Server = Server ?? OfSystem(), Timeout = Timeout }, clock, RandomNumberGenerator.Fill);

    /// <summary>Addresses of a host, IPv4 first; none when it has none or DNS does not answer.</summary>
    public async Task<IPAddress[]> Addresses(string host, CancellationToken ct)
    {
        var resolver = Resolver(TimeProvider.System);
        var answers = await Task.WhenAll(resolver.Ask(host, DnsType.A, ct).AsTask(), resolver.Ask(host, DnsType.Aaaa, ct).AsTask());
        return [.. answers.SelectMany(answer => answer.Records).Select(record => IPAddress.TryParse(record.Value, out var address) ? address : null).OfType<IPAddress>()];
    }

    // Without a line that names one, the C library asks this machine (resolv.conf(5)).
    static IPEndPoint OfSystem() => new(
        (File.Exists(ResolverFile) ? File.ReadLines(ResolverFile) : [])
            .Select(line => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
            .Select(words => words is ["nameserver", var text, ..] && IPAddress.TryParse(text, out var address) ? address : null)
            .FirstOrDefault(address => address is not null) ?? IPAddress.Loopback, Port);
}
