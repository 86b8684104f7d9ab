using PenguinMails.Compliance.Jurisdictions;
using PenguinMails.Delivery.Decisions;
using PenguinMails.Delivery.Pacing;
using PenguinMails.Delivery.Queue;
using PenguinMails.House.Tests;

namespace PenguinMails.Modules.Tests.Delivery.Decisions;

/// <summary>Each exit of the checklist by itself, and the order when everything speaks against a message at once.</summary>
public sealed class ChecklistTests
{
    static readonly DateTimeOffset Now = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero); // A Monday.
    static readonly DateTimeOffset Later = Now.AddHours(3);
    static readonly SenderFacts Sender = new(null, null, null, false, "", null, null, new UsageFact(50, 10, Now.AddHours(-5), null), null);
    static readonly MessageFacts Message = new("running", null, null, "", null, null, RecipientWindow.Always, Now, 0, null);
    static readonly HaltFact Halt = new("account", "", "We look into a complaint.", Now);
    static readonly HolidayCalendar MarchHoliday = new("XX", "Nowhere", ["03-02"], [], [], HolidayMoved.Never, "", default);

    static ConsentFault? Fault(string country, LawfulBasis basis) => ConsentRule.Judge(new(country, RecipientKind.Employee, basis), ConsentPolicy.Default, new(2026, 3, 2));

    static readonly SendWindow Afternoon = new("Etc/UTC", 127, 12 * 60, 17 * 60);

    /// <summary>Name, facts of the mailbox, facts of the message, and what is decided, in the order of the steps.</summary>
    static readonly (Func<SenderFacts, SenderFacts> Sender, Func<MessageFacts, MessageFacts> Message, DecisionStep Step, string Code, DateTimeOffset? Until, bool IsFinal)[] Exits =
    [
        (s => s with { Halt = Halt with { Scope = "platform" } }, m => m, DecisionStep.Halted, "platform_halted", null, false),
        (s => s with { Halt = Halt }, m => m, DecisionStep.Halted, "account_halted", null, false),
        (s => s, m => m with { CampaignState = "stopped" }, DecisionStep.Halted, "campaign_stopped", null, true),
        (s => s, m => m with { CampaignState = "paused" }, DecisionStep.Halted, "campaign_paused", null, false),
        (s => s, m => m with { Halt = Halt with { Scope = "provider", Target = "google" } }, DecisionStep.Halted, "provider_halted", null, false),
        (s => s, m => m with { SuppressedBy = "complaint" }, DecisionStep.Suppressed, "suppressed_complaint", null, true),
        (s => s, m => m with { Consent = Fault("CA", LawfulBasis.None) }, DecisionStep.Consent, "consent_missing_ca", null, false),
        (s => s, m => m with { Consent = Fault("DE", LawfulBasis.Express) }, DecisionStep.Consent, "consent_unproven_de", null, false),
        (s => s, m => m with { Consent = ConsentRule.Judge(new("GB", RecipientKind.Individual, LawfulBasis.Express, null, new(2026, 3, 1), true), ConsentPolicy.Default, new(2026, 3, 2)) }, DecisionStep.Consent, "consent_expired_gb", null, false),
        (s => s, m => m with { Consent = ConsentRule.Judge(ConsentRecord.Unknown, new(UnknownCountry.Hold, ""), new(2026, 3, 2)) }, DecisionStep.Consent, "country_unknown", null, false),
        (s => s, m => m with { Consent = ConsentRule.Judge(ConsentRecord.Unknown with { IsWithdrawn = true }, ConsentPolicy.Default, new(2026, 3, 2)) }, DecisionStep.Consent, "consent_withdrawn", null, true),
        (s => s, m => m with { ContentFault = "It names a phishing site." }, DecisionStep.Content, "content_blocked", null, false),
        (s => s with { Entitlement = new("plan", "*", Later) }, m => m, DecisionStep.Entitlement, "entitlement_used_up", Later, false),
        (s => s with { DomainFault = "example.com is on a list." }, m => m, DecisionStep.DomainHealth, "domain_unhealthy", null, false),
        (s => s with { IsPaused = true }, m => m, DecisionStep.MailboxHealth, "mailbox_paused", null, false),
        (s => s with { Trouble = "consent_lost" }, m => m, DecisionStep.MailboxHealth, "consent_lost", null, false),
        (s => s with { Trouble = "login_refused", TroubleUntil = Later }, m => m, DecisionStep.MailboxHealth, "login_refused", Later, false),
        (s => s with { Guard = new("mailbox", "a", "9 of 100 bounced, so it is paused.", true) }, m => m, DecisionStep.Guard, "guard_paused", null, false),
        (s => s, m => m with { Guard = new("campaign", "c", "9 of 100 bounced, so it is paused.", true) }, DecisionStep.Guard, "guard_paused", null, false),
        (s => s, m => m with { Guard = new("provider", "google", "Half as much is sent.", false), IsInHalf = false }, DecisionStep.Guard, "guard_slowed", new DateTimeOffset(Now.Date, TimeSpan.Zero).AddDays(1), false),
        (s => s, m => m with { Route = new("Google asked for rest after 4.7.28.", Later) }, DecisionStep.ProviderBackOff, "provider_back_off", Later, false),
        (s => s, m => m with { Route = new("Google blocks the address for spam.", null) }, DecisionStep.ProviderBackOff, "route_stopped", null, false),
        (s => s, m => m with { DueAt = Later }, DecisionStep.Caps, "not_due", Later, false),
        (s => s, m => m with { DueAt = Later, Attempt = 1 }, DecisionStep.Caps, "retry_later", Later, false),
        (s => s, m => m with { When = RecipientWindow.Always with { Window = Afternoon } }, DecisionStep.Caps, "window_closed", Later, false),
        (s => s, m => m with { When = new(SendWindow.Always, false, DayShape.None, MarchHoliday, "Etc/UTC") }, DecisionStep.Caps, "holiday", new DateTimeOffset(2026, 3, 3, 0, 0, 0, TimeSpan.Zero), false),
        (s => s, m => m with { AwayUntil = new(2026, 3, 6) }, DecisionStep.Caps, "recipient_away", new DateTimeOffset(2026, 3, 7, 0, 0, 0, TimeSpan.Zero), false),
        (s => s, m => m with { Hour = new(12, 12, Later) }, DecisionStep.Caps, "hour_share", Later, false),
        (s => s, m => m with { Limit = new("company", "firm.example", Later) }, DecisionStep.Caps, "limit_company", Later, false),
        (s => s with { Usage = new(50, 50, Now.AddHours(-21), null) }, m => m, DecisionStep.Caps, "daily_cap", Later, false),
        (s => s with { Usage = s.Usage with { GapEnds = Later } }, m => m, DecisionStep.Caps, "gap", Later, false),
        (s => s with { WarmUp = new("mailbox", "a@example.com", 8, 8, Later) }, m => m, DecisionStep.WarmUp, "warm_up_budget", Later, false),
    ];

    public static TheoryData<int> AllExits => [.. Enumerable.Range(0, Exits.Length)];

    [Fact]
    public void Nothing_against_it_is_sent() => Assert.True(Checklist.Decide(Sender, Message, Now).IsGo);

    [Theory]
    [MemberData(nameof(AllExits))]
    public void Every_exit_names_itself_and_when_it_is_asked_again(int exit)
    {
        var (sender, message, step, code, until, isFinal) = Exits[exit];
        var decision = Checklist.Decide(sender(Sender), message(Message), Now);
        Assert.Equal((step, code, until, isFinal), (decision.Step, decision.Code, decision.Until, decision.IsFinal));
        Assert.True(decision.Reason.Length > 20 && decision.Reason.EndsWith('.'), decision.Reason);
    }

    /// <summary>Whatever else speaks against it, the earlier question decides: for every pair of exits.</summary>
    [Fact]
    public void The_earlier_question_decides()
    {
        for (var first = 0; first < Exits.Length; first++)
            for (var second = first + 1; second < Exits.Length; second++)
            {
                if (Exits[first].Step == Exits[second].Step) continue;
                var decision = Checklist.Decide(Exits[first].Sender(Exits[second].Sender(Sender)), Exits[first].Message(Exits[second].Message(Message)), Now);
                Assert.Equal(Exits[first].Step, decision.Step);
            }
    }

    [Fact]
    public void A_time_that_came_is_no_reason()
    {
        Assert.True(Checklist.Decide(Sender with { Trouble = "unreachable", TroubleUntil = Now, Usage = Sender.Usage with { GapEnds = Now } }, Message with { DueAt = Now }, Now).IsGo);
        Assert.True(Checklist.Decide(Sender with { WarmUp = new("mailbox", "a@example.com", 8, 7, Later) }, Message, Now).IsGo);
    }

    /// <summary>The page that lists the codes has each of them, and no other.</summary>
    [Fact]
    public void The_drawn_list_has_every_code()
    {
        var page = Tree.TextOf("docs/states/decision.md")!;
        var listed = page.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('`')[1]).ToList();
        var codes = Exits.Select(exit => exit.Code).Where(code => !code.StartsWith("suppressed_", StringComparison.Ordinal) && !code.StartsWith("limit_", StringComparison.Ordinal))
            .Select(code => ConsentRule.Codes.Contains(code) && code != "country_unknown" ? code[..(code.LastIndexOf('_') + 1)] + "…" : code);
        Assert.Equal([.. codes.Append("suppressed_…").Append("limit_…").Append("send").Distinct().Order(StringComparer.Ordinal)], listed.Order(StringComparer.Ordinal).Where(code => !TroubleWords.Contains(code)));
    }

    static readonly string[] TroubleWords = ["tls_failed", "server_refused", "unreachable", "connection_lost", "secret_unavailable", "mailbox_gone"];
}
