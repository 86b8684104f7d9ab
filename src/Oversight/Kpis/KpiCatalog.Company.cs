using PenguinMails.Insight;
using static PenguinMails.Insight.Better;
using static PenguinMails.Insight.Grain;
using static PenguinMails.Insight.MetricKind;
using static PenguinMails.Oversight.Kpis.KpiSource;
using static PenguinMails.Oversight.Kpis.KpiTheme;

namespace PenguinMails.Oversight.Kpis;

/// <summary>KPIs of the company that runs the platform. From accounts it sees counts and shrunk rates, never a row.</summary>
public static partial class KpiCatalog
{
    const KpiScope Platform = KpiScope.Company;

    static Kpi[] OfCompany() =>
    [
        new("deliverability", "Deliverability", Sending, Platform, Facts, Level, Up, Week, "percent", "mean over accounts of their acceptance, each drawn towards the mean of all by how little it sent (beta-binomial empirical Bayes)", "accounts that sent nothing in the week; inbox placement, which needs a panel, so this is acceptance", Materiality.Of(1)) { CloseDays = AnswersTakeDays },
        new("platform_volume", "Volume of all accounts", Growth, Platform, Facts, MetricKind.Count, Up, Week, "messages", "messages sent in the week by all accounts", "mail of warm-ups and test mails", new(0, 0.1)) { IsPerWorkingDay = true, CloseDays = 1 },
        new("platform_campaign_success", "Campaign success of all accounts", Reliability, Platform, Facts, Rate, Up, Week, "percent", "as campaign success, added up over accounts", "", Materiality.Of(0.05)) { DenominatorMin = 20, DenominatorNoun = "campaigns", CloseDays = AnswersTakeDays },
        new("platform_provisioning_in_time", "Provisioning in time of all accounts", Reliability, Platform, Facts, Rate, Up, Week, "percent", "as provisioning in time, added up over accounts", "", Materiality.Of(0.05)) { DenominatorMin = 20, DenominatorNoun = "set-ups", CloseDays = AnswersTakeDays },
        new("first_value_in_time", "First value in 48 hours", People, Platform, Facts, Rate, Up, Week, "percent", "accounts opened in the week that had a reply or 100 accepted messages within 48 hours ÷ accounts opened in the week", "", Materiality.Of(0.05)) { DenominatorMin = 20, DenominatorNoun = "accounts", CloseDays = 3 },
        new("feature_adoption", "Feature adoption", People, Platform, Facts, Rate, Up, Week, "percent", "accounts at least 14 days old that worked with two core features or more in 28 days ÷ accounts at least 14 days old", "", Materiality.Of(0.05)) { DenominatorMin = 20, DenominatorNoun = "accounts" },
        new("monthly_active_users", "Monthly active users", People, Platform, Facts, Level, Up, Week, "people", "different people of all accounts who changed something in the 28 days up to the end of the week; one in two accounts counts twice", "API keys and the program itself", new(1, 0.1)),
        new("platform_domains", "Domains of all accounts", Growth, Platform, Facts, Level, Up, Week, "domains", "as sending domains, added up over accounts", "", new(1, 0.1)),
        new("platform_seats", "Seats of all accounts", Growth, Platform, Facts, Level, Up, Week, "people", "as seats, added up over accounts", "", new(1, 0.1)),
        new("accounts", "Accounts", Growth, Platform, Facts, Level, Up, Week, "accounts", "accounts at the end of the week", "", new(1, 0.1)),
        new("mrr", "Monthly recurring revenue", Finance, Platform, Feed, MetricKind.Money, Up, Month, "", "active paid subscriptions at the end of the month, recurring price net of recurring discounts and tax, ÷ months of their interval", "trials, one-off charges, overage, refunds", new(0, 0.05)),
        new("arr", "Annual recurring revenue", Finance, Platform, Feed, MetricKind.Money, Up, Month, "", "12 × monthly recurring revenue", "", new(0, 0.05)),
        new("mrr_new", "New recurring revenue", Finance, Platform, Feed, MetricKind.Money, Up, Month, "", "monthly recurring revenue of customers who began to pay in the month", "customers who came back", new(0, 0.1)),
        new("mrr_expansion", "Expansion revenue", Finance, Platform, Feed, MetricKind.Money, Up, Month, "", "monthly recurring revenue added in the month by customers who paid at its start", "", new(0, 0.1)),
        new("mrr_reactivation", "Reactivated revenue", Finance, Platform, Feed, MetricKind.Money, Up, Month, "", "monthly recurring revenue of customers who came back in the month", "", new(0, 0.1)),
        new("mrr_contraction", "Contraction revenue", Finance, Platform, Feed, MetricKind.Money, Down, Month, "", "monthly recurring revenue lost in the month from customers who stayed", "", new(0, 0.1)),
        new("mrr_churn", "Churned revenue", Finance, Platform, Feed, MetricKind.Money, Down, Month, "", "monthly recurring revenue of customers who left in the month", "", new(0, 0.1)),
        new("gross_churn", "Gross revenue churn", Finance, Platform, Feed, Rate, Down, Month, "percent", "revenue churned and contracted in the month ÷ revenue at its start, in minor units", "new and reactivated revenue", Materiality.Of(0.01)) { DenominatorNoun = "minor units of revenue" },
        new("net_revenue_retention", "Net revenue retention", Finance, Platform, Feed, Level, Up, Month, "percent", "100 × (revenue at start + expansion + reactivation − contraction − churn) ÷ revenue at start", "new customers", Materiality.Of(1)),
        new("gross_revenue_retention", "Gross revenue retention", Finance, Platform, Feed, Level, Up, Month, "percent", "100 × (1 − gross revenue churn)", "", Materiality.Of(1)),
        new("cac", "Cost of a new customer", Finance, Platform, Feed, MetricKind.Money, Down, Month, "", "all spend on sales and marketing over three months ÷ new paying customers of the same months", "", new(0, 0.1)),
        new("ltv", "Lifetime value", Finance, Platform, Feed, MetricKind.Money, Up, Month, "", "revenue per account × gross margin ÷ monthly churn", "", new(0, 0.1)),
        new("ltv_to_cac", "Lifetime value to cost", Finance, Platform, Feed, Level, Up, Month, "times", "lifetime value ÷ cost of a new customer", "", new(0.2, 0)),
        new("gross_margin", "Gross margin", Finance, Platform, Feed, Level, Up, Month, "percent", "100 × (revenue − cost of goods sold) ÷ revenue; the cost is every row marked so: servers, DNS, addresses, bandwidth, payment fees, support", "", Materiality.Of(1)),
        new("uptime", "Uptime", Reliability, Platform, Feed, Rate, Up, Week, "percent", "minutes in which two of three regions reached the platform ÷ minutes", "", Materiality.Of(0.0005)) { DenominatorNoun = "minutes" },
        new("api_p95", "API latency, 95th percentile", Reliability, Platform, Facts, Duration, Down, Week, "ms", "the time within which 95 of 100 requests to the API in the week were answered, whatever the answer, from their arrival at the program to the end of the answer, counted in steps of 5 %", "the network; weeks with fewer than 1,000 requests", new(5, 0.1))
        {
            Versions = [new(1, new DateOnly(2026, 11, 26), "First definition, from a feed."), new(2, new DateOnly(2026, 11, 27), "Counted by the program; what was loaded before was measured elsewhere.")],
        },
        new("webhook_success", "Webhook success", Reliability, Platform, Feed, Rate, Up, Week, "percent", "events answered with 2xx within 24 hours of retries ÷ events", "", Materiality.Of(0.005)) { DenominatorNoun = "events" },
        new("nps", "Net promoter score", People, Platform, Feed, Level, Up, Month, "points", "100 × (promoters − detractors) ÷ answers", "months with fewer than 30 answers", Materiality.Of(5)),
        new("csat", "Satisfaction", People, Platform, Feed, Level, Up, Month, "of 5", "mean of the answers from 1 to 5", "months with fewer than 30 answers", Materiality.Of(0.1)),
        new("retention", "Retention", People, Platform, Feed, Rate, Up, Month, "percent", "customers of 12 months ago who still pay ÷ customers of 12 months ago", "customers younger than 12 months", Materiality.Of(0.02)) { DenominatorMin = 20, DenominatorNoun = "customers" },
        new("upgrade_rate", "Upgrades to enterprise", Growth, Platform, Feed, Rate, Up, Month, "percent", "small accounts that moved to an enterprise plan in the quarter so far ÷ small accounts at its start", "", Materiality.Of(0.01)) { DenominatorMin = 20, DenominatorNoun = "accounts" },
    ];
}
