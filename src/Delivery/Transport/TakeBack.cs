using PenguinMails.Core.Db;

namespace PenguinMails.Delivery.Transport;

/// <summary>Messages that passed the gate and that no server has wait again as if they had not passed.</summary>
static class TakeBack
{
    const string Return = "select id from delivery.return_messages($1, $5, $3, $4, $2) as b (id) order by id limit 10000";

    // The place in the queue was never given up, unless the campaign was stopped meanwhile. A statement of its own, so that it sees the stop which the first waited for.
    const string Stopped = """
        select m.id
        from unnest($2::uuid[]) as w (id)
        cross join lateral (
          select m.id, m.campaign_id
          from delivery.message m
          where m.tenant_id = $1 and m.id = w.id
          limit 1) m
        join delivery.campaign_control c on c.tenant_id = $1 and c.campaign_id = m.campaign_id
        where c.state = 'stopped'
        """;

    /// <param name="token">Of the run that let them through.</param>
    public static async Task Within(TenantTx tx, Lane lane, Guid token, Guid[] messages, DateTimeOffset now, CancellationToken ct)
    {
        var back = await tx.List(Return, row => row.GetGuid(0), ct, lane.Tenant, messages, token, now, lane.Mailbox);
        var stopped = (await tx.List(Stopped, row => row.GetGuid(0), ct, lane.Tenant, back.ToArray())).ToArray();
        if (stopped.Length > 0) await Postpone.Dropped(tx, stopped, Array.ConvertAll(stopped, _ => "campaign_stopped"), now, ct);
    }
}
