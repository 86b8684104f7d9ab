using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Reports;

/// <summary>Everything a report is made of: the same facts make the same report.</summary>
/// <param name="From">First day of the period.</param>
/// <param name="Cut">Values and verdicts written later are not among the facts.</param>
/// <param name="Verdicts">By KPI: the newest one of a period within the report's, or before.</param>
/// <param name="Plan">Null while the account has none.</param>
/// <param name="Before">The version before it.</param>
/// <param name="Earlier">Outlooks of the last six reports of this kind about earlier periods.</param>
/// <param name="Written">Sentences a person adds.</param>
sealed record ReportFacts(
    ReportKind Kind, DateOnly From, DateTimeOffset Cut, IReadOnlyList<Kpi> Kpis, ILookup<string, KpiValue> Values, IReadOnlyDictionary<string, KpiVerdict> Verdicts, Plan? Plan, PlanVersion? Version, Plan? Before,
    IReadOnlyList<Outlook> Earlier, IReadOnlyList<string> Written, IReadOnlyList<BudgetLine> Budget)
{
    public DateOnly Today => DateOnly.FromDateTime(Cut.UtcDateTime);

    public DateOnly To => ReportPeriods.EndOf(Kind, From);

    /// <summary>Closed periods up to the report's, oldest first. A week belongs to the month it begins in.</summary>
    public IEnumerable<KpiValue> Closed(Kpi kpi) => Values[kpi.Key].Where(value => value.Start <= To && kpi.IsClosed(value.Start, Today));
}

/// <summary>Reads the facts of a report as of its data cut.</summary>
static class ReadReportFacts
{
    const int EarlierReports = 6;

    const string SelectValues = """
        select kpi, start, numerator, denominator, value, unit, version
        from (
          select kpi, start, numerator, denominator, value, unit, version
          from oversight.kpi_value
          where tenant_id = $1 and start >= $2 and computed_at <= $3
          union all
          select kpi, start, numerator, denominator, value, unit, version
          from oversight.kpi_value_before
          where tenant_id = $1 and start >= $2 and computed_at <= $3 and replaced_at > $3
        ) as known
        order by kpi, start
        limit 20000
        """;

    const string SelectVerdicts = """
        select distinct on (kpi) kpi, through, direction, announced, pending, shape, confidence, assurance, is_special, level, from_value, to_value, sentence, points_missing, trials_missing, opens_on,
          limit_low, limit_high, centre, since, engine, version, evidence, judged_at
        from (
          select kpi, through, direction, announced, pending, shape, confidence, assurance, is_special, level, from_value, to_value, sentence, points_missing, trials_missing, opens_on,
            limit_low, limit_high, centre, since, engine, version, evidence, judged_at
          from oversight.kpi_verdict
          where tenant_id = $1 and through <= $2 and judged_at <= $3
          union all
          select kpi, through, direction, announced, pending, shape, confidence, assurance, is_special, level, from_value, to_value, sentence, points_missing, trials_missing, opens_on,
            limit_low, limit_high, centre, since, engine, version, evidence, judged_at
          from oversight.kpi_verdict_before
          where tenant_id = $1 and through <= $2 and judged_at <= $3 and replaced_at > $3
        ) as known
        order by kpi, through desc
        limit 200
        """;

    const string SelectPlan = """
        select id, plan, number, sha256, objects, errors, warnings, imported_by, imported_at
        from oversight.plan_version
        where tenant_id = $1 and imported_at <= $2 and ($3::uuid is null or id = $3)
        order by imported_at desc, number desc
        limit 1
        """;

    const string SelectBefore = """
        select id, plan, number, sha256, objects, errors, warnings, imported_by, imported_at
        from oversight.plan_version
        where tenant_id = $1 and plan = $2 and number < $3
        order by number desc
        limit 1
        """;

    const string SelectEarlier = """
        select model
        from (
          select distinct on (period) period, model
          from oversight.report
          where tenant_id = $1 and kind = $2 and period < $3 and built_at <= $4
          order by period desc, built_at desc
          limit 6
        ) as newest
        order by period
        limit 6
        """;

    /// <param name="plan">The version to build from; null: the newest one at the cut.</param>
    public static async Task<ReportFacts> Within(TenantTx tx, ReportKind kind, DateOnly from, DateTimeOffset cut, PlanVersionId? plan, IReadOnlyList<string> written, bool isCompany, CancellationToken ct)
    {
        var to = ReportPeriods.EndOf(kind, from);
        var values = await tx.List(SelectValues, row => (Kpi: row.GetString(0), Value: new KpiValue(row.GetFieldValue<DateOnly>(1), row.Maybe<long>(2), row.Maybe<long>(3), row.Maybe<double>(4), row.GetString(5), row.GetInt16(6))),
            ct, tx.Tenant, to.AddYears(-2).AddDays(-14), cut);
        var verdicts = await tx.List(SelectVerdicts, KpiVerdict.Read, ct, tx.Tenant, to, cut);
        var current = await tx.Maybe(SelectPlan, ListPlanVersions.Read, ct, tx.Tenant, cut, plan?.Value) is { } newest ? await CurrentPlan.Open(tx, newest, ct) : null;
        var compared = current is not null && await tx.Maybe(SelectBefore, ListPlanVersions.Read, ct, tx.Tenant, current.Version.Plan, current.Version.Number) is { } before ? await CurrentPlan.Open(tx, before, ct) : null;
        var earlier = await tx.List(SelectEarlier, row => Json.Read<ReportModel>(row.GetString(0)).Outlooks, ct, tx.Tenant, ReportPeriods.Word(kind), from, cut);
        var facts = new ReportFacts(kind, from, cut, [.. KpiCatalog.Of(isCompany)], values.ToLookup(one => one.Kpi, one => one.Value, StringComparer.Ordinal),
            verdicts.ToDictionary(verdict => verdict.Kpi, StringComparer.Ordinal), current?.Plan, current?.Version, compared?.Plan, [.. earlier.TakeLast(EarlierReports).SelectMany(outlooks => outlooks)], written, []);
        if (kind != ReportKind.Finance) return facts;
        return facts with { Budget = await BudgetFacts.Within(tx, current, from, cut, kpi => [.. facts.Closed(kpi)], ct) };
    }
}
