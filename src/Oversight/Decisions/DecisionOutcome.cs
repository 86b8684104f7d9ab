using Npgsql;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Decisions;

/// <summary>What was said of a decision's effect at its review date, kept with the version of the rules.</summary>
/// <param name="Through">First day of the last closed period looked at.</param>
/// <param name="Verdict">as_expected, less_than_expected, other_direction, no_effect_seen or not_enough_data.</param>
/// <param name="Expected">As the plan writes it.</param>
public sealed record DecisionOutcome(
    string Decision, DateOnly ReviewOn, DateOnly Through, string Kpi, string Verdict, string Expected, double? Before, double? After, double? Effect, double? Low, double? High, int PointsBefore, int PointsAfter, long CasesBefore, long CasesAfter,
    string Sentence, string Engine, PlanVersionId PlanVersion, DateTimeOffset JudgedAt)
{
    internal const string SelectNewest = """
        select distinct on (decision, review_on) decision, review_on, through, kpi, verdict, expected, level_before, level_after, effect, effect_low, effect_high, points_before, points_after, cases_before, cases_after,
          sentence, engine, plan_version_id, judged_at
        from oversight.decision_outcome
        where tenant_id = $1 and plan = $2
        order by decision, review_on, through desc
        limit 20000
        """;

    const string Insert = """
        insert into oversight.decision_outcome (tenant_id, plan, decision, review_on, through, kpi, verdict, expected, level_before, level_after, effect, effect_low, effect_high, points_before, points_after, cases_before,
          cases_after, sentence, engine, plan_version_id, judged_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
        on conflict (tenant_id, plan, decision, review_on, through) do nothing
        """;

    internal static DecisionOutcome Read(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetFieldValue<DateOnly>(1), row.GetFieldValue<DateOnly>(2), row.GetString(3), row.GetString(4), row.GetString(5), row.Maybe<double>(6), row.Maybe<double>(7), row.Maybe<double>(8), row.Maybe<double>(9),
        row.Maybe<double>(10), row.GetInt32(11), row.GetInt32(12), row.GetInt64(13), row.GetInt64(14), row.GetString(15), row.GetString(16), new(row.GetGuid(17)), row.GetFieldValue<DateTimeOffset>(18));

    internal void Write(TenantTx tx, string plan) => tx.Later(Insert, tx.Tenant, plan, Decision, ReviewOn, Through, Kpi, Verdict, Expected, Before, After, Effect, Low, High, PointsBefore, PointsAfter, CasesBefore, CasesAfter, Sentence, Engine, PlanVersion, JudgedAt);
}
