using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Campaigns.Lists;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Pacing;
using PenguinMails.Delivery.Queue;
using PenguinMails.Delivery.Tracking;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Mailboxes.Sharing;

namespace PenguinMails.Campaigns.Campaigns;

/// <summary>Creates a campaign as a draft, or changes a draft.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>campaign.invalid</c>, <c>campaign.name_taken</c>, <c>campaign.not_found</c> or <c>campaign.not_draft</c>.</remarks>
public static class SaveCampaign
{
    /// <param name="Mailboxes">1 to 500 mailboxes of the workspace or shared with it; recipients are spread over them evenly.</param>
    /// <param name="TrackingReach">Whose messages carry tracked links and the pixel; the others' links are plain.</param>
    /// <param name="Window">Default: Monday to Friday, 9 to 17 o'clock UTC.</param>
    /// <param name="Clock">sender (default): the window's own zone. recipient: the recipient's, where it is known.</param>
    /// <param name="Shape">flat (default) and working_day spread each mailbox's day over the window; none lets cap and gap alone decide.</param>
    /// <param name="SkipsHolidays">Default true: nothing on public holidays of the recipient's country, where both are known.</param>
    public sealed record Input(
        string Name, TemplateId TemplateId, ListId ListId, IReadOnlyList<MailboxId> Mailboxes, SendWindow? Window = null,
        ConsumerPolicy ConsumerPolicy = ConsumerPolicy.Block, bool IncludesRoles = false, bool TracksClicks = false, bool TracksOpens = false,
        TrackingReach TrackingReach = TrackingReach.OutsideEea, ClockOf Clock = ClockOf.Sender, DayShape Shape = DayShape.Flat, bool SkipsHolidays = true);

    static readonly SendWindow WorkingHours = new("Etc/UTC", 0b001_1111, 9 * 60, 17 * 60);
    const int NameLengthMax = 100;
    const int MailboxesMax = 500;

    const string FindParts = """
        select (select count(*) from campaigns.template t where t.tenant_id = $1 and t.workspace_id = $2 and t.id = $3),
          (select count(*) from campaigns.list l where l.tenant_id = $1 and l.workspace_id = $2 and l.id = $4)
        """;

    const string Insert = """
        insert into campaigns.campaign (tenant_id, id, workspace_id, name, template_id, list_id, zone, days, from_minute, to_minute, consumer_policy, includes_roles, tracks_clicks, tracks_opens, tracking_reach,
          clock, shape, skips_holidays, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
        on conflict on constraint campaign_once do nothing
        """;

    const string Update = """
        update campaigns.campaign
        set name = $4, template_id = $5, list_id = $6, zone = $7, days = $8, from_minute = $9, to_minute = $10, consumer_policy = $11, includes_roles = $12, tracks_clicks = $13,
          tracks_opens = $14, tracking_reach = $15, clock = $16, shape = $17, skips_holidays = $18
        where tenant_id = $1 and workspace_id = $3 and id = $2 and state = 'draft'
          and not exists (select 1 from campaigns.campaign c where c.tenant_id = $1 and c.workspace_id = $3 and c.name = $4 and c.id <> $2)
        """;

    const string DeleteMailboxes = "delete from campaigns.campaign_mailbox where tenant_id = $1 and campaign_id = $2";

    const string InsertMailboxes = """
        insert into campaigns.campaign_mailbox (tenant_id, campaign_id, mailbox_id)
        select $1, $2, mailbox_id
        from unnest($3::uuid[]) as m (mailbox_id)
        """;

    static readonly Problem NameTaken = new(ProblemKind.Conflict, "campaign.name_taken", "Another campaign has this name.") { Fields = [new("name", "Another campaign has this name.")] };

    sealed record Parts(bool HasTemplate, bool HasList);

    /// <param name="id">Null creates a draft.</param>
    public static async Task<Result<Campaign>> Handle(Actor actor, CampaignId? id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.CampaignsWrite)) return Actor.Forbidden(Permissions.CampaignsWrite);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        var mailboxes = input.Mailboxes.Distinct().Take(MailboxesMax + 1).ToList();
        await using var tx = await db.Begin(actor.Tenant, ct);
        var known = await ListSenders.CountWithin(tx, workspace, mailboxes, ct);
        var parts = await tx.One(FindParts, row => new Parts(row.GetInt64(0) > 0, row.GetInt64(1) > 0), ct, actor.Tenant, workspace, input.TemplateId, input.ListId);
        var window = input.Window ?? WorkingHours;
        var faults = Faults(input, window, mailboxes.Count, known, parts).ToArray();
        if (faults.Length > 0) return Problem.Invalid("campaign.invalid", faults);

        var now = clock.GetUtcNow();
        var kept = id ?? TypedId.New<CampaignId>(now);
        if (id is not null && await tx.Maybe(Campaign.SelectOne, Campaign.Read, ct, actor.Tenant, workspace, kept) is var found && found is not { State: CampaignState.Draft })
            return found is null ? Campaign.NotFound : new Problem(ProblemKind.Conflict, "campaign.not_draft", "Only a draft can be changed. Stop this campaign and create a new one.");
        object?[] values = [actor.Tenant, kept, workspace, input.Name.Trim(), input.TemplateId, input.ListId, window.Zone, (short)window.Days, (short)window.FromMinute,
            (short)window.ToMinute, Campaign.Word(input.ConsumerPolicy), input.IncludesRoles, input.TracksClicks, input.TracksOpens, input.TrackingReach.Word(),
            Campaign.Word(input.Clock), Campaign.Word(input.Shape), input.SkipsHolidays];
        if (await (id is null ? tx.Execute(Insert, ct, [.. values, now]) : tx.Execute(Update, ct, values)) == 0) return NameTaken;
        await tx.Execute(DeleteMailboxes, ct, actor.Tenant, kept);
        await tx.Execute(InsertMailboxes, ct, actor.Tenant, kept, mailboxes.Select(m => m.Value).ToArray());
        await tx.Append(actor, id is null ? "campaign.created" : "campaign.changed", kept.ToString(), new { }, now, ct);
        var saved = await tx.One(Campaign.SelectOne, Campaign.Read, ct, actor.Tenant, workspace, kept);
        await tx.Commit(ct);
        return saved;
    }

    static IEnumerable<FieldProblem> Faults(Input input, SendWindow window, int mailboxes, int known, Parts parts)
    {
        if (input.Name.Trim().Length is 0 or > NameLengthMax || input.Name.Any(char.IsControl)) yield return new("name", $"1 to {NameLengthMax} characters.");
        if (!parts.HasTemplate) yield return new("template_id", "Choose a template of this workspace.");
        if (!parts.HasList) yield return new("list_id", "Choose a list of this workspace.");
        if (mailboxes is 0 or > MailboxesMax) yield return new("mailboxes", $"Choose 1 to {MailboxesMax} mailboxes.");
        else if (known < mailboxes) yield return new("mailboxes", "One of the mailboxes is neither of this workspace nor shared with it for sending.");
        if (!window.IsValid(out var fault)) yield return new("window", fault);
    }

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/campaigns", async (Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, null, input, db, clock, ct)).ToHttp(made => TypedResults.Created($"/api/v1/campaigns/{made.Id}", made)));
        api.MapPut("/campaigns/{id}", async (Actor actor, CampaignId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, id, input, db, clock, ct)).ToHttp());
    }
}
