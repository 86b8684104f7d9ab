using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Reports.Pdf;

namespace PenguinMails.Oversight.Reports;

/// <summary>What a report is written as.</summary>
public enum ReportFormat { Html, Csv, Pdf }

/// <summary>A report as a file, written from the archive. The same report gives the same HTML and CSV, to the octet; a PDF also carries the moment it was printed.</summary>
/// <remarks>Refuses with <c>permission.missing</c> (needs <c>oversight:read</c>), <c>report.not_found</c>, <c>report.invalid</c>, or for a PDF <c>report.pdf_missing</c>, <c>report.pdf_busy</c> and <c>report.pdf_failed</c>.</remarks>
public static class DownloadReport
{
    /// <param name="Name">File name.</param>
    public sealed record Output(byte[] Octets, string MediaType, string Name);

    public static async Task<Result<Output>> Handle(Actor actor, ReportId id, ReportFormat format, TenantDb db, PdfPrinter printer, CancellationToken ct)
    {
        var read = await ReadReport.Handle(actor, id, db, ct);
        if (read.Problem is { } problem) return problem;
        var (report, model) = (read.Value.Report, read.Value.Model);
        var name = $"{ReportPeriods.Word(report.Kind)}-{(ReportPeriods.IsMonthly(report.Kind) ? $"{report.Period:yyyy-MM}" : $"{report.Period:yyyy-MM-dd}")}";
        return format switch
        {
            ReportFormat.Html => new Output(Encoding.UTF8.GetBytes(ReportHtml.Document(model)), "text/html; charset=utf-8", name + ".html"),
            ReportFormat.Csv => new Output(Encoding.UTF8.GetBytes(ReportCsv.Write(model)), "text/csv; charset=utf-8", name + ".csv"),
            ReportFormat.Pdf => (await printer.Print(model, ct)).Match<Result<Output>>(pdf => new Output(pdf, "application/pdf", name + ".pdf"), refused => refused),
        };
    }

    static readonly Problem FormatUnknown = Problem.Invalid("report.invalid", new FieldProblem("format", "It is html, csv or pdf."));

    /// <summary>Null for a word that is no format.</summary>
    public static ReportFormat? FormatOf(string? word) => word switch { "html" => ReportFormat.Html, "csv" => ReportFormat.Csv, "pdf" => ReportFormat.Pdf, _ => null };

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/oversight/reports/{id}/{format}",
        async (Actor actor, ReportId id, string format, TenantDb db, PdfPrinter printer, CancellationToken ct) =>
            (FormatOf(format) is { } known ? await Handle(actor, id, known, db, printer, ct) : FormatUnknown).ToHttp(made => TypedResults.File(made.Octets, made.MediaType, made.Name)));
}
