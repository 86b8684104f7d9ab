using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Reports;

/// <summary>An archived report as lists show it. It is never changed.</summary>
/// <param name="Period">First day of the month or week it is about.</param>
/// <param name="DataCut">What was counted or judged later is not in it.</param>
/// <param name="PlanVersionId">Null when the account had no plan.</param>
/// <param name="Sha256">Of its model as it is kept.</param>
/// <param name="Unsupported">Sentences that assert a direction no verdict says.</param>
/// <param name="IsScheduled">Made by the schedule; of those a period has one.</param>
public sealed record Report(
    ReportId Id, ReportKind Kind, DateOnly Period, DateTimeOffset DataCut, PlanVersionId? PlanVersionId, string? PlanSha256, string Engine, string Definitions, string Builder, string Sha256, int Unsupported, bool IsScheduled,
    string BuiltBy, DateTimeOffset BuiltAt)
{
    internal static readonly Problem NotFound = new(ProblemKind.NotFound, "report.not_found", "This account has no such report. GET /api/v1/oversight/reports lists them.");

    internal static readonly Problem KindUnknown = Problem.Invalid("report.invalid", new FieldProblem("kind", "It is board, finance, operations or weekly."));

    const string InsertOne = """
        insert into oversight.report (tenant_id, id, kind, period, data_cut, plan_version_id, plan_sha256, engine, definitions, builder, sha256, model, unsupported, is_scheduled, built_by, built_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        on conflict (tenant_id, kind, period) where is_scheduled do nothing
        """;

    const string SelectOne = """
        select id, kind, period, data_cut, plan_version_id, plan_sha256, engine, definitions, builder, sha256, unsupported, is_scheduled, built_by, built_at, model
        from oversight.report
        where tenant_id = $1 and id = $2
        """;

    internal static Report Read(NpgsqlDataReader row) => new(
        new(row.GetGuid(0)), ReportPeriods.Parse(row.GetString(1)), row.GetFieldValue<DateOnly>(2), row.GetFieldValue<DateTimeOffset>(3), row.Maybe<Guid>(4) is { } plan ? new PlanVersionId(plan) : null, row.Text(5), row.GetString(6),
        row.GetString(7), row.GetString(8), row.GetString(9), row.GetInt32(10), row.GetBoolean(11), row.GetString(12), row.GetFieldValue<DateTimeOffset>(13));

    /// <returns>Null when the schedule has made the report of this period already.</returns>
    internal static async Task<Report?> Keep(TenantTx tx, ReportModel model, PlanVersion? plan, bool isScheduled, string by, DateTimeOffset now, CancellationToken ct)
    {
        var (text, sha256) = ReportBuilder.Written(model);
        var header = model.Header;
        var report = new Report(
            TypedId.New<ReportId>(now), header.Kind, header.From, header.DataAsOf, plan?.Id, plan?.Sha256, model.Footer.Engine, model.Footer.Definitions, model.Footer.Builder, sha256,
            model.Narrative.Count(sentence => sentence.Support == Support.Unsupported), isScheduled, by, now);
        var kept = await tx.Execute(InsertOne, ct, tx.Tenant, report.Id, ReportPeriods.Word(report.Kind), report.Period, report.DataCut, report.PlanVersionId?.Value, report.PlanSha256, report.Engine, report.Definitions, report.Builder, sha256, text,
            report.Unsupported, isScheduled, by, now);
        return kept == 0 ? null : report;
    }

    /// <summary>From the archive; null when there is none.</summary>
    internal static async Task<KeptReport?> Find(TenantTx tx, ReportId id, CancellationToken ct) => await tx.Maybe(SelectOne, row => new KeptReport(Read(row), row.GetString(14)), ct, tx.Tenant, id);
}

/// <param name="Text">The model as it was written, so that its hash can be held against it.</param>
sealed record KeptReport(Report Report, string Text)
{
    public ReportModel Model { get; } = Json.Read<ReportModel>(Text);
}
