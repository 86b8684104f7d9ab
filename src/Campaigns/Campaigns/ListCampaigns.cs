using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Messages;

namespace PenguinMails.Campaigns.Campaigns;

/// <summary>The workspace's campaigns, newest first; one of them; its counts and its ledger.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>cursor.invalid</c> or <c>campaign.not_found</c>.</remarks>
public static class ListCampaigns
{
    const string Select = """
        select c.id, c.name, c.template_id, c.list_id, c.state, c.zone, c.days, c.from_minute, c.to_minute, c.consumer_policy, c.includes_roles, c.tracks_clicks, c.tracks_opens, c.tracking_reach,
          array(select m.mailbox_id from campaigns.campaign_mailbox m where m.tenant_id = c.tenant_id and m.campaign_id = c.id order by m.mailbox_id limit 500),
          c.enqueued, c.excluded_suppressed, c.excluded_consumer, c.excluded_role, c.launched_at, c.completed_at, c.created_at, c.clock, c.shape, c.skips_holidays
        from campaigns.campaign c
        where c.tenant_id = $1 and c.workspace_id = $2 and ($3::uuid is null or c.id < $3)
        order by c.id desc
        limit $4
        """;

    public static async Task<Result<Page<Campaign>>> Handle(Actor actor, string? cursor, int? limit, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.CampaignsRead)) return Actor.Forbidden(Permissions.CampaignsRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        if (!Cursor.TryDecodeId(cursor, out var after)) return Cursor.Broken;
        var most = Cursor.Limit(limit);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return Page<Campaign>.Of(await tx.List(Select, Campaign.Read, ct, actor.Tenant, workspace, after, most + 1), most, row => row.Id.Value.ToString("N"));
    }

    public static async Task<Result<Campaign>> One(Actor actor, CampaignId id, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.CampaignsRead)) return Actor.Forbidden(Permissions.CampaignsRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        var found = await tx.Maybe(Campaign.SelectOne, Campaign.Read, ct, actor.Tenant, workspace, id);
        return found is null ? Campaign.NotFound : found;
    }

    /// <summary>Counts from the ledger, so that page, API and ledger cannot disagree.</summary>
    public static async Task<Result<Counts>> CountsOf(Actor actor, CampaignId id, TenantDb db, CancellationToken ct)
    {
        var found = await One(actor, id, db, ct);
        return found.Problem is { } problem ? problem : await ReadCounts.Handle(actor, id.Value, db, ct);
    }

    public static async Task<Result<Page<Message>>> MessagesOf(Actor actor, CampaignId id, ListMessages.Input input, TenantDb db, CancellationToken ct)
    {
        var found = await One(actor, id, db, ct);
        return found.Problem is { } problem ? problem : await ListMessages.Handle(actor, input with { CampaignId = id }, db, ct);
    }

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/campaigns", async (Actor actor, string? cursor, int? limit, TenantDb db, CancellationToken ct) => (await Handle(actor, cursor, limit, db, ct)).ToHttp());
        api.MapGet("/campaigns/{id}", async (Actor actor, CampaignId id, TenantDb db, CancellationToken ct) => (await One(actor, id, db, ct)).ToHttp());
        api.MapGet("/campaigns/{id}/counts", async (Actor actor, CampaignId id, TenantDb db, CancellationToken ct) => (await CountsOf(actor, id, db, ct)).ToHttp());
        api.MapGet("/campaigns/{id}/messages", async (Actor actor, CampaignId id, string? state, string? search, string? cursor, int? limit, TenantDb db, CancellationToken ct) =>
            (await MessagesOf(actor, id, new ListMessages.Input(null, state, search, cursor, limit), db, ct)).ToHttp());
    }
}
