using PenguinMails.Core.Db;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Domains;
using PenguinMails.Secrets;

namespace PenguinMails.Fleet.Servers;

/// <summary>Says that a domain's mail leaves from a server of ours: what its DNS must hold follows from there. In the caller's transaction.</summary>
static class AssignServer
{
    const string Assign = "update fleet.domain set server_id = $3 where tenant_id = $1 and id = $2 and server_id is distinct from $3";

    const string SetExchange = """
        update fleet.dns_setup
        set mx_hosts = $3, mx_hosts_left = (select coalesce(array_agg(distinct host), '{}') from unnest(mx_hosts_left || mx_hosts) as host where host <> all($3))
        where tenant_id = $1 and domain_id = $2
        """;

    const string ExpectPtr = "update fleet.domain_record set host = $3, expected = $3, state = 'unchecked', found = '{}', detail = '' where tenant_id = $1 and domain_id = $2 and kind = 'ptr'";

    public static async Task Within(TenantTx tx, Domain domain, Server server, SealedBox box, PlatformHosts hosts, DateTimeOffset now, CancellationToken ct)
    {
        if (await tx.Execute(Assign, ct, tx.Tenant, domain.Id, server.Id) == 0) return;
        await DnsSetup.Need(tx, domain, box, now, ct);
        await tx.Execute(SetExchange, ct, tx.Tenant, domain.Id, new[] { server.HostName });
        await ChooseTransport.Expect(tx, domain.Id, new SendingServer(server.HostName, server.Addresses), await ReadTransport.Within(tx, domain.Id, ct), hosts, ct);
        await tx.Execute(ExpectPtr, ct, tx.Tenant, domain.Id, server.HostName);
    }
}
