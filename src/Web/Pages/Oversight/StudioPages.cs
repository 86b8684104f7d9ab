using System.Globalization;
using System.Text;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight;
using PenguinMails.Oversight.Reports;
using PenguinMails.Oversight.Reports.Pdf;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Oversight;

/// <summary>The report studio: the archive, building, the schedule, the weekly mail; and one report with its files.</summary>
static class StudioPages
{
    const string Path = "/reports";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup(Path).RequireFormToken();
        pages.MapGet("", async (HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => await Show(http, actor, db, clock, null, null, ct));
        pages.MapPost("", Build);
        pages.MapPost("/schedule", Schedule);
        pages.MapPost("/mail", Mail);
        pages.MapGet("/report.css", (HttpContext http) =>
        {
            http.Response.Headers.CacheControl = "private, max-age=300";
            return Results.Text(ReportHtml.Css, "text/css", Encoding.UTF8);
        });
        pages.MapGet("/{id}", async (ReportId id, Actor actor, TenantDb db, CancellationToken ct) =>
            (await ReadReport.Handle(actor, id, db, ct)).ToPage(read => Html.Page<ReportOne>(new { Report = read.Report, read.Model })));
        pages.MapPost("/{id}/again", Again);
        pages.MapGet("/{id}/{format}", Download);
    }

    static async Task<IResult> Show(HttpContext http, Actor actor, TenantDb db, TimeProvider clock, FormErrors? errors, IFormCollection? typed, CancellationToken ct)
    {
        var list = await ListReports.Handle(actor, null, http.Asked("after"), null, db, ct);
        if (list.Problem is { } problem) return problem.ToPage();
        var schedules = (await ScheduleReport.Read(actor, db, clock, ct)).Match(page => page.Items, _ => []);
        var mail = (await MailWeekly.Read(actor, db, ct)).Match(output => output.Weekday, _ => null);
        return Html.Page<ReportStudio>(new { Rows = list.Value.Items, Next = list.Value.NextCursor, Schedules = schedules, Weekday = mail, Errors = errors, Added = typed?.Text("added") ?? "", Day = typed?.Text("period") ?? "", Kind = typed?.Text("kind") ?? "board" },
            errors is null ? StatusCodes.Status200OK : Answers.Refused);
    }

    static async Task<IResult> Build(HttpContext http, Actor actor, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        if (Kind(form) is not { } kind) return await Show(http, actor, db, clock, new FormErrors().Add("kind", "Choose one."), form, ct);
        DateOnly? period = null;
        if (form.Optional("period") is { } text)
        {
            if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)) return await Show(http, actor, db, clock, new FormErrors().Add("period", "Write a day as 2026-11-01."), form, ct);
            period = day;
        }

        var built = await BuildReport.Handle(actor, new(kind, period, form.Optional("added")), db, settings, clock, ct);
        if (built.Problem is { Kind: ProblemKind.Invalid } invalid) return await Show(http, actor, db, clock, invalid.ToErrors(), form, ct);
        return built.ToFlash(http, built.IsOk ? $"{Path}/{built.Value.Id}" : Path, built is { IsOk: true, Value.Unsupported: > 0 and var unsupported }
            ? $"Built and archived. {Words.Count(unsupported, "sentence")} asserted what no verdict says, and {(unsupported == 1 ? "is" : "are")} marked." : "Built and archived.");
    }

    static async Task<IResult> Schedule(HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        if (Kind(form) is not { } kind) return Results.StatusCode(StatusCodes.Status400BadRequest);
        var isOn = form.IsTicked("is_on");
        return (await ScheduleReport.Handle(actor, new(kind, isOn), db, clock, ct)).ToFlash(http, Path, isOn ? "It is made by itself from now on." : "It is not made by itself any more.");
    }

    static async Task<IResult> Mail(HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        int? weekday = form.Optional("weekday") is null ? null : form.Number("weekday");
        return (await MailWeekly.Handle(actor, new(weekday), db, clock, ct)).ToFlash(http, Path, weekday is null ? "You get no weekly mail." : "You get the weekly mail.");
    }

    static async Task<IResult> Again(HttpContext http, ReportId id, Actor actor, TenantDb db, OversightSettings settings, CancellationToken ct)
    {
        var compared = await ReadReport.Again(actor, id, db, settings, ct);
        if (compared is { IsOk: true, Value: { IsSame: false, Why: var why } }) return Flash.To(http, $"{Path}/{id}", $"Built again it is another: {why}", Tone.Warn);
        return compared.ToFlash(http, $"{Path}/{id}", "Built again of the same plan version and data cut, it is the same to the last character.");
    }

    static async Task<IResult> Download(HttpContext http, ReportId id, string format, Actor actor, TenantDb db, PdfPrinter printer, CancellationToken ct)
    {
        if (DownloadReport.FormatOf(format) is not { } known) return Results.StatusCode(StatusCodes.Status404NotFound);
        var made = await DownloadReport.Handle(actor, id, known, db, printer, ct);
        if (made.Problem is { Kind: ProblemKind.Unavailable } problem) return Flash.To(http, $"{Path}/{id}", problem.Detail, Tone.Warn);
        return made.ToPage(file => Results.File(file.Octets, file.MediaType, file.Name));
    }

    static ReportKind? Kind(IFormCollection form) => ReportPeriods.Find(form.Text("kind"));
}
