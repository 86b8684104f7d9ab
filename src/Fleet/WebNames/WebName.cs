using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;

namespace PenguinMails.Fleet.WebNames;

/// <summary>A host below a customer's domain whose web requests are answered here.</summary>
/// <param name="Kind">mta_sts, autoconfig (autodiscover too) or tracking.</param>
sealed record WebName(TenantId Tenant, DomainId Domain, string Kind)
{
    internal static readonly Problem Unknown = new(ProblemKind.NotFound, "web_name.unknown", "Nothing is served here under that host name.");

    // Several accounts may hold one domain, each with its own key in the zone.
    const string Select = "select tenant_id, domain_id, kind from fleet.web_name where host = $1 order by tenant_id limit 5";

    const string Open = """
        insert into fleet.web_name (host, kind, tenant_id, domain_id)
        select name.host, name.kind, $3, $4
        from unnest($1::text[], $2::text[]) as name (host, kind)
        on conflict on constraint web_name_pkey do nothing
        """;

    const string Yield = """
        delete from fleet.web_name mine
        where mine.host = any($1) and mine.tenant_id = $2
          and exists (select 1 from fleet.web_name other where other.host = mine.host and other.tenant_id <> $2)
        """;

    /// <summary>Empty for a host that is no customer's. Reads no tenant's rows.</summary>
    /// <param name="host">As the request names it, without a port.</param>
    public static async Task<IReadOnlyList<WebName>> Find(string host, TenantDb db, CancellationToken ct)
    {
        var name = host.TrimEnd('.').ToLowerInvariant();
        if (name.Length is 0 or > 253) return [];
        await using var tx = await db.BeginUnscoped(ct);
        return await tx.List(Select, row => new WebName(new(row.GetGuid(0)), new(row.GetGuid(1)), row.GetString(2)), ct, name);
    }

    /// <summary>Called after each look at the domain's records: an account's own key in the zone proves that the zone's owner wants it to speak for the domain. One whose key is gone
    /// keeps its names, because a fault in DNS must not take a policy away, unless another account has proved itself.</summary>
    /// <param name="dkim">State of the DKIM record: ok, missing, wrong or unknown.</param>
    public static void Follow(TenantTx tx, Domain domain, string dkim)
    {
        (string Host, string Kind)[] names = [($"mta-sts.{domain.Name}", "mta_sts"), ($"autoconfig.{domain.Name}", "autoconfig"), ($"autodiscover.{domain.Name}", "autoconfig"), (domain.TrackingHost, "tracking")];
        var hosts = names.Select(name => name.Host).ToArray();
        if (dkim == "ok") tx.Later(Open, hosts, names.Select(name => name.Kind).ToArray(), tx.Tenant, domain.Id);
        else if (dkim is "missing" or "wrong") tx.Later(Yield, hosts, tx.Tenant);
    }
}
