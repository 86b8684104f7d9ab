using PenguinMails.Core.Db;
using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Queue;

namespace PenguinMails.Campaigns.Campaigns;

/// <summary>A campaign that was launched, and whether its first message was accepted soon after it might be sent.</summary>
public sealed record CampaignStart(DateTimeOffset LaunchedAt, bool IsInTime);

/// <summary>Starts of campaigns in a stretch of time, as the figure "campaign success" counts them. In the caller's transaction.</summary>
public static class ReadStarts
{
    /// <summary>How long after the launch, or the opening of the window, the first message may take.</summary>
    public static readonly TimeSpan Soon = TimeSpan.FromMinutes(15);

    const string Select = """
        select id, launched_at, state, zone, days, from_minute, to_minute
        from campaigns.campaign
        where tenant_id = $1 and launched_at >= $2 and launched_at < $3 and enqueued > 0
        order by id
        limit 10000
        """;

    sealed record Launched(Guid Id, DateTimeOffset At, string State, SendWindow Window);

    /// <returns>Without campaigns that were stopped before anything was sent.</returns>
    public static async Task<List<CampaignStart>> Within(TenantTx tx, DateTimeOffset from, DateTimeOffset to, CancellationToken ct)
    {
        var launched = await tx.List(Select, row => new Launched(row.GetGuid(0), row.GetFieldValue<DateTimeOffset>(1), row.GetString(2),
            new SendWindow(row.GetString(3), row.GetInt16(4), row.GetInt16(5), row.GetInt16(6))), ct, tx.Tenant, from, to);
        var starts = new List<CampaignStart>();
        foreach (var campaign in launched)
        {
            var accepted = await FirstAccepted.Within(tx, campaign.Id, campaign.Window.NextOpen(campaign.At) + Soon, ct);
            if (campaign.State != "stopped" || accepted.AtAll) starts.Add(new(campaign.At, accepted.ByThen));
        }

        return starts;
    }
}
