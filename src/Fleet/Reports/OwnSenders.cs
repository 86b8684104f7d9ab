using System.Net;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Servers;

namespace PenguinMails.Fleet.Reports;

/// <summary>What is ours, to compare sources with.</summary>
/// <param name="Addresses">Of the workspace's servers, gone ones too, and the one that the domain's mail leaves from directly, each with its name.</param>
/// <param name="Selectors">Of the DKIM keys this installation signs the domain's mail with.</param>
sealed record OwnSenders(string Domain, IReadOnlyDictionary<string, string> Addresses, IReadOnlyList<string> Selectors)
{
    const string SelectServers = "select host_name, addresses from fleet.server where tenant_id = $1 and workspace_id = $2 order by id desc limit 500";

    const string SelectNext = "select dkim_next_selector from fleet.dns_setup where tenant_id = $1 and domain_id = $2";

    public static async Task<OwnSenders> Find(TenantTx tx, Domain domain, CancellationToken ct)
    {
        var servers = await tx.List(SelectServers, row => (Name: row.GetString(0), Addresses: Json.Read<ServerAddress[]>(row.GetString(1))), ct, tx.Tenant, domain.WorkspaceId);
        var addresses = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var server in servers)
            foreach (var address in server.Addresses)
                if (IPAddress.TryParse(address.Ip, out var ip)) addresses.TryAdd(ip.ToString(), server.Name);
        if (await ReadTransport.Within(tx, domain.Id, ct) is { Source: not null } direct) addresses.TryAdd(direct.Key, direct.EhloName.Length > 0 ? direct.EhloName : direct.Key);
        var next = await tx.Maybe(SelectNext, row => row.GetString(0), ct, tx.Tenant, domain.Id);
        return new(domain.Name, addresses, next is null ? [domain.DkimSelector] : [domain.DkimSelector, next]);
    }
}
