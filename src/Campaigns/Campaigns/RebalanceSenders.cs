using Npgsql;
using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Delivery.Queue;

namespace PenguinMails.Campaigns.Campaigns;

/// <summary>The job that takes unsent messages from mailboxes that are sick and gives them to the others of their campaign.</summary>
/// <remarks>Sick is: paused, consent lost, paused by a guard or its warm-up, or unreachable for minutes. A campaign whose mailboxes are all sick keeps its messages where they are.</remarks>
static class RebalanceSenders
{
    const int Seconds = 120;

    public static void AddTo(JobKinds jobs) => jobs.Every("campaigns.rebalance_senders", Seconds, Run);

    const string SelectRunning = """
        select c.id, array_agg(m.mailbox_id order by m.mailbox_id)
        from campaigns.campaign c
        join campaigns.campaign_mailbox m on m.tenant_id = c.tenant_id and m.campaign_id = c.id
        where c.tenant_id = $1 and c.state in ('launching', 'running')
        group by c.id
        having count(*) > 1
        order by c.id
        limit 100000
        """;

    sealed record Running(Guid Campaign, Guid[] Mailboxes)
    {
        public static Running Read(NpgsqlDataReader row) => new(row.GetGuid(0), row.GetFieldValue<Guid[]>(1));
    }

    public static async Task Run(JobRun run, CancellationToken ct)
    {
        foreach (var tenant in await ListTenants.Handle(run.Db, ct)) await One(run.Db, tenant, run.Need<TimeProvider>(), ct);
    }

    /// <returns>Messages that changed their mailbox.</returns>
    internal static async Task<int> One(TenantDb db, TenantId tenant, TimeProvider clock, CancellationToken ct)
    {
        List<Running> campaigns;
        await using (var tx = await db.Begin(tenant, ct)) campaigns = await tx.List(SelectRunning, Running.Read, ct, tenant);
        var total = 0;
        foreach (var campaign in campaigns)
            foreach (var mailbox in campaign.Mailboxes)
                for (var moved = SenderPool.MovedMax; moved == SenderPool.MovedMax; total += moved) moved = await Move(db, tenant, campaign, mailbox, clock.GetUtcNow(), ct);
        return total;
    }

    static async Task<int> Move(TenantDb db, TenantId tenant, Running campaign, Guid mailbox, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.Begin(tenant, ct);
        var pool = await SenderPool.Look(tx, campaign.Mailboxes, ct);
        if (pool.FirstOrDefault(sender => sender.Mailbox == mailbox) is not { Sickness.Length: > 0 } sick || pool.All(sender => sender.Capacity == 0)) return 0;
        var moved = await SenderPool.MoveUnsent(tx, campaign.Campaign, mailbox, SenderPool.Turns(pool), now, ct);
        if (moved == 0) return 0;
        await tx.Append(Actor.System(tenant), "campaign.senders_rebalanced", new CampaignId(campaign.Campaign).ToString(), new { mailbox, moved, sick.Sickness }, now, ct);
        await tx.Commit(ct);
        return moved;
    }
}
