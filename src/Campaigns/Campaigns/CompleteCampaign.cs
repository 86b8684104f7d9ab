using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Delivery.Queue;

namespace PenguinMails.Campaigns.Campaigns;

/// <summary>Looks whether a launched campaign is over. What waits for a recipient's consent keeps it open for a while, and not for ever.</summary>
static class CompleteCampaign
{
    public const string Kind = "campaigns.watch_completion";

    /// <summary>For how long consent is waited for when nothing else is left.</summary>
    public static readonly TimeSpan ConsentWait = TimeSpan.FromDays(14);

    static readonly TimeSpan Often = TimeSpan.FromSeconds(3), Seldom = TimeSpan.FromMinutes(1);

    public sealed record Order(CampaignId Campaign, WorkspaceId Workspace);

    const string MarkCompleted = "update campaigns.campaign set state = 'completed', completed_at = $3 where tenant_id = $1 and id = $2 and state = 'running'";

    const string MarkWaiting = """
        update campaigns.campaign
        set waiting_since = case when $3 then coalesce(waiting_since, $4) end
        where tenant_id = $1 and id = $2 and state = 'running'
        returning waiting_since
        """;

    public static Task Watch(TenantTx tx, Order order, DateTimeOffset now, CancellationToken ct) => Later(tx, order, now + Often, now, ct);

    /// <summary>Looks whether anything is still to be sent; if so, looks again later.</summary>
    public static async Task Run(Order order, JobRun run, CancellationToken ct)
    {
        var now = run.Need<TimeProvider>().GetUtcNow();
        var system = Actor.System(run.Tenant, order.Workspace);
        var campaign = await ListCampaigns.One(system, order.Campaign, run.Db, ct);
        if (!campaign.IsOk || campaign.Value.State is CampaignState.Stopped or CampaignState.Completed) return;
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        if (campaign.Value.State != CampaignState.Running) await Watch(tx, order, now, ct);
        else if (!await LeftToSend.IsAny(tx, order.Campaign.Value, ct)) await tx.Execute(MarkCompleted, ct, run.Tenant, order.Campaign, now);
        else await Wait(tx, order, isConsentAll: await WaitingForConsent.IsAllThatIsLeft(tx, order.Campaign.Value, ct), now, ct);
        await tx.Commit(ct);
    }

    static async Task Wait(TenantTx tx, Order order, bool isConsentAll, DateTimeOffset now, CancellationToken ct)
    {
        var since = await tx.List(MarkWaiting, row => row.Maybe<DateTimeOffset>(0), ct, tx.Tenant, order.Campaign, isConsentAll, now);
        if (since is [{ } began] && began + ConsentWait <= now) await WaitingForConsent.GiveUp(tx, order.Campaign.Value, now, ct);
        await Later(tx, order, now + (isConsentAll ? Seldom : Often), now, ct); // The next look finds nothing left.
    }

    static Task Later(TenantTx tx, Order order, DateTimeOffset at, DateTimeOffset now, CancellationToken ct) =>
        tx.Enqueue(new JobOrder<Order>(Kind, order) { DueAt = at, Priority = 8 }, now, ct);
}
