using System.Net;
using PenguinMails.Core;
using PenguinMails.Fleet.Domains;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Dns;

/// <summary>One of the servers the world asks about a zone.</summary>
sealed record NameServer(string Name, IPEndPoint Address);

/// <summary>Which zone holds a name, and which servers are authoritative for it, as the world sees them.</summary>
static class NameServers
{
    const int ServersMax = 8;
    const int ParentsMax = 8;

    /// <summary>The nearest name at or above with a SOA record (RFC 2181 6); null when DNS knows none.</summary>
    public static async Task<string?> ZoneOf(string name, DnsResolver resolver, CancellationToken ct)
    {
        var at = name;
        for (var i = 0; i < ParentsMax && at.Contains('.', StringComparison.Ordinal); i++)
        {
            var answer = await resolver.Ask(at, DnsType.Soa, ct);
            if (answer.Status == DnsStatus.Found && answer.CanonicalName == at) return at;
            at = at[(at.IndexOf('.', StringComparison.Ordinal) + 1)..];
        }

        return null;
    }

    /// <summary>Every address of every server of the zone that may be reached, at most 8.</summary>
    public static async Task<IReadOnlyList<NameServer>> Of(string zone, DnsSettings settings, DnsResolver resolver, Outbound outbound, CancellationToken ct)
    {
        var servers = new List<NameServer>();
        foreach (var name in (await resolver.Ask(zone, DnsType.Ns, ct)).Records.Select(record => record.Value).Order(StringComparer.Ordinal).Take(ServersMax))
        {
            foreach (var type in new[] { DnsType.A, DnsType.Aaaa })
                servers.AddRange((await resolver.Look(name, type, ct)).Records.Select(record => IPAddress.Parse(record.Value)).Where(outbound.MayReach)
                    .Select(address => new NameServer(name, new IPEndPoint(address, settings.AuthorityPort))));
        }

        return [.. servers.Take(ServersMax)];
    }
}
