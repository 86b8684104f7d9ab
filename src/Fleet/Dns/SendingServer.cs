using System.Net;
using System.Net.Sockets;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Servers;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Fleet.Dns;

/// <summary>The server of ours that a domain's mail leaves from and comes to.</summary>
/// <param name="HostName">Its EHLO name, which the domain's MX names.</param>
public sealed record SendingServer(string HostName, IReadOnlyList<ServerAddress> Addresses)
{
    const string Select = """
        select s.host_name, s.addresses
        from fleet.domain d
        join fleet.server s on s.tenant_id = d.tenant_id and s.id = d.server_id
        where d.tenant_id = $1 and d.id = $2
        """;

    /// <summary>Its addresses as terms of an SPF record: they cost no look-up.</summary>
    public IReadOnlyList<string> SpfTerms => [.. Hosts.Select(host => $"{(host.Ip.AddressFamily == AddressFamily.InterNetwork ? "ip4" : "ip6")}:{host.Ip}").Distinct()];

    IEnumerable<(IPAddress Ip, string Name)> Hosts => Addresses.Select(address => (Ip: IPAddress.TryParse(address.Ip, out var ip) ? ip : null, address.Ehlo)).Where(host => host.Ip is not null).Select(host => (host.Ip ?? IPAddress.None, host.Ehlo));

    /// <summary>Null when the domain's mail leaves from another provider.</summary>
    internal static Task<SendingServer?> Find(TenantTx tx, DomainId domain, CancellationToken ct) =>
        tx.Maybe(Select, row => new SendingServer(row.GetString(0), Json.Read<ServerAddress[]>(row.GetString(1))), ct, tx.Tenant, domain);

    /// <summary>Names of the server that stand in a zone, each with its addresses. A server named below another domain gets its addresses there.</summary>
    internal IEnumerable<DesiredRecord> AddressRecords(string zone) =>
        from host in Hosts
        where host.Name == zone || host.Name.EndsWith("." + zone, StringComparison.Ordinal)
        group host.Ip.ToString() by (host.Name, Type: host.Ip.AddressFamily == AddressFamily.InterNetwork ? DnsType.A : DnsType.Aaaa) into set
        select new DesiredRecord(set.Key.Type == DnsType.A ? "address" : "address_v6", set.Key.Name, set.Key.Type, [.. set],
            "Where the mail server is found; receivers compare it with the reverse name of the address.", true);
}
