using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Insight;

namespace PenguinMails.Oversight.Kpis;

/// <summary>The numbers behind a verdict that can be recomputed from the stored values; null where they do not apply.</summary>
public sealed record KpiEvidence(double? MannKendallP, double? PreWhitenedP, double? LagOne, int Points, long Denominator, double Coverage, int RuleBreaks, double? Target)
{
    internal static KpiEvidence Of(Evidence evidence) => new(
        Number(evidence.MannKendall?.P), Number(evidence.PreWhitened?.P), Number(evidence.LagOne), evidence.Gate.Points, evidence.Gate.Denominator, evidence.Gate.Coverage, evidence.Rules.Count, Number(evidence.TargetNow));

    static double? Number(double? value) => value is { } known && double.IsFinite(known) ? known : null;
}

/// <summary>What was judged of a KPI when a period closed.</summary>
/// <param name="Through">First day of the last closed period it looks at.</param>
/// <param name="Direction">What this evaluation says.</param>
/// <param name="Announced">What people are told: another direction only after two evaluations in a row say so.</param>
/// <param name="PointsMissing">Further closed periods needed; 0 when there are enough.</param>
/// <param name="OpensOn">Day on which there will be enough at this pace; null when there is, or never.</param>
public sealed record KpiVerdict(
    string Kpi, DateOnly Through, Direction Direction, Direction Announced, Direction? Pending, string Shape, string Confidence, Assurance Assurance, bool IsSpecial, double? Level, double? From, double? To,
    string Sentence, int PointsMissing, long TrialsMissing, DateOnly? OpensOn, double? LimitLow, double? LimitHigh, double? Centre, DateOnly? Since, string Engine, int Version, KpiEvidence Evidence, DateTimeOffset JudgedAt)
{
    internal const string SelectLatest = """
        select distinct on (kpi) kpi, through, direction, announced, pending, shape, confidence, assurance, is_special, level, from_value, to_value, sentence, points_missing, trials_missing, opens_on,
          limit_low, limit_high, centre, since, engine, version, evidence, judged_at
        from oversight.kpi_verdict
        where tenant_id = $1 and ($2::text is null or kpi = $2)
        order by kpi, through desc
        limit 200
        """;

    internal const string SelectHistory = """
        select kpi, through, direction, announced, pending, shape, confidence, assurance, is_special, level, from_value, to_value, sentence, points_missing, trials_missing, opens_on,
          limit_low, limit_high, centre, since, engine, version, evidence, judged_at
        from oversight.kpi_verdict
        where tenant_id = $1 and kpi = $2
        order by through desc
        limit 110
        """;

    internal const string Upsert = """
        insert into oversight.kpi_verdict (tenant_id, kpi, through, direction, announced, pending, shape, confidence, assurance, is_special, level, from_value, to_value, sentence, points_missing, trials_missing,
          opens_on, limit_low, limit_high, centre, since, engine, version, evidence, judged_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)
        on conflict (tenant_id, kpi, through) do update
        set direction = excluded.direction, announced = excluded.announced, pending = excluded.pending, shape = excluded.shape, confidence = excluded.confidence, assurance = excluded.assurance,
          is_special = excluded.is_special, level = excluded.level, from_value = excluded.from_value, to_value = excluded.to_value, sentence = excluded.sentence, points_missing = excluded.points_missing,
          trials_missing = excluded.trials_missing, opens_on = excluded.opens_on, limit_low = excluded.limit_low, limit_high = excluded.limit_high, centre = excluded.centre, since = excluded.since,
          engine = excluded.engine, version = excluded.version, evidence = excluded.evidence, judged_at = excluded.judged_at
        where (oversight.kpi_verdict.direction, oversight.kpi_verdict.announced, oversight.kpi_verdict.pending, oversight.kpi_verdict.assurance, oversight.kpi_verdict.sentence, oversight.kpi_verdict.engine,
          oversight.kpi_verdict.version, oversight.kpi_verdict.limit_low, oversight.kpi_verdict.limit_high, oversight.kpi_verdict.evidence)
          is distinct from (excluded.direction, excluded.announced, excluded.pending, excluded.assurance, excluded.sentence, excluded.engine, excluded.version, excluded.limit_low, excluded.limit_high, excluded.evidence)
        """;

    internal static KpiVerdict Of(Kpi kpi, DateOnly through, Verdict verdict, Announcement told, DateTimeOffset now) => new(
        kpi.Key, through, verdict.Direction, told.Announced ?? verdict.Direction, told.Pending, verdict.Shape.ToString().ToLowerInvariant(), verdict.Confidence.ToString().ToLowerInvariant(), verdict.Assurance,
        verdict.LatestIsSpecialCause, verdict.Level, verdict.From, verdict.To, verdict.Sentence, verdict.Evidence.Gate.PointsMissing, verdict.Evidence.Gate.DenominatorMissing, verdict.Evidence.Gate.OpensOn,
        verdict.Evidence.Limits?.Low, verdict.Evidence.Limits?.High, verdict.Evidence.Limits?.Mean, verdict.Since, verdict.Evidence.EngineVersion, kpi.Version, KpiEvidence.Of(verdict.Evidence), now);

    internal void Write(TenantTx tx) => tx.Later(Upsert, tx.Tenant, Kpi, Through, Word(Direction), Word(Announced), Pending is { } pending ? Word(pending) : null, Shape, Confidence, Word(Assurance), IsSpecial, Level, From, To,
        Sentence, PointsMissing, TrialsMissing, OpensOn, LimitLow, LimitHigh, Centre, Since, Engine, (short)Version, Jsonb.Of(Evidence), JudgedAt);

    internal static KpiVerdict Read(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetFieldValue<DateOnly>(1), DirectionOf(row.GetString(2)), DirectionOf(row.GetString(3)), row.Text(4) is { } pending ? DirectionOf(pending) : null, row.GetString(5), row.GetString(6),
        AssuranceOf(row.GetString(7)), row.GetBoolean(8), row.Maybe<double>(9), row.Maybe<double>(10), row.Maybe<double>(11), row.GetString(12), row.GetInt32(13), row.GetInt64(14), row.Maybe<DateOnly>(15),
        row.Maybe<double>(16), row.Maybe<double>(17), row.Maybe<double>(18), row.Maybe<DateOnly>(19), row.GetString(20), row.GetInt16(21), Core.Json.Read<KpiEvidence>(row.GetString(22)), row.GetFieldValue<DateTimeOffset>(23));

    internal static string Word(Direction direction) => direction switch
    {
        Direction.Improving => "improving",
        Direction.Worsening => "worsening",
        Direction.Flat => "flat",
        Direction.NotEnoughData => "not_enough_data",
    };

    static Direction DirectionOf(string word) => word switch
    {
        "improving" => Direction.Improving,
        "worsening" => Direction.Worsening,
        "flat" => Direction.Flat,
        "not_enough_data" => Direction.NotEnoughData,
        _ => throw new InvalidOperationException($"Unknown direction {word}."),
    };

    internal static string Word(Assurance assurance) => assurance switch
    {
        Assurance.Pass => "pass",
        Assurance.HitOrMiss => "hit_or_miss",
        Assurance.Fail => "fail",
        Assurance.NoTarget => "no_target",
    };

    static Assurance AssuranceOf(string word) => word switch
    {
        "pass" => Assurance.Pass,
        "hit_or_miss" => Assurance.HitOrMiss,
        "fail" => Assurance.Fail,
        "no_target" => Assurance.NoTarget,
        _ => throw new InvalidOperationException($"Unknown assurance {word}."),
    };
}
