using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace PenguinMails.Core;

/// <summary>The connection was not made: the host does not resolve, or resolves to an address the program must not reach.</summary>
public sealed class OutboundRefused(string message) : IOException(message);

/// <summary>Guards connections to hosts that customers name: no private, loopback, link-local or metadata addresses unless allowed.</summary>
/// <remarks>The name is resolved once and the checked address is the one connected to, so a second answer cannot slip in.
/// <c>PENGUIN__NETWORK__ALLOWED</c> holds CIDR blocks that may be reached all the same, separated by commas.</remarks>
/// <param name="lookup">Addresses of a name from the resolver of this installation; null, or none from it, asks the system.</param>
public sealed class Outbound(IReadOnlyList<IPNetwork> allowed, Func<string, CancellationToken, Task<IPAddress[]>>? lookup = null)
{
    const int AddressesMax = 6;

    static readonly IPNetwork[] Forbidden =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "::/128", "::1/128", "64:ff9b::/96", "100::/64", "2001:db8::/32", "2002::/16", "fc00::/7", "fe80::/10", "ff00::/8",
        }.Select(text => IPNetwork.Parse(text)),
    ];

    /// <exception cref="FormatException">A block is not CIDR.</exception>
    public static Outbound From(string? blocks, Func<string, CancellationToken, Task<IPAddress[]>>? lookup = null) =>
        new([.. (blocks ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(text => IPNetwork.Parse(text))], lookup);

    public bool MayReach(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return allowed.Any(block => block.Contains(plain)) || !Forbidden.Any(block => block.Contains(plain));
    }

    /// <summary>Private, loopback or otherwise not of the public network: reached only where that is allowed.</summary>
    public static bool IsReserved(IPAddress address) => Forbidden.Any(block => block.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address));

    /// <exception cref="OutboundRefused">No address of the host may be reached, or the name does not resolve.</exception>
    /// <exception cref="SocketException">The host refused or did not answer.</exception>
    public async ValueTask<Socket> Connect(DnsEndPoint host, CancellationToken ct)
    {
        var address = await Find(host.Host, ct).ConfigureAwait(false);
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, host.Port), ct).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Tries each address of the host that may be reached, at most six, until one answers; as a mail server goes to another (RFC 5321 5.1).</summary>
    /// <param name="from">Address of this machine to come from; addresses of the other family are left out. Null leaves it to the system.</param>
    /// <exception cref="OutboundRefused">No address of the host may be reached from there, or the name does not resolve.</exception>
    /// <exception cref="SocketException">The last of them refused or did not answer, or this machine has not the address to come from.</exception>
    public async ValueTask<Socket> ConnectFrom(IPAddress? from, DnsEndPoint host, CancellationToken ct)
    {
        var open = (await Resolve(host.Host, ct).ConfigureAwait(false)).Where(MayReach).Where(address => from is null || address.AddressFamily == from.AddressFamily).Take(AddressesMax).ToList();
        if (open.Count == 0) throw new OutboundRefused($"{host.Host} has no public address{(from is null ? "" : " of the kind that mail leaves from")}.");
        for (var i = 0; ; i++)
        {
            var socket = new Socket(open[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                if (from is not null) socket.Bind(new IPEndPoint(from, 0));
                await socket.ConnectAsync(new IPEndPoint(open[i], host.Port), ct).ConfigureAwait(false);
                return socket;
            }
            catch (SocketException) when (i < open.Count - 1)
            {
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }

    /// <summary>Addresses this machine has, those that lead nowhere but to itself included.</summary>
    public static IReadOnlyList<IPAddress> OwnAddresses() =>
        [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(card => card.GetIPProperties().UnicastAddresses).Select(own => own.Address)];

    /// <summary>The first address of a host that may be reached, for what is no TCP connection.</summary>
    /// <exception cref="OutboundRefused">No address of the host may be reached, or the name does not resolve.</exception>
    public async ValueTask<IPAddress> Find(string host, CancellationToken ct) =>
        (await Resolve(host, ct).ConfigureAwait(false)).FirstOrDefault(MayReach)
            ?? throw new OutboundRefused($"{host} is a private or reserved address. Use a public host name, or allow its network in PENGUIN__NETWORK__ALLOWED.");

    async Task<IPAddress[]> Resolve(string host, CancellationToken ct)
    {
        if (IPAddress.TryParse(host, out var literal)) return [literal];
        if (lookup is not null && await lookup(host, ct).ConfigureAwait(false) is { Length: > 0 } known) return known;
        try
        {
            return await Dns.GetHostAddressesAsync(host, ct).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            throw new OutboundRefused($"The name {host} does not resolve. Check its spelling.");
        }
    }
}
