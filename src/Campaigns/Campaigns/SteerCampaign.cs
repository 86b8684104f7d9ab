using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Queue;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Campaigns.Campaigns;

/// <summary>Pauses, resumes or stops a launched campaign. A pause holds at once: no message passes the last gate after it.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>campaign.not_found</c>, <c>campaign.sender_not_shared</c> or <c>campaign.state_conflict</c>.</remarks>
public static class SteerCampaign
{
    public enum Step { Pause, Resume, Stop }

    const string Update = """
        update campaigns.campaign
        set state = $4, completed_at = case when $4 = 'stopped' then $6 else completed_at end
        where tenant_id = $1 and workspace_id = $2 and id = $3 and state = any($5)
        """;

    public static async Task<Result<Campaign>> Handle(Actor actor, CampaignId id, Step step, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.CampaignsLaunch)) return Actor.Forbidden(Permissions.CampaignsLaunch);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        var (to, from, action) = step switch
        {
            Step.Pause => ("paused", new[] { "running" }, "campaign.paused"),
            Step.Resume => ("running", ["paused"], "campaign.resumed"),
            Step.Stop => ("stopped", ["launching", "running", "paused"], "campaign.stopped"),
        };
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Maybe(Campaign.SelectOne, Campaign.Read, ct, actor.Tenant, workspace, id) is not { } campaign) return Campaign.NotFound;
        if (step == Step.Resume && (await CheckSenders.Within(tx, workspace, campaign.Mailboxes, ct)).FirstOrDefault(sender => !sender.IsOffered) is { } lost)
            return new Problem(ProblemKind.Conflict, "campaign.sender_not_shared", $"{lost.Address} is not shared with this workspace any more. Ask for it to be shared again, or stop this campaign and start one without it.");
        var now = clock.GetUtcNow();
        if (await tx.Execute(Update, ct, actor.Tenant, workspace, id, to, from, now) == 0)
            return new Problem(ProblemKind.Conflict, "campaign.state_conflict", $"A campaign that is {campaign.State.ToString().ToLowerInvariant()} cannot be {to}.");
        await (step switch
        {
            Step.Pause => ControlCampaign.Pause(tx, id.Value, now, ct),
            Step.Resume => ControlCampaign.Resume(tx, id.Value, now, ct),
            Step.Stop => ControlCampaign.Stop(tx, id.Value, now, ct),
        });
        await tx.Append(actor, action, id.ToString(), new { }, now, ct);
        var steered = await tx.One(Campaign.SelectOne, Campaign.Read, ct, actor.Tenant, workspace, id);
        await tx.Commit(ct);
        return steered;
    }

    internal static void Map(IEndpointRouteBuilder api)
    {
        foreach (var (path, step) in new[] { ("pause", Step.Pause), ("resume", Step.Resume), ("stop", Step.Stop) })
            api.MapPost($"/campaigns/{{id}}/{path}", async (Actor actor, CampaignId id, TenantDb db, TimeProvider clock, CancellationToken ct) =>
                (await Handle(actor, id, step, db, clock, ct)).ToHttp());
    }
}
