using System.Text.Json;
using Npgsql;
using PenguinMails.Campaigns.Lists;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Pacing;
using PenguinMails.Delivery.Queue;
using PenguinMails.Delivery.Tracking;

namespace PenguinMails.Campaigns.Campaigns;

/// <summary>draft → launching → running ⇄ paused → completed; launching, running and paused can be stopped. Drawn in docs/states/campaign.md.</summary>
public enum CampaignState { Draft, Launching, Running, Paused, Completed, Stopped }

/// <summary>What happens with recipients at providers of private mailboxes (rule MSG-12): preflight refuses, they are left out, or they get mail.</summary>
public enum ConsumerPolicy { Block, Exclude, Allow }

/// <summary>One template to one list from some mailboxes, in a window of time.</summary>
/// <param name="Enqueued">Recipients written into the send ledger.</param>
/// <param name="Clock">Whose clock the window is read on.</param>
/// <param name="Shape">How each mailbox spreads its day over the window.</param>
/// <param name="SkipsHolidays">Nothing on public holidays of the recipient's country.</param>
/// <param name="ExcludedRole">Left out because the address is a function such as info@.</param>
public sealed record Campaign(
    CampaignId Id, string Name, TemplateId TemplateId, ListId ListId, CampaignState State, SendWindow Window, ConsumerPolicy ConsumerPolicy, bool IncludesRoles, bool TracksClicks,
    bool TracksOpens, TrackingReach TrackingReach,
    IReadOnlyList<Guid> Mailboxes, long Enqueued, long ExcludedSuppressed, long ExcludedConsumer, long ExcludedRole, DateTimeOffset? LaunchedAt, DateTimeOffset? CompletedAt,
    DateTimeOffset CreatedAt, ClockOf Clock, DayShape Shape, bool SkipsHolidays)
{
    public static readonly Problem NotFound = new(ProblemKind.NotFound, "campaign.not_found", "There is no such campaign in this workspace.");

    internal const string SelectOne = """
        select c.id, c.name, c.template_id, c.list_id, c.state, c.zone, c.days, c.from_minute, c.to_minute, c.consumer_policy, c.includes_roles, c.tracks_clicks, c.tracks_opens, c.tracking_reach,
          array(select m.mailbox_id from campaigns.campaign_mailbox m where m.tenant_id = c.tenant_id and m.campaign_id = c.id order by m.mailbox_id limit 500),
          c.enqueued, c.excluded_suppressed, c.excluded_consumer, c.excluded_role, c.launched_at, c.completed_at, c.created_at, c.clock, c.shape, c.skips_holidays
        from campaigns.campaign c
        where c.tenant_id = $1 and c.workspace_id = $2 and c.id = $3
        """;

    internal static Campaign Read(NpgsqlDataReader row) => new(new(row.GetGuid(0)), row.GetString(1), new(row.GetGuid(2)), new(row.GetGuid(3)), StateOf(row.GetString(4)),
        new SendWindow(row.GetString(5), row.GetInt16(6), row.GetInt16(7), row.GetInt16(8)), PolicyOf(row.GetString(9)), row.GetBoolean(10), row.GetBoolean(11), row.GetBoolean(12), TrackingReaches.Parse(row.GetString(13)),
        row.GetFieldValue<Guid[]>(14), row.GetInt64(15), row.GetInt64(16), row.GetInt64(17), row.GetInt64(18), row.Maybe<DateTimeOffset>(19), row.Maybe<DateTimeOffset>(20),
        row.GetFieldValue<DateTimeOffset>(21), row.GetString(22) == "recipient" ? ClockOf.Recipient : ClockOf.Sender, DayShapes.Of(row.GetString(23)), row.GetBoolean(24));

    /// <summary>When it sends, and how its mailboxes spread their day.</summary>
    internal SendPlan Plan => new(Window, Clock, Shape, SkipsHolidays);

    internal static string Word(Enum word) => JsonNamingPolicy.SnakeCaseLower.ConvertName(word.ToString());

    static ConsumerPolicy PolicyOf(string word) => word switch
    {
        "block" => ConsumerPolicy.Block,
        "exclude" => ConsumerPolicy.Exclude,
        "allow" => ConsumerPolicy.Allow,
        _ => throw new InvalidOperationException($"Unknown consumer policy {word}."),
    };

    static CampaignState StateOf(string word) => word switch
    {
        "draft" => CampaignState.Draft,
        "launching" => CampaignState.Launching,
        "running" => CampaignState.Running,
        "paused" => CampaignState.Paused,
        "completed" => CampaignState.Completed,
        "stopped" => CampaignState.Stopped,
        _ => throw new InvalidOperationException($"Unknown campaign state {word}."),
    };
}
