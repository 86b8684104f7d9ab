using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Messages;

namespace PenguinMails.Campaigns.Campaigns;

/// <summary>What of a campaign was not sent, by why, and when it is given up.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c> or <c>campaign.not_found</c>.</remarks>
public static class ReadUnsent
{
    /// <param name="Items">Those that wait first, the most of each first.</param>
    /// <param name="EndsAt">When what waits for consent is given up and the campaign completes; null while something else can still go, and once it ended.</param>
    public sealed record Output(IReadOnlyList<UnsentReason> Items, DateTimeOffset? EndsAt);

    const string SelectWaiting = "select waiting_since from campaigns.campaign where tenant_id = $1 and id = $2 and state in ('running', 'paused')";

    public static async Task<Result<Output>> Handle(Actor actor, CampaignId id, TenantDb db, CancellationToken ct)
    {
        var found = await ListCampaigns.One(actor, id, db, ct);
        if (found.Problem is { } problem) return problem;
        await using var tx = await db.Begin(actor.Tenant, ct);
        var since = await tx.List(SelectWaiting, row => row.Maybe<DateTimeOffset>(0), ct, actor.Tenant, id);
        return new Output(await ReadUnsentReasons.Within(tx, id.Value, ct), since is [{ } began] ? began + CompleteCampaign.ConsentWait : null);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/campaigns/{id}/unsent",
        async (Actor actor, CampaignId id, TenantDb db, CancellationToken ct) => (await Handle(actor, id, db, ct)).ToHttp());
}
