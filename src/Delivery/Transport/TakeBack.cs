using PenguinMails.Core.Db;

namespace PenguinMails.Delivery.Transport;

/// <summary>Messages that passed the gate and that no server has wait again as if they had not passed.</summary>
static class TakeBack
{
    // The place in the queue was never given up, unless the campaign was stopped meanwhile.
    const string Return = """
        select b.id, (
          select c.state
          from delivery.message m
          join delivery.campaign_control c on c.tenant_id = $1 and c.campaign_id = m.campaign_id
          where m.tenant_id = $1 and m.id = b.id) <> 'stopped'
        from delivery.return_messages($1, $5, $3, $4, $2) as b (id)
        """;

    /// <param name="token">Of the run that let them through.</param>
    public static async Task Within(TenantTx tx, Lane lane, Guid token, Guid[] messages, DateTimeOffset now, CancellationToken ct)
    {
        var back = await tx.List(Return, row => (Id: row.GetGuid(0), GoesOn: row.GetBoolean(1)), ct, lane.Tenant, messages, token, now, lane.Mailbox);
        var stopped = back.Where(b => !b.GoesOn).Select(b => b.Id).ToArray();
        if (stopped.Length > 0) await Postpone.Dropped(tx, stopped, [.. stopped.Select(_ => "campaign_stopped")], now, ct);
    }
}
