using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Oversight.Reports;

/// <summary>One report, from the archive: what was said then, not what would be said now. Refuses with <c>permission.missing</c> (needs <c>oversight:read</c>) or <c>report.not_found</c>.</summary>
public static class ReadReport
{
    public sealed record Output(Report Report, ReportModel Model);

    /// <param name="IsSame">The same plan version and data cut gave the same model.</param>
    /// <param name="Why">What differs: the rules or definitions are of another version, or the numbers are; null when it is the same.</param>
    public sealed record Comparison(bool IsSame, string Sha256, string? Why);

    public static async Task<Result<Output>> Handle(Actor actor, ReportId id, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await Report.Find(tx, id, ct) is { } kept ? new Output(kept.Report, kept.Model) : Report.NotFound;
    }

    /// <summary>Builds it again of the same plan version and data cut, and says whether it is the same. Keeps nothing.</summary>
    public static async Task<Result<Comparison>> Again(Actor actor, ReportId id, TenantDb db, OversightSettings settings, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await Report.Find(tx, id, ct) is not { } kept) return Report.NotFound;
        var report = kept.Report;
        var written = kept.Model.Narrative.Where(sentence => sentence.Part == "added").Select(sentence => sentence.Text).ToList();
        var facts = await ReadReportFacts.Within(tx, report.Kind, report.Period, report.DataCut, report.PlanVersionId, written, settings.Company == actor.Tenant, ct);
        var (_, sha256) = ReportBuilder.Written(ReportBuilder.Build(facts));
        return new Comparison(sha256 == report.Sha256, sha256, sha256 == report.Sha256 ? null : Why(report));
    }

    static string Why(Report report) =>
        report.Builder != ReportBuilder.Version ? $"It was built by version {report.Builder} of the rules of reports; now they are version {ReportBuilder.Version}."
        : report.Definitions != ReportBuilder.Definitions ? "Definitions of figures have changed since."
        : "Something it was built of is not there any more: a plan version, or values older than what is kept.";

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/oversight/reports/{id}", async (Actor actor, ReportId id, TenantDb db, CancellationToken ct) => (await Handle(actor, id, db, ct)).ToHttp());
        api.MapGet("/oversight/reports/{id}/again", async (Actor actor, ReportId id, TenantDb db, OversightSettings settings, CancellationToken ct) => (await Again(actor, id, db, settings, ct)).ToHttp());
    }
}
