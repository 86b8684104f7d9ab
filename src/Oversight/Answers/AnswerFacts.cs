using PenguinMails.Delivery.Guards;
using PenguinMails.Fleet.Provisionings;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Lint;
using PenguinMails.Oversight.Plans;
using PenguinMails.Oversight.Reports;
using PenguinMails.Oversight.Scenarios;

namespace PenguinMails.Oversight.Answers;

/// <summary>What answers are made of, read once for all of them.</summary>
/// <param name="IsCompany">Whether the account is that of the company that runs the platform: it alone has recurring revenue and the platform's own figures.</param>
/// <param name="Findings">Of the linter, on the newest plan; null without one.</param>
/// <param name="Now">Counts by receiving provider of the last 28 days.</param>
/// <param name="Before">Those of the 28 days before.</param>
sealed record AnswerFacts(
    bool IsCompany, DateOnly Today, IReadOnlyList<Kpi> Kpis, ILookup<string, KpiValue> Values, IReadOnlyDictionary<string, KpiVerdict> Verdicts, Plan? Plan, PlanVersion? Version, IReadOnlyList<Finding>? Findings,
    IReadOnlyList<Reach> Reaches, IReadOnlyList<ProviderCounts> Now, IReadOnlyList<ProviderCounts> Before, Report? Newest, ReportModel? NewestModel)
{
    /// <summary>The account's own, begun in the last 84 days.</summary>
    public IReadOnlyList<SetUp> SetUps { get; init; } = [];

    public static Kpi Kpi(string key) => KpiCatalog.Find(key) ?? throw new InvalidOperationException($"There is no KPI {key}.");

    public List<KpiValue> Closed(string key) => [.. Values[key].Where(value => Kpi(key).IsClosed(value.Start, Today))];

    public KpiValue? Last(string key) => Closed(key).LastOrDefault(value => value.Observed is not null);

    public static string Shown(string key, KpiValue value) => $"{FigureText.Amount(Kpi(key), FigureText.Scaled(Kpi(key), value.Observed.GetValueOrDefault()), value.Unit)}, {FigureText.Period(Kpi(key), value.Start)}";
}
