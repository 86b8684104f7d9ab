using PenguinMails.Insight;
using PenguinMails.Oversight.Kpis;

namespace PenguinMails.Modules.Tests.Oversight.Kpis;

/// <summary>Every definition is whole, so that a page, a verdict and a report can rest on it.</summary>
public sealed class KpiCatalogTests
{
    public static TheoryData<string> Keys => [.. KpiCatalog.All.Select(kpi => kpi.Key)];

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_passport_has_no_blanks(string key)
    {
        var kpi = KpiCatalog.Find(key) ?? throw new InvalidOperationException();
        Assert.Matches("^[a-z][a-z0-9_]{2,40}$", kpi.Key);
        Assert.True(kpi.Name.Length > 2 && char.IsUpper(kpi.Name[0]), kpi.Name);
        Assert.True(kpi.Formula.Length > 10, kpi.Formula);
        Assert.Equal(kpi.Kind == MetricKind.Money, kpi.Unit.Length == 0); // The currency comes with the values.
        Assert.True(kpi.Kind != MetricKind.Rate || kpi is { Unit: "percent", DenominatorNoun: not "counted" });
        Assert.True(kpi.Materiality.Absolute > 0 || kpi.Materiality.Relative > 0);
        Assert.True(kpi.Source == KpiSource.Feed ? kpi.Rows is null : kpi.Scope == KpiScope.Company || kpi.Rows is not null);
        Assert.Contains(kpi.Grain, new[] { Grain.Week, Grain.Month });
        Assert.Equal(Enumerable.Range(1, kpi.Versions.Count), kpi.Versions.Select(version => version.Number));
        Assert.Equal(kpi.Versions.Select(version => version.Since).Order(), kpi.Versions.Select(version => version.Since));
    }

    [Fact]
    public void Keys_are_unique_and_the_figures_a_board_asks_for_are_there()
    {
        Assert.Equal(KpiCatalog.All.Count, KpiCatalog.All.DistinctBy(kpi => kpi.Key).Count());
        Assert.All(new[] { "mrr", "arr", "gross_churn", "net_revenue_retention", "gross_revenue_retention", "cac", "ltv", "ltv_to_cac", "gross_margin", "deliverability", "complaint_rate", "uptime", "campaign_success", "provisioning_in_time",
            "first_value_in_time", "volume", "nps", "csat", "retention", "feature_adoption", "monthly_active_users", "platform_domains", "platform_seats", "upgrade_rate", "api_p95", "webhook_success" }, key => Assert.NotNull(KpiCatalog.Find(key)));
        Assert.Null(KpiCatalog.Find("MRR"));
    }

    [Fact]
    public void A_period_is_closed_when_what_belongs_to_it_is_there()
    {
        var answers = KpiCatalog.Find("answer_rate") ?? throw new InvalidOperationException();
        var monday = new DateOnly(2026, 11, 2);
        Assert.False(answers.IsClosed(monday, new DateOnly(2026, 11, 15)));
        Assert.True(answers.IsClosed(monday, new DateOnly(2026, 11, 16))); // A week after its Sunday.
        Assert.Equal(monday, answers.StartOf(new DateOnly(2026, 11, 8)));
        var revenue = KpiCatalog.Find("mrr") ?? throw new InvalidOperationException();
        Assert.Equal(new DateOnly(2026, 2, 1), revenue.StartOf(new DateOnly(2026, 2, 28)));
        Assert.Equal(new DateOnly(2026, 2, 28), revenue.EndOf(new DateOnly(2026, 2, 1)));
    }
}
