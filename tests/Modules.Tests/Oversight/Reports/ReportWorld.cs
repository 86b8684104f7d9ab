using System.Globalization;
using PenguinMails.Core;
using PenguinMails.Oversight;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Plans;
using PenguinMails.Oversight.Reports;

namespace PenguinMails.Modules.Tests.Oversight.Reports;

/// <summary>The account of a company with a plan and two years of figures, and what is asked of its reports.</summary>
sealed class ReportWorld(TestDatabase database)
{
    /// <summary>A plan that asks for two figures, slips, contradicts itself, and has a risk and an open decision.</summary>
    public const string Plan = """
        apiVersion: oversight.penguinmails/v1
        kind: Plan
        metadata: {name: northwind, title: Northwind Mail}
        spec: {defaultOwner: role:ceo, currency: USD, epochs: {launch: {date: 2026-06-30}}}
        ---
        kind: Metric
        metadata: {name: mrr, title: Recurring revenue}
        spec: {kpi: mrr, unit: USD/month, better: up}
        ---
        kind: Target
        metadata: {name: mrr-2026-q4}
        spec: {metric: mrr, quantity: {op: ge, value: 60000, unit: USD/month, at: 2026-12-31}}
        ---
        kind: Target
        metadata: {name: mrr-2026-q1}
        spec: {metric: mrr, quantity: {op: ge, value: 40000, unit: USD/month, at: 2026-03-31}}
        ---
        kind: Metric
        metadata: {name: uptime, title: Uptime}
        spec: {kpi: uptime, unit: percent, better: up}
        ---
        kind: Target
        metadata: {name: uptime-always}
        spec: {metric: uptime, quantity: {op: ge, value: 99.5, unit: percent}}
        ---
        kind: Target
        metadata: {name: uptime-contract}
        spec: {metric: uptime, quantity: {op: ge, value: 99.9, unit: percent, at: 2026-12-31}}
        ---
        kind: RoadmapItem
        metadata: {name: vault, title: Secret store}
        spec: {period: 2025-Q4, status: in_progress, priority: P0}
        ---
        kind: RoadmapItem
        metadata: {name: dashboards, title: Dashboards}
        spec: {period: 2026-Q1, status: done, priority: P1}
        ---
        kind: Risk
        metadata: {name: capacity, title: No capacity in the region}
        spec: {likelihood: 3, impact: 5, indicators: [{metric: uptime, trigger: worsening}], treatment: mitigate, reviewBy: 2026-06-30}
        ---
        kind: Decision
        metadata: {name: second-provider, title: Rent servers from a second provider}
        spec: {status: proposed, date: 2026-02}
        """;

    public TestClock Clock { get; } = new();

    public Actor Actor { get; } = Actor.System(database.NewTenant());

    public OversightSettings Company => new(Actor.Tenant);

    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Months up to February 2026, the last that is over.</summary>
    public static string Months(int count, Func<int, double> value) => "start,value\n" + string.Concat(Enumerable.Range(0, count).Select(i =>
        string.Create(CultureInfo.InvariantCulture, $"{new DateOnly(2026, 2, 1).AddMonths(i - count + 1):yyyy-MM-dd},{value(i):0.##}\n")));

    /// <summary>Weeks up to that of 23 February 2026.</summary>
    public static string Weeks(int count, Func<int, string> cells) => "start,num,den\n" + string.Concat(Enumerable.Range(0, count).Select(i =>
        string.Create(CultureInfo.InvariantCulture, $"{new DateOnly(2026, 2, 23).AddDays(7 * (i - count + 1)):yyyy-MM-dd},{cells(i)}\n")));

    public async Task Load(string kpi, string csv, string? currency = null)
    {
        var loaded = await LoadKpi.Handle(Actor, kpi, new(csv, "numbers.csv", currency), database.Db, Company, Clock, Ct);
        Assert.True(loaded.IsOk, $"{kpi}: {loaded.Problem?.Detail}");
    }

    // A figure the program counts itself: by week, as it is closed.
    async Task Write(string key, int weeks, Func<int, double> value)
    {
        var kpi = KpiCatalog.Find(key) ?? throw new InvalidOperationException(key);
        var monday = kpi.StartOf(DateOnly.FromDateTime(Clock.GetUtcNow().UtcDateTime));
        await using var tx = await database.Db.Begin(Actor.Tenant, Ct);
        await KpiBook.Write(tx, [.. Enumerable.Range(0, weeks).Select(i => (key, new KpiValue(monday.AddDays(7 * (i - weeks)), null, null, value(i), kpi.Unit, kpi.Version)))], null, Clock.GetUtcNow(), Ct);
        await tx.Commit(Ct);
    }

    public async Task Import(string plan)
    {
        var kept = await ImportPlan.Handle(Actor, new([new("plan.yaml", plan)]), database.Db, Clock, Ct);
        Assert.True(kept.IsOk, kept.Problem?.Detail);
    }

    /// <summary>Revenue with its movements, margin, churn, uptime that steps down, latency, surveys.</summary>
    public async Task Fill()
    {
        await Import(Plan);
        await Load("mrr", Months(24, i => 18_000 + 850 * i + 400 * (i % 3)), "USD");
        await Load("arr", Months(24, i => 12 * (18_000 + 850 * i + 400 * (i % 3))), "USD");
        foreach (var (kpi, share) in new[] { ("mrr_new", 2400.0), ("mrr_expansion", 700), ("mrr_reactivation", 120), ("mrr_contraction", 310), ("mrr_churn", 1660) }) await Load(kpi, Months(6, _ => share), "USD");
        await Load("gross_margin", Months(24, i => 81 + i % 4));
        await Load("cac", Months(24, i => 150 - i % 5 * 4), "USD");
        await Load("ltv_to_cac", Months(14, i => 3 + i % 3 * 0.2));
        await Load("nps", Months(9, i => 38 + i % 4));
        await Load("uptime", Weeks(60, i => i < 44 ? $"{10_066 + i % 4},10080" : $"{10_010 + i % 5},10080"));
        await Load("webhook_success", Weeks(40, i => $"{9_700 + 5 * i},10000"));
        await Write("api_p95", 40, i => 180 + (7 * (i % 6)));
        await Load("retention", Months(10, i => 0).Replace("start,value", "start,num,den", StringComparison.Ordinal).Replace(",0\n", ",88,100\n", StringComparison.Ordinal));
        await Load("csat", Months(18, i => 4.1 + i % 3 * 0.1));
    }

    public Task<Result<Report>> Build(ReportKind kind = ReportKind.Board, DateOnly? period = null, string? added = null, DateTimeOffset? cut = null) =>
        BuildReport.Handle(Actor, new(kind, period, added, cut), database.Db, Company, Clock, Ct);

    public async Task<ReportModel> Model(Report report) => (await ReadReport.Handle(Actor, report.Id, database.Db, Ct)).Value.Model;

    public Task<Result<ReadReport.Comparison>> Again(Report report) => ReadReport.Again(Actor, report.Id, database.Db, Company, Ct);
}
