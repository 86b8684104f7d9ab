using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Campaigns.Campaigns;

/// <summary>Holds everything an account would send by itself: running campaigns are paused; those that were just being launched are stopped, because a launch cannot be paused.</summary>
/// <remarks>For a database that came out of a backup: what was sent after the backup is still queued in it. Refuses with <c>permission.missing</c>.</remarks>
public static class HoldCampaigns
{
    /// <param name="Stopped">Were being launched.</param>
    public sealed record Output(int Paused, int Stopped);

    const string Select = """
        select workspace_id, id, state = 'launching'
        from campaigns.campaign
        where tenant_id = $1 and state in ('running', 'launching')
        order by id
        limit 100000
        """;

    sealed record Found(WorkspaceId Workspace, CampaignId Id, bool IsLaunching)
    {
        public static Found Read(NpgsqlDataReader row) => new(new(row.GetGuid(0)), new(row.GetGuid(1)), row.GetBoolean(2));
    }

    public static async Task<Result<Output>> Handle(Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.CampaignsLaunch)) return Actor.Forbidden(Permissions.CampaignsLaunch);
        List<Found> campaigns;
        await using (var tx = await db.Begin(actor.Tenant, ct)) campaigns = await tx.List(Select, Found.Read, ct, actor.Tenant);
        foreach (var one in campaigns)
        {
            var held = await SteerCampaign.Handle(actor with { Workspace = one.Workspace }, one.Id, one.IsLaunching ? SteerCampaign.Step.Stop : SteerCampaign.Step.Pause, db, clock, ct);
            if (held.Problem is { } problem) return problem;
        }

        return new Output(campaigns.Count(one => !one.IsLaunching), campaigns.Count(one => one.IsLaunching));
    }
}
