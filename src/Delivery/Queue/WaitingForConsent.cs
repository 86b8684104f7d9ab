using PenguinMails.Core.Db;

namespace PenguinMails.Delivery.Queue;

/// <summary>What of a campaign waits for a recipient's consent, or for their country to be recorded: perhaps for ever. In the caller's transaction; who calls checks the permission.</summary>
public static class WaitingForConsent
{
    const string SelectOther = """
        select 1
        from delivery.queue
        where tenant_id = $1 and campaign_id = $2 and held <> 'country_unknown' and not starts_with(held, 'consent_')
        limit 1
        """;

    // Of the lanes' few messages under way: one whose consent came keeps the word it waited for until it is sent.
    const string SelectUnderWay = """
        select 1
        from delivery.lane l
        cross join unnest(l.under_way) as w (id)
        join delivery.message m on m.tenant_id = $1 and m.id = w.id
        where l.tenant_id = $1 and m.campaign_id = $2 and m.state = 'sending'
        limit 1
        """;

    const string Drop = """
        with gone as (
          delete from delivery.queue
          where tenant_id = $1 and campaign_id = $2 and (held = 'country_unknown' or starts_with(held, 'consent_'))
          returning message_id, held),
        dropped as (
          update delivery.message m
          set state = 'dropped', reason = g.held, state_at = $3
          from gone g
          where m.tenant_id = $1 and m.id = g.message_id and m.state in ('queued', 'deferred')
          returning m.id, m.mailbox_id, m.reason)
        insert into delivery.fact (tenant_id, id, at, kind, message_id, campaign_id, mailbox_id, detail)
        select $1, gen_random_uuid(), $3, 'dropped', id, $2, mailbox_id, reason
        from dropped
        """;

    /// <summary>True when nothing of the campaign is in the queue or under way but what waits for that.</summary>
    public static async Task<bool> IsAllThatIsLeft(TenantTx tx, Guid campaign, CancellationToken ct)
    {
        foreach (var sql in new[] { SelectOther, SelectUnderWay })
            if ((await tx.List(sql, row => row.GetInt32(0), ct, tx.Tenant, campaign)).Count > 0) return false;
        return true;
    }

    /// <summary>Gives them up for good, each under the code it waited for. Consent that is recorded at this moment comes before or finds nothing.</summary>
    public static async Task GiveUp(TenantTx tx, Guid campaign, DateTimeOffset now, CancellationToken ct)
    {
        await tx.Execute(ControlCampaign.LockLanes, ct, tx.Tenant, campaign);
        await tx.Execute(Drop, ct, tx.Tenant, campaign, now);
    }
}
