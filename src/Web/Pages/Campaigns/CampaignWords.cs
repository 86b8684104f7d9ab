using PenguinMails.Campaigns.Campaigns;
using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Pacing;
using PenguinMails.Delivery.Queue;
using PenguinMails.Delivery.Tracking;
using PenguinMails.Web.Pages.Sending;
using PenguinMails.Web.Parts;

namespace PenguinMails.Web.Pages.Campaigns;

/// <summary>States, windows and findings of campaigns in words.</summary>
static class CampaignWords
{
    static readonly string[] DayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

    public static Tone ToneOf(CampaignState state) => state switch
    {
        CampaignState.Draft => Tone.Quiet,
        CampaignState.Launching => Tone.Running,
        CampaignState.Running => Tone.Running,
        CampaignState.Paused => Tone.Held,
        CampaignState.Completed => Tone.Good,
        CampaignState.Stopped => Tone.Held,
    };

    public static Tone ToneOf(MessageState state) => Words.ToneOf(state.Word());

    /// <summary>Why a message was dropped.</summary>
    public static string Unsent(string code) => code switch
    {
        "campaign_stopped" => "The campaign was stopped",
        "consent_withdrawn" => "The recipient took consent back",
        _ when code.StartsWith("suppressed_", StringComparison.Ordinal) => $"The recipient must not be mailed ({code["suppressed_".Length..]})",
        _ when code == "country_unknown" || code.StartsWith("consent_", StringComparison.Ordinal) => $"Waited in vain for {SendingWords.Meaning(code)}",
        _ => Words.Plain(code),
    };

    /// <summary>"Mon, Tue, Wed, Thu, Fri from 09:00 to 17:00, Europe/Berlin".</summary>
    public static string Of(SendWindow window) => (window.Days == 127 ? "every day" : string.Join(", ", DayNames.Where((_, day) => (window.Days & (1 << day)) != 0)))
        + (window is { FromMinute: 0, ToMinute: 1440 } ? " around the clock" : $" from {CampaignForm.ToClock(window.FromMinute)} to {CampaignForm.ToClock(window.ToMinute)}")
        + $", {window.Zone}";

    /// <summary>"clicks, of recipients outside the EEA".</summary>
    public static string Tracking(Campaign campaign) => (campaign.TracksClicks, campaign.TracksOpens) switch
    {
        (false, false) => "none",
        var (clicks, opens) => (clicks && opens ? "clicks and opens" : clicks ? "clicks" : "opens")
            + (campaign.TrackingReach == TrackingReach.Everywhere ? ", of everybody: with their consent" : ", of recipients known to be outside the EU and EEA"),
    };

    /// <summary>How a mailbox's day is spread.</summary>
    public static string Of(DayShape shape) => shape switch
    {
        DayShape.None => "as fast as cap and gap allow",
        DayShape.Flat => "every hour alike",
        DayShape.WorkingDay => "as people write: most before noon, again in the afternoon",
    };

    /// <summary>The page where a finding is mended.</summary>
    public static PageLink FixOf(Finding finding, Campaign campaign) => finding.Rule switch
    {
        "L-US-06" or "L-ALL-02" when !finding.Fix.StartsWith("Put {{", StringComparison.Ordinal) => new("Open workspace settings", "/workspaces/current"),
        "L-US-06" or "MSG-03" or "MSG-05" or "MSG-09" or "template.unresolved" => new("Edit the template", $"/templates/{campaign.TemplateId}"),
        "MBP-01" or "MBP-04" => new("Open domains", "/domains"),
        "mailbox.paused" or "mailbox.test_failed" => new("Open mailboxes", "/mailboxes"),
        "consent" => new("Open the contacts", $"/contacts?list={campaign.ListId}"),
        "list.empty" => new("Import contacts", "/imports/new"),
        _ => new("Edit the campaign", $"/campaigns/{campaign.Id}/edit"),
    };
}
