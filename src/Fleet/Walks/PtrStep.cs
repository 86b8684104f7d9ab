using System.Net;
using System.Net.Sockets;
using PenguinMails.Fleet.Servers;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Walks;

/// <summary>Each address of the server has its own name as reverse name, and the name leads back to the address: receivers look at both.</summary>
static class PtrStep
{
    public static async Task<StepOutcome> Run(WalkDesk desk, CancellationToken ct)
    {
        var found = await ListServers.One(desk.Actor, desk.Server, desk.Db, ct);
        if (found.Problem is { } missing) return StepOutcome.Of(missing);
        var (server, resolver) = (found.Value, desk.Tools.Dns.Dns.Resolver(desk.Clock));
        foreach (var address in server.Addresses)
        {
            var ip = IPAddress.Parse(address.Ip);
            await desk.Seen($"Asking for the reverse name of {ip}");
            var reverse = await resolver.Ask(ReverseName.Of(ip), DnsType.Ptr, ct);
            if (reverse.Status is DnsStatus.ServerFailed or DnsStatus.TimedOut) return StepOutcome.Waiting($"DNS does not answer for the reverse name of {ip}.", desk.Patience);
            if (!reverse.Records.Any(record => record.Value.TrimEnd('.').Equals(address.Ehlo, StringComparison.OrdinalIgnoreCase))) return await Wrong(desk, server, address, reverse, ct);
            var forward = await resolver.Ask(address.Ehlo, ip.AddressFamily == AddressFamily.InterNetwork ? DnsType.A : DnsType.Aaaa, ct);
            if (!forward.Records.Any(record => IPAddress.TryParse(record.Value, out var known) && known.Equals(ip)))
                return StepOutcome.Customer($"{ip} has the reverse name {address.Ehlo}, but that name does not lead to {ip}. Publish an address record for it.", desk.Patience);
        }

        return StepOutcome.Done(server.Addresses.Count == 1 ? $"{server.Addresses[0].Ip} and {server.Addresses[0].Ehlo} lead to each other." : $"All {server.Addresses.Count} addresses and their names lead to each other.");
    }

    static async Task<StepOutcome> Wrong(WalkDesk desk, Server server, ServerAddress address, DnsAnswer reverse, CancellationToken ct)
    {
        var now = reverse.Records.Count > 0 ? $"has the reverse name {reverse.Records[0].Value}" : "has no reverse name";
        if (server.HostKind is "own" or "api")
            return StepOutcome.Customer($"{address.Ip} {now}. Ask whoever provides the address to set its reverse name (PTR) to {address.Ehlo}: without it many receivers refuse mail.", desk.Patience);
        var set = await SetServerPtr.Handle(desk.Actor, server.Id, new(address.Ip, address.Ehlo), desk.Db, desk.Tools.Servers, desk.Clock, ct);
        return set.Problem is { } refused ? StepOutcome.Of(refused) : StepOutcome.Waiting($"The reverse name of {address.Ip} was set; DNS does not show it yet.", desk.Patience);
    }
}
