using PenguinMails.Core.Db;

namespace PenguinMails.Delivery.Messages;

/// <summary>Messages of a campaign that were not sent, by why.</summary>
/// <param name="Code">Of the decision, such as <c>consent_missing_ca</c> or <c>suppressed_bounce</c>; empty: they only wait for their turn.</param>
/// <param name="IsWaiting">False: they are dropped and never sent.</param>
public sealed record UnsentReason(string Code, long Messages, bool IsWaiting);

/// <summary>Counts them, the most first. In the caller's transaction; who calls checks the permission.</summary>
public static class ReadUnsentReasons
{
    const string Select = """
        select r.code, r.messages, r.is_waiting
        from (
          select held as code, count(*) as messages, true as is_waiting
          from delivery.queue
          where tenant_id = $1 and campaign_id = $2
          group by held
          union all
          select reason, count(*), false
          from delivery.message
          where tenant_id = $1 and campaign_id = $2 and content_id is not null and state = 'dropped'
          group by reason) r
        order by r.is_waiting desc, r.messages desc, r.code
        limit 200
        """;

    public static Task<List<UnsentReason>> Within(TenantTx tx, Guid campaign, CancellationToken ct) =>
        tx.List(Select, row => new UnsentReason(row.GetString(0), row.GetInt64(1), row.GetBoolean(2)), ct, tx.Tenant, campaign);
}
