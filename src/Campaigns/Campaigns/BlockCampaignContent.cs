using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Halts;

namespace PenguinMails.Campaigns.Campaigns;

/// <summary>The routes of <see cref="BlockContent"/>: what a campaign says is held back, and let go.</summary>
static class BlockCampaignContent
{
    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/campaigns/{id}/block-content", async (Actor actor, CampaignId id, BlockContent.Input input, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await BlockContent.Handle(actor, id.Value, input, db, clock, ct)).ToHttp());
        api.MapPost("/campaigns/{id}/release-content", async (Actor actor, CampaignId id, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await BlockContent.Lift(actor, id.Value, db, clock, ct)).ToHttp());
    }
}
