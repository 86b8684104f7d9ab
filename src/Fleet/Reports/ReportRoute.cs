using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Fleet.Reports;

/// <summary>Whose reports a host takes.</summary>
/// <param name="Kind">dmarc or tls.</param>
sealed record ReportRoute(TenantId Tenant, DomainId Domain, string Kind)
{
    // Several accounts may hold one domain; each gets its reports once its own DKIM key stands in the zone.
    const string Select = "select tenant_id, domain_id from fleet.report_route where host = $1 order by tenant_id limit 5";

    const string Open = """
        insert into fleet.report_route (host, tenant_id, domain_id)
        values ($1, $2, $3)
        on conflict on constraint report_route_pkey do nothing
        """;

    const string Yield = """
        delete from fleet.report_route mine
        where mine.host = $1 and mine.tenant_id = $2
          and exists (select 1 from fleet.report_route other where other.host = $1 and other.tenant_id <> $2)
        """;

    /// <summary>Empty for an address that takes no reports. Reads no tenant's rows.</summary>
    public static async Task<IReadOnlyList<ReportRoute>> Find(EmailAddress recipient, TenantDb db, CancellationToken ct)
    {
        var kind = recipient.Local.ToLowerInvariant();
        if (kind is not ("dmarc" or "tls")) return [];
        await using var tx = await db.BeginUnscoped(ct);
        return await tx.List(Select, row => new ReportRoute(new(row.GetGuid(0)), new(row.GetGuid(1)), kind), ct, recipient.Domain.Ascii);
    }

    /// <summary>Called after each look at the domain's records: its own key in the zone proves that the zone's owner wants this account to have its reports. An account whose
    /// key is gone keeps them, because a fault in DNS is when reports matter, unless another account has proved itself.</summary>
    /// <param name="dkim">State of the DKIM record: ok, missing, wrong or unknown.</param>
    public static void Follow(TenantTx tx, Domain domain, string dkim)
    {
        if (dkim == "ok") tx.Later(Open, domain.ReturnPathHost, tx.Tenant, domain.Id);
        else if (dkim is "missing" or "wrong") tx.Later(Yield, domain.ReturnPathHost, tx.Tenant);
    }
}
