using PenguinMails.Compliance.Jurisdictions;
using PenguinMails.Delivery.Conversations;
using PenguinMails.Delivery.Guards;
using PenguinMails.Delivery.Limits;
using PenguinMails.Delivery.Queue;
using PenguinMails.Delivery.Routes;
using PenguinMails.Web.Parts;

namespace PenguinMails.Web.Pages.Sending;

/// <summary>Sending in words.</summary>
static class SendingWords
{
    public static readonly IReadOnlyList<(string Name, string Text)> Views = [("queue", "Queue"), ("guards", "Guards and back-off"), ("limits", "Limits"), ("warm-ups", "Warm-up")];

    static readonly string[] Acts = ["campaign_paused", "content_blocked", "mailbox_paused", "guard_paused", "route_stopped", "provider_halted", "account_halted", "platform_halted", "country_unknown"];

    /// <summary>The answer of the page in a sentence.</summary>
    public static string Verdict(ReadQueue.Output queue, IReadOnlyList<KeptGuard> guards, IReadOnlyList<ListRoutes.Line> routes)
    {
        var waiting = queue.Held.Sum(group => group.Messages);
        var paused = guards.Count(guard => guard.Level == GuardLevel.Pause) + routes.Count(route => route.Until is null);
        var people = queue.Held.Where(group => NeedsPerson(group.Code)).Sum(group => group.Messages);
        var first = waiting == 0 ? "Nothing waits." : $"{Many(waiting)} wait{(waiting == 1 ? "s" : "")}.";
        var second = paused > 0 ? $" {(paused == 1 ? "1 guard or route needs" : $"{paused} guards or routes need")} a person." : people > 0 ? $" {Many(people)} wait{(people == 1 ? "s" : "")} for a person." : waiting > 0 ? " Nobody needs to act." : "";
        return first + second;
    }

    /// <summary>Nothing moves before somebody acts, however often it is asked about.</summary>
    public static bool NeedsPerson(string code) => Acts.Contains(code) || code.StartsWith("consent_", StringComparison.Ordinal);

    /// <summary>What a group of waiting messages waits for.</summary>
    public static string Meaning(string code) => code switch
    {
        "" => "their turn",
        "window_closed" => "the campaign's send window",
        "campaign_paused" => "the campaign to be resumed",
        "provider_back_off" => "a provider that asked for less",
        "route_stopped" => "a provider that blocks until something is mended",
        "guard_paused" => "a guard to be resumed",
        "guard_slowed" => "tomorrow, because a guard halves",
        "account_halted" or "provider_halted" or "platform_halted" => "a stop to be lifted",
        "warm_up_budget" => "the next day of the warm-up",
        "daily_cap" => "room in their mailbox's daily cap",
        "entitlement_used_up" => "room in what the account's plan includes",
        "mailbox_paused" => "their mailbox to be resumed",
        "consent_lost" => "their mailbox to be connected again",
        "domain_unhealthy" => "their domain to be mended",
        "login_refused" or "tls_failed" or "server_refused" or "unreachable" or "connection_lost" => "their mailbox's server to take mail again",
        "secret_unavailable" => "the secret store",
        "holiday" => "the end of a public holiday",
        "recipient_away" => "the recipient to be back",
        "hour_share" => "the next hour, because mailboxes spread their day",
        "country_unknown" => "the recipient's country to be recorded",
        _ when code.StartsWith("consent_missing_", StringComparison.Ordinal) => $"consent of recipients in {Place(code)}",
        _ when code.StartsWith("consent_unproven_", StringComparison.Ordinal) => $"proof of consent of recipients in {Place(code)}",
        _ when code.StartsWith("consent_expired_", StringComparison.Ordinal) => $"consent anew of recipients in {Place(code)}",
        "content_blocked" => "their content to be let go",
        "limit_domain_provider" => "room in what a sending domain sends to a provider in an hour",
        _ when code.StartsWith("limit_", StringComparison.Ordinal) => $"room in a limit for the {code[6..]}",
        _ => Words.Plain(code),
    };

    static string Place(string code) => Country.Find(code[(code.LastIndexOf('_') + 1)..])?.Name ?? "countries that are not known";

    /// <summary>What a limit is for.</summary>
    public static string LimitOf(ListLimits.Line limit) => limit switch
    {
        { Key: "*", Scope: "domain_provider" } => "domain towards a provider",
        { Key: "*" } => limit.Scope,
        { Scope: "domain_provider" } => limit.Name.Replace("/", " to ", StringComparison.Ordinal),
        _ => $"{limit.Scope} {limit.Name}",
    };

    /// <summary>Where a limit comes from that nobody set.</summary>
    public static string DefaultOf(ListLimits.Line limit) => limit.Scope == "mailbox" ? "what its provider takes" : "while it warms up";

    public static Tone ToneOf(GuardLevel level) => level switch
    {
        GuardLevel.Pause => Tone.Bad,
        GuardLevel.Slow or GuardLevel.Warn => Tone.Warn,
        GuardLevel.Clear => Tone.Good,
    };

    public static Tone ToneOfRoute(string state) => state switch
    {
        "stopped" or "suspended" => Tone.Bad,
        "recovering" => Tone.Running,
        _ => Tone.Warn,
    };

    public static Tone ToneOfWarmUp(string phase, string band) => (phase, band) switch
    {
        ("paused", _) => Tone.Held,
        (_, "harmed") => Tone.Bad,
        ("backing_off", _) or (_, "strained" or "watch") => Tone.Warn,
        ("warm", _) => Tone.Good,
        _ => Tone.Running,
    };

    /// <summary>What conversations are written in.</summary>
    public static readonly IReadOnlyDictionary<string, string> Languages = new Dictionary<string, string> { ["en"] = "English", ["de"] = "German", ["fr"] = "French", ["es"] = "Spanish" };

    public static string Language(string code) => Languages.GetValueOrDefault(code, code);

    /// <summary>How the account takes part in the conversation pool, in a sentence.</summary>
    public static string PoolVerdict(ReadPool.Output pool)
    {
        if (!pool.IsOffered) return "The conversation pool is switched off on this installation: no mail is exchanged, and warm-ups work without it.";
        if (pool.JoinedAt is null) return "This account takes no part in the conversation pool, in which mailboxes of accounts that agreed write each other. Warm-ups work without it.";
        var on = pool.Mailboxes.Count(line => line.IsOn);
        var (found, junk) = (pool.Placements.Sum(place => place.Found), pool.Placements.Sum(place => place.InJunk));
        var first = on switch { 0 => "The account agreed, and no mailbox of this workspace takes part.", 1 => "1 mailbox takes part in the conversation pool.", _ => $"{on:N0} mailboxes take part in the conversation pool." };
        return on == 0 && found == 0 ? first : found == 0 ? $"{first} Nothing was found at the other end in 7 days." : $"{first} Of {found:N0} messages found at the other end in 7 days, {junk:N0} were in Junk.";
    }

    /// <summary>"12 (80 %)".</summary>
    public static string Share(long some, long of) => of == 0 ? "0" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{some:N0} ({100.0 * some / of:0} %)");

    /// <summary>"24 hours", "10 minutes".</summary>
    public static string Stretch(int seconds) => seconds switch
    {
        _ when seconds % 86_400 == 0 => Count(seconds / 86_400, "day"),
        _ when seconds % 3_600 == 0 => Count(seconds / 3_600, "hour"),
        _ when seconds % 60 == 0 => Count(seconds / 60, "minute"),
        _ => Count(seconds, "second"),
    };

    static string Count(int number, string unit) => number == 1 ? $"1 {unit}" : $"{number:N0} {unit}s";

    static string Many(long messages) => messages == 1 ? "1 message" : $"{(messages >= ReadQueue.LookedAtMax ? "More than " : "")}{messages:N0} messages";
}
