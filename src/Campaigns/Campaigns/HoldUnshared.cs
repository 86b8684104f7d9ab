using PenguinMails.Core;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Mailboxes.Sharing;

namespace PenguinMails.Campaigns.Campaigns;

/// <summary>Pauses the running campaigns of a workspace that may not send from one of their mailboxes any more.</summary>
static class HoldUnshared
{
    public const string Kind = "campaigns.mailbox_unshared";
    static readonly TimeSpan Launched = TimeSpan.FromSeconds(5);

    const string Select = """
        select c.id, c.state = 'launching'
        from campaigns.campaign c
        join campaigns.campaign_mailbox m on m.tenant_id = c.tenant_id and m.campaign_id = c.id
        where c.tenant_id = $1 and c.workspace_id = $2 and m.mailbox_id = $3 and c.state in ('running', 'launching')
        order by c.id
        limit 10000
        """;

    public static async Task Run(MailboxUnshared unshared, JobRun run, CancellationToken ct)
    {
        var actor = Actor.System(run.Tenant, unshared.Workspace);
        List<(CampaignId Id, bool IsLaunching)> campaigns;
        await using (var tx = await run.Db.Begin(run.Tenant, ct))
        {
            if (await ListSenders.CountWithin(tx, unshared.Workspace, [unshared.Mailbox], ct) > 0) return; // Shared again meanwhile.
            campaigns = await tx.List(Select, row => (new CampaignId(row.GetGuid(0)), row.GetBoolean(1)), ct, run.Tenant, unshared.Workspace, unshared.Mailbox);
        }

        foreach (var (id, isLaunching) in campaigns)
            if (!isLaunching) await SteerCampaign.Handle(actor, id, SteerCampaign.Step.Pause, run.Db, run.Need<TimeProvider>(), ct);
        if (campaigns.Any(one => one.IsLaunching)) run.Again(Launched); // A launch cannot be paused; it is over soon.
    }
}
