using System.Net;
using System.Net.Sockets;
using Npgsql;
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

    /// <summary>Servers that carry the domain too, while it moves from one to another.</summary>
    public IReadOnlyList<SendingServer> Beside { get; private init; } = [];

    /// <summary>Servers that were left: what our plans put into DNS for them goes.</summary>
    public IReadOnlyList<SendingServer> Past { get; private init; } = [];

    // Whether the domain is on it now is said by the migration: both carry it until the old one is left.
    const string SelectOthers = """
        select s.host_name, s.addresses, m.state in ('running', 'stopped') and not (s.id = m.from_server_id and m.left_at is not null)
        from fleet.server_migration_domain g
        join fleet.domain d on d.tenant_id = g.tenant_id and d.id = g.domain_id
        join fleet.server_migration m on m.tenant_id = g.tenant_id and m.id = g.migration_id
        join fleet.server s on s.tenant_id = m.tenant_id and s.id in (m.from_server_id, m.to_server_id)
        where g.tenant_id = $1 and g.domain_id = $2 and s.id is distinct from d.server_id and (m.state in ('running', 'stopped') or (m.state = 'done' and s.id = m.from_server_id))
        order by m.id desc
        limit 10
        """;

    /// <summary>Addresses as terms of an SPF record: they cost no look-up.</summary>
    public IReadOnlyList<string> SpfTerms => [.. All.SelectMany(server => server.OwnTerms).Distinct()];

    /// <summary>Terms of servers that were left.</summary>
    internal IReadOnlyList<string> PastSpfTerms => [.. Past.SelectMany(server => server.OwnTerms).Distinct().Except(SpfTerms)];

    IEnumerable<SendingServer> All => [this, .. Beside];

    IEnumerable<string> OwnTerms => Hosts.Select(host => $"{(host.Ip.AddressFamily == AddressFamily.InterNetwork ? "ip4" : "ip6")}:{host.Ip}");

    IEnumerable<(IPAddress Ip, string Name)> Hosts => Addresses.Select(address => (Ip: IPAddress.TryParse(address.Ip, out var ip) ? ip : null, address.Ehlo)).Where(host => host.Ip is not null).Select(host => (host.Ip ?? IPAddress.None, host.Ehlo));

    /// <summary>Null when the domain's mail leaves from another provider.</summary>
    internal static async Task<SendingServer?> Find(TenantTx tx, DomainId domain, CancellationToken ct)
    {
        if (await tx.Maybe(Select, Read, ct, tx.Tenant, domain) is not { } server) return null;
        var others = await tx.List(SelectOthers, row => (Server: Read(row), IsBeside: row.GetBoolean(2)), ct, tx.Tenant, domain);
        var beside = others.Where(other => other.IsBeside).Select(other => other.Server).DistinctBy(other => other.HostName).ToList();
        return server with { Beside = beside, Past = [.. others.Where(other => !other.IsBeside).Select(other => other.Server).DistinctBy(other => other.HostName).ExceptBy(beside.Select(other => other.HostName).Append(server.HostName), other => other.HostName)] };
    }

    static SendingServer Read(NpgsqlDataReader row) => new(row.GetString(0), Json.Read<ServerAddress[]>(row.GetString(1)));

    /// <summary>Names of the server that stand in a zone, each with its addresses. A server named below another domain gets its addresses there.</summary>
    internal IEnumerable<DesiredRecord> AddressRecords(string zone) =>
        from host in All.SelectMany(server => server.Hosts)
        where IsIn(zone, host.Name)
        group host.Ip.ToString() by (host.Name, Type: host.Ip.AddressFamily == AddressFamily.InterNetwork ? DnsType.A : DnsType.Aaaa) into set
        select new DesiredRecord(set.Key.Type == DnsType.A ? "address" : "address_v6", set.Key.Name, set.Key.Type, [.. set],
            "Where the mail server is found; receivers compare it with the reverse name of the address.", true);

    internal IEnumerable<string> PastNames(string zone) => Past.SelectMany(server => server.Hosts).Select(host => host.Name).Where(name => IsIn(zone, name)).Except(All.SelectMany(server => server.Hosts).Select(host => host.Name));

    /// <summary>The names of servers that were left, without the addresses those had.</summary>
    internal IEnumerable<DesiredRecord> PastRecords(ZoneView view) =>
        from name in PastNames(view.Zone)
        from type in new[] { DnsType.A, DnsType.Aaaa }
        let found = view.Find(name, type)
        where found is not null
        let left = found.Values.Except(Past.SelectMany(server => server.Hosts).Where(host => host.Name == name).Select(host => host.Ip.ToString())).ToArray()
        where left.Length < found.Values.Count
        select new DesiredRecord("address_gone", name, type, left, "The mail server of that name was left. A name that leads to an address somebody else may get tomorrow speaks for you.", true);

    static bool IsIn(string zone, string name) => name == zone || name.EndsWith("." + zone, StringComparison.Ordinal);
}
