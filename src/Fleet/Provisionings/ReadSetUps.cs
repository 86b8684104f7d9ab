using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Provisionings;

/// <summary>One walk from a domain name to mail that arrives, as a figure counts it.</summary>
/// <param name="PlatformTime">Of the platform alone; what somebody outside was waited for is not in it.</param>
public sealed record SetUp(DateTimeOffset Begun, bool IsReady, TimeSpan PlatformTime);

/// <summary>Set-ups begun in a stretch of time, and how many domains there are. For figures about the account, in the caller's transaction.</summary>
public static class ReadSetUps
{
    const string Select = """
        select p.created_at, p.state = 'ready', coalesce((select sum(s.platform_ms) from fleet.walk_step s where s.tenant_id = p.tenant_id and s.walk_id = p.id), 0)::bigint
        from fleet.provisioning p
        where p.tenant_id = $1 and p.created_at >= $2 and p.created_at < $3 and p.state <> 'cancelled'
        order by p.id
        limit 10000
        """;

    const string CountDomains = "select count(*) from fleet.domain where tenant_id = $1";

    public static Task<List<SetUp>> Within(TenantTx tx, DateTimeOffset from, DateTimeOffset to, CancellationToken ct) =>
        tx.List(Select, row => new SetUp(row.GetFieldValue<DateTimeOffset>(0), row.GetBoolean(1), TimeSpan.FromMilliseconds(row.GetInt64(2))), ct, tx.Tenant, from, to);

    public static Task<long> Domains(TenantTx tx, CancellationToken ct) => tx.One(CountDomains, row => row.GetInt64(0), ct, tx.Tenant);
}
