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

    const string ExpectSpf = "update fleet.domain_record set expected = $3, detail = $4, state = 'unchecked', found = '{}' where tenant_id = $1 and domain_id = $2 and kind = 'spf'";

    const string ExpectPtr = "update fleet.domain_record set host = $3, expected = $3, state = 'unchecked', found = '{}', detail = '' where tenant_id = $1 and domain_id = $2 and kind = 'ptr'";

    public static async Task Within(TenantTx tx, Domain domain, Server server, SealedBox box, DateTimeOffset now, CancellationToken ct)
    {
        if (await tx.Execute(Assign, ct, tx.Tenant, domain.Id, server.Id) == 0) return;
        await DnsSetup.Need(tx, domain, box, now, ct);
        await tx.Execute(SetExchange, ct, tx.Tenant, domain.Id, new[] { server.HostName });
        var terms = string.Join(' ', new SendingServer(server.HostName, server.Addresses).SpfTerms);
        await tx.Execute(ExpectSpf, ct, tx.Tenant, domain.Id, $"v=spf1 {terms} ~all", $"If the domain has an SPF record already, put {terms} into it before its last term and keep the rest: a second record makes both void (RFC 7208 3.2).");
        await tx.Execute(ExpectPtr, ct, tx.Tenant, domain.Id, server.HostName);
    }
}
