using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Dns;

namespace PenguinMails.Fleet.WebNames;

/// <summary>The policy of MTA-STS of the domain a host name belongs to (RFC 8461 3.3). For senders, who are nobody's users.</summary>
/// <remarks>Refuses with <c>web_name.unknown</c>, also while the domain's account has not switched it on.</remarks>
public static class ReadMtaSts
{
    const string Select = "select has_mta_sts, mta_sts_mode, mx_hosts, mx_hosts_left from fleet.dns_setup where tenant_id = $1 and domain_id = $2";

    public static async Task<Result<string>> Handle(string host, TenantDb db, CancellationToken ct)
    {
        foreach (var name in (await WebName.Find(host, db, ct)).Where(name => name.Kind == "mta_sts"))
        {
            await using var tx = await db.Begin(name.Tenant, ct);
            var found = await tx.List(Select, row => MtaStsText.Of(row.GetBoolean(0), row.GetString(1), row.GetFieldValue<string[]>(2), row.GetFieldValue<string[]>(3)), ct, name.Tenant, name.Domain);
            if (found.FirstOrDefault() is { } policy) return policy.Policy;
        }

        return WebName.Unknown;
    }
}
