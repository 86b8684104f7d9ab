using System.Collections.Frozen;
using PenguinMails.Insight;
using static PenguinMails.Insight.Better;
using static PenguinMails.Insight.Grain;
using static PenguinMails.Insight.MetricKind;
using static PenguinMails.Oversight.Kpis.KpiSource;
using static PenguinMails.Oversight.Kpis.KpiTheme;

namespace PenguinMails.Oversight.Kpis;

/// <summary>Every KPI there is. A changed formula is a new version with its day and its reason, never an edit.</summary>
public static partial class KpiCatalog
{
    const int AnswersTakeDays = 7; // Answers and reports of a week come for about another one.

    static Kpi[] OfAccount() =>
    [
        new("acceptance", "Acceptance", Sending, KpiScope.Account, Facts, Rate, Up, Week, "percent", "messages sent and not bounced since ÷ messages sent, bounced or given up, by the week of their last attempt", "waiting, in doubt and dropped messages; test mails; mail of warm-ups", Materiality.Of(0.01))
            { DenominatorNoun = "messages", CloseDays = AnswersTakeDays, Rows = "/campaigns" },
        new("answer_rate", "Answer rate", Sending, KpiScope.Account, Facts, Rate, Up, Week, "percent", "messages a person answered ÷ messages sent, by the week they were sent", "automatic replies", Materiality.Of(0.005))
            { DenominatorNoun = "messages sent", CloseDays = AnswersTakeDays, Rows = "/campaigns" },
        new("bounce_rate", "Bounce rate", Sending, KpiScope.Account, Facts, Rate, Down, Week, "percent", "messages bounced, in the session or by a report ÷ messages sent or bounced, by the week of their last attempt", "deferrals that ended in acceptance", Materiality.Of(0.005))
            { DenominatorNoun = "messages", CloseDays = AnswersTakeDays, Rows = "/campaigns" },
        new("complaint_rate", "Complaint rate", Sending, KpiScope.Account, Facts, Rate, Down, Week, "percent", "messages reported as spam ÷ messages sent, by the week they were sent", "complaints of providers that report none", Materiality.Of(0.0005))
            { DenominatorMin = 1000, DenominatorNoun = "messages sent", CloseDays = AnswersTakeDays, Rows = "/campaigns" },
        new("unsubscribe_rate", "Unsubscribe rate", Sending, KpiScope.Account, Facts, Rate, Down, Week, "percent", "messages whose reader unsubscribed ÷ messages sent, by the week they were sent", "", Materiality.Of(0.002))
            { DenominatorNoun = "messages sent", CloseDays = AnswersTakeDays, Rows = "/suppressions" },
        new("volume", "Volume", Growth, KpiScope.Account, Facts, MetricKind.Count, Up, Week, "messages", "messages sent in the week", "mail of warm-ups and test mails", new(0, 0.1)) { IsPerWorkingDay = true, CloseDays = 1, Rows = "/campaigns" },
        new("campaign_success", "Campaign success", Reliability, KpiScope.Account, Facts, Rate, Up, Week, "percent", "campaigns whose first message was accepted within 15 minutes of the launch or of the next opening of the send window ÷ campaigns launched in the week", "campaigns stopped before anything was sent", Materiality.Of(0.05))
            { DenominatorMin = 20, DenominatorNoun = "campaigns", CloseDays = AnswersTakeDays, Rows = "/campaigns" },
        new("provisioning_in_time", "Provisioning in time", Reliability, KpiScope.Account, Facts, Rate, Up, Week, "percent", "set-ups of domains that became ready with at most 60 minutes of the platform's own time ÷ set-ups begun in the week that ended or are older than that", "time somebody outside was waited for; set-ups cancelled by a person", Materiality.Of(0.05))
            { DenominatorMin = 20, DenominatorNoun = "set-ups", CloseDays = AnswersTakeDays, Rows = "/provisionings" },
        new("domains", "Sending domains", Growth, KpiScope.Account, Facts, Level, Up, Week, "domains", "domains of the account at the end of the week", "domains removed meanwhile", new(1, 0.1)) { Rows = "/domains" },
        new("seats", "Seats", Growth, KpiScope.Account, Facts, Level, Up, Week, "people", "people who are members of the account at the end of the week", "invitations not accepted yet", new(1, 0.1)) { Rows = "/team" },
        new("active_people", "Active people", People, KpiScope.Account, Facts, Level, Up, Week, "people", "different people who changed something in the 28 days up to the end of the week", "API keys and the program itself; people who only looked", new(1, 0.1)) { Rows = "/activity" },
        new("features_used", "Core features used", People, KpiScope.Account, Facts, Level, Up, Week, "of 6 core features", "of campaigns, contacts, domains, mailboxes, servers and plans: how many were worked with in the 28 days up to the end of the week", "work of the program itself", new(1, 0)) { Rows = "/activity" },
        new("spend", "Spend", Finance, KpiScope.Account, Feed, MetricKind.Money, Down, Month, "", "what the account paid for sending, servers and data in the month", "", new(0, 0.05)),
        new("meetings", "Meetings won", Growth, KpiScope.Account, Feed, MetricKind.Count, Up, Month, "meetings", "meetings that came from answers, as your CRM counts them", "", new(0, 0.1)),
    ];

    /// <summary>In the order they are shown.</summary>
    public static IReadOnlyList<Kpi> All { get; } = [.. OfAccount(), .. OfCompany()];

    static readonly FrozenDictionary<string, Kpi> ByKey = All.ToFrozenDictionary(kpi => kpi.Key, StringComparer.Ordinal);

    /// <summary>Null for a key there is not.</summary>
    public static Kpi? Find(string key) => ByKey.GetValueOrDefault(key);

    /// <summary>What an account sees.</summary>
    /// <param name="isCompany">Whether it is the account of the company that runs the platform.</param>
    public static IEnumerable<Kpi> Of(bool isCompany) => All.Where(kpi => isCompany || kpi.Scope == KpiScope.Account);
}
