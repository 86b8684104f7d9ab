using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Delivery.Content;
using PenguinMails.Delivery.Queue;

namespace PenguinMails.Campaigns.Campaigns;

/// <summary>Starts a draft: preflight, a copy of the template, and a job that writes one ledger row for each recipient.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>campaign.not_found</c>, <c>campaign.not_draft</c> or <c>campaign.preflight_blocked</c>.</remarks>
public static class LaunchCampaign
{
    const string Update = """
        update campaigns.campaign
        set state = 'launching', launched_at = $3
        where tenant_id = $1 and id = $2 and state = 'draft'
        """;

    static readonly Problem NotDraft = new(ProblemKind.Conflict, "campaign.not_draft", "This campaign was launched already.");

    public static async Task<Result<Campaign>> Handle(Actor actor, CampaignId id, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.CampaignsLaunch)) return Actor.Forbidden(Permissions.CampaignsLaunch);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Maybe(Campaign.SelectOne, Campaign.Read, ct, actor.Tenant, workspace, id) is not { } campaign) return Campaign.NotFound;
        if (campaign.State != CampaignState.Draft) return NotDraft;
        var report = await Preflight.Within(tx, workspace, campaign, clock.GetUtcNow(), ct);
        if (!report.CanLaunch)
            return new Problem(ProblemKind.Conflict, "campaign.preflight_blocked", "The preflight found what must be mended first.")
            {
                Fields = [.. report.Findings.Where(f => f.Severity == Severity.Block).Select(f => new FieldProblem(f.Rule, $"{f.Title}. {f.Fix}"))],
            };

        var now = clock.GetUtcNow();
        if (await tx.Execute(Update, ct, actor.Tenant, id, now) == 0) return NotDraft;
        var template = await tx.One(Template.SelectOne, Template.Read, ct, actor.Tenant, workspace, campaign.TemplateId);
        var identity = await Accounts.Tenants.ReadSenderIdentity.Within(tx, workspace, ct);
        var content = await WriteContent.Within(tx, new WriteContent.Step(id.Value, 1, template.Subject, template.Html.Length == 0 ? null : template.Html, template.TextPart,
            identity.SenderName, identity.PostalAddress, new(campaign.TracksClicks, campaign.TracksOpens, campaign.TrackingReach)), now, ct);
        await ControlCampaign.Start(tx, id.Value, workspace, campaign.Plan, now, ct);
        await tx.Enqueue(new JobOrder<EnqueueAudience.Order>(EnqueueAudience.Kind, new(id, workspace, content)) { UniqueKey = id.Value.ToString("N") }, now, ct);
        await tx.Append(actor, "campaign.launched", id.ToString(), new { report.Audience.Contacts }, now, ct);
        var launched = await tx.One(Campaign.SelectOne, Campaign.Read, ct, actor.Tenant, workspace, id);
        await tx.Commit(ct);
        return launched;
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/campaigns/{id}/launch",
        async (Actor actor, CampaignId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, db, clock, ct)).ToHttp());
}
