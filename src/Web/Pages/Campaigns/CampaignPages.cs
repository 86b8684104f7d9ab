using System.Globalization;
using PenguinMails.Campaigns.Campaigns;
using PenguinMails.Campaigns.Lists;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Pacing;
using PenguinMails.Delivery.Queue;
using PenguinMails.Delivery.Tracking;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Mailboxes.Sharing;
using PenguinMails.Fleet.Servers;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Campaigns;

/// <summary>Campaigns: list, draft, preflight, launch, steer, ledger.</summary>
static class CampaignPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/campaigns").RequireFormToken();
        pages.MapGet("", async (HttpContext http, Actor actor, TenantDb db, CancellationToken ct) =>
            (await ListCampaigns.Handle(actor, http.Asked("after"), null, db, ct)).ToPage(page => Html.Page<CampaignList>(new { Rows = page })));
        pages.MapGet("/new", (HttpContext http, Actor actor, TenantDb db, CancellationToken ct) => http.May(Permissions.CampaignsWrite)
            ? Ask(actor, null, CampaignForm.Start(http.Asked("template"), http.Asked("list")), null, db, ct)
            : Task.FromResult(Results.StatusCode(StatusCodes.Status403Forbidden)));
        pages.MapPost("", (HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => Save(http, null, actor, db, clock, ct));
        pages.MapGet("/{id}", Show);
        pages.MapGet("/{id}/edit", async (CampaignId id, Actor actor, TenantDb db, CancellationToken ct) =>
            (await ListCampaigns.One(actor, id, db, ct)) is { IsOk: true, Value: var campaign }
                ? await Ask(actor, campaign, CampaignForm.Of(campaign), null, db, ct)
                : Campaign.NotFound.ToPage());
        pages.MapPost("/{id}", (HttpContext http, CampaignId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => Save(http, id, actor, db, clock, ct));
        pages.MapPost("/{id}/launch", Launch);
        pages.MapPost("/{id}/spam-check", CheckSpam);
        foreach (var (path, step, said) in new[]
        {
            ("pause", SteerCampaign.Step.Pause, "Paused. Nothing more leaves until it is resumed."),
            ("resume", SteerCampaign.Step.Resume, "Resumed."),
            ("stop", SteerCampaign.Step.Stop, "Stopped. What had not left is dropped."),
        })
            pages.MapPost($"/{{id}}/{path}", async (HttpContext http, CampaignId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
                (await SteerCampaign.Handle(actor, id, step, db, clock, ct)).ToFlash(http, $"/campaigns/{id}", said));
    }

    static async Task<IResult> Show(HttpContext http, CampaignId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var found = await ListCampaigns.One(actor, id, db, ct);
        if (found.Problem is { } problem) return problem.ToPage();
        var campaign = found.Value;
        var names = await Names(actor, campaign, db, ct);
        if (campaign.State == CampaignState.Draft)
            return (await Preflight.Handle(actor, id, db, clock, ct)).ToPage(report => Html.Page<CampaignDraft>(new { Campaign = campaign, Names = names, Report = report }));
        var counts = await ListCampaigns.CountsOf(actor, id, db, ct);
        if (counts.Problem is { } noCounts) return noCounts.ToPage();
        var unsent = await ReadUnsent.Handle(actor, id, db, ct);
        if (unsent.Problem is { } unknown) return unknown.ToPage();
        var rows = await ListCampaigns.MessagesOf(actor, id, new(null, http.Asked("state"), http.Asked("q"), http.Asked("after")), db, ct);
        return rows.ToPage(page => Html.Page<CampaignRun>(new { Campaign = campaign, Names = names, Counts = counts.Value, Unsent = unsent.Value, Rows = page }));
    }

    // The answer is shown at once and kept nowhere.
    static async Task<IResult> CheckSpam(HttpContext http, CampaignId id, Actor actor, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct)
    {
        var found = await ListCampaigns.One(actor, id, db, ct);
        if (found.Problem is { } problem) return problem.ToPage();
        var campaign = found.Value;
        if (campaign.State != CampaignState.Draft) return await Show(http, id, actor, db, clock, ct);
        var spam = await CheckCampaignSpam.Handle(actor, id, db, reach, clock, ct);
        if (spam.Problem is { Kind: ProblemKind.Forbidden } forbidden) return forbidden.ToPage();
        var names = await Names(actor, campaign, db, ct);
        var report = await Preflight.Handle(actor, id, db, clock, ct);
        return report.ToPage(seen => Html.Page<CampaignDraft>(new { Campaign = campaign, Names = names, Report = seen, Spam = spam.IsOk ? spam.Value : null, NotChecked = spam.Problem }));
    }

    static async Task<CampaignNames> Names(Actor actor, Campaign campaign, TenantDb db, CancellationToken ct)
    {
        var template = (await ListTemplates.One(actor, campaign.TemplateId, db, ct)).Match(t => t.Name, _ => "a template");
        var list = (await ListLists.Handle(actor, db, ct)).Match(page => page.Items.FirstOrDefault(l => l.Id == campaign.ListId)?.Name, _ => null) ?? "a list";
        return new(template, list);
    }

    static async Task<IResult> Launch(HttpContext http, CampaignId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
        (await LaunchCampaign.Handle(actor, id, db, clock, ct)).ToFlash(http, $"/campaigns/{id}", "Launched. Messages leave inside the send window, spread over the mailboxes.");

    static async Task<IResult> Ask(Actor actor, Campaign? campaign, CampaignForm sent, FormErrors? errors, TenantDb db, CancellationToken ct)
    {
        var templates = await ListTemplates.Handle(actor, null, Cursor.LimitMax, db, ct);
        if (templates.Problem is { } noTemplates) return noTemplates.ToPage();
        var lists = await ListLists.Handle(actor, db, ct);
        if (lists.Problem is { } noLists) return noLists.ToPage();
        var mailboxes = await ListSenders.Handle(actor, db, ct);
        return mailboxes.ToPage(page => Html.Page<CampaignEdit>(
            new { campaign?.Id, Sent = sent, Templates = templates.Value.Items, Lists = lists.Value.Items, Mailboxes = page.Items.Where(one => one.MaySend).ToList(), Errors = errors },
            errors is null ? StatusCodes.Status200OK : Answers.Refused));
    }

    static async Task<IResult> Save(HttpContext http, CampaignId? id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var sent = CampaignForm.Of(await http.Request.ReadFormAsync(ct));
        var saved = await SaveCampaign.Handle(actor, id, sent.ToInput(), db, clock, ct);
        if (saved.IsOk) return Flash.To(http, $"/campaigns/{saved.Value.Id}", "Saved. Below is what must be right before it may start.");
        if (saved.Problem is not { Kind: ProblemKind.Invalid or ProblemKind.Conflict } problem) return saved.ToFlash(http, "/campaigns", "");
        var campaign = id is { } known ? (await ListCampaigns.One(actor, known, db, ct)).Match<Campaign?>(c => c, _ => null) : null;
        return await Ask(actor, campaign, sent, problem.ToErrors(), db, ct);
    }
}

/// <summary>What a campaign refers to, in words.</summary>
public sealed record CampaignNames(string Template, string List);

/// <summary>The fields of the campaign form as text, so that what was typed comes back.</summary>
/// <param name="Days">0 for Monday to 6 for Sunday.</param>
/// <param name="From">HH:mm.</param>
public sealed record CampaignForm(
    string Name, string Template, string List, IReadOnlyList<string> Mailboxes, string Zone, IReadOnlyList<string> Days, string From, string To,
    ConsumerPolicy ConsumerPolicy, bool IncludesRoles, bool TracksClicks, bool TracksOpens, TrackingReach TrackingReach, ClockOf Clock, DayShape Shape, bool SkipsHolidays)
{
    public static CampaignForm Start(string? template, string? list) =>
        new("", template ?? "", list ?? "", [], "Etc/UTC", ["0", "1", "2", "3", "4"], "09:00", "17:00", ConsumerPolicy.Block, false, false, false, TrackingReach.OutsideEea, ClockOf.Sender, DayShape.Flat, true);

    public static CampaignForm Of(Campaign campaign) => new(
        campaign.Name, campaign.TemplateId.ToString(), campaign.ListId.ToString(), [.. campaign.Mailboxes.Select(m => new MailboxId(m).ToString())], campaign.Window.Zone,
        [.. Enumerable.Range(0, 7).Where(d => (campaign.Window.Days & (1 << d)) != 0).Select(d => d.ToString(CultureInfo.InvariantCulture))],
        ToClock(campaign.Window.FromMinute), ToClock(campaign.Window.ToMinute), campaign.ConsumerPolicy, campaign.IncludesRoles,
        campaign.TracksClicks, campaign.TracksOpens, campaign.TrackingReach, campaign.Clock, campaign.Shape, campaign.SkipsHolidays);

    public static CampaignForm Of(IFormCollection form) => new(
        form.Text("name"), form.Text("template_id"), form.Text("list_id"), [.. form["mailboxes"].OfType<string>()], form.Text("window"), [.. form["day"].OfType<string>()],
        form.Text("from"), form.Text("to"), Enum.TryParse<ConsumerPolicy>(form.Text("consumer_policy"), true, out var policy) ? policy : ConsumerPolicy.Block,
        form.IsTicked("includes_roles"), form.IsTicked("tracks_clicks"), form.IsTicked("tracks_opens"), form.Text("tracking_reach") == "everywhere" ? TrackingReach.Everywhere : TrackingReach.OutsideEea,
        form.Text("clock") == "recipient" ? ClockOf.Recipient : ClockOf.Sender, DayShapes.Of(form.Text("shape")), form.IsTicked("skips_holidays"));

    /// <summary>Ids that are none become ids nobody has, so that the slice refuses them at their field.</summary>
    public SaveCampaign.Input ToInput() => new(
        Name, TemplateId.TryParse(Template, null, out var template) ? template : default, ListId.TryParse(List, null, out var list) ? list : default,
        [.. Mailboxes.Select(text => MailboxId.TryParse(text, null, out var id) ? id : default)],
        new SendWindow(Zone, Days.Aggregate(0, (bits, day) => day is [>= '0' and <= '6'] ? bits | (1 << (day[0] - '0')) : bits), Minute(From), Minute(To) is 0 ? 1440 : Minute(To)),
        ConsumerPolicy, IncludesRoles, TracksClicks, TracksOpens, TrackingReach, Clock, Shape, SkipsHolidays);

    /// <summary>"09:00"; 1440 is written 00:00, the end of the day.</summary>
    public static string ToClock(int minute) => string.Create(CultureInfo.InvariantCulture, $"{minute / 60 % 24:00}:{minute % 60:00}");

    static int Minute(string clock) =>
        TimeOnly.TryParse(clock, CultureInfo.InvariantCulture, out var time) ? time.Hour * 60 + time.Minute : -1;
}
