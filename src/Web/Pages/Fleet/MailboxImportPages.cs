using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Mvc;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Mailboxes.Imports;
using PenguinMails.Secrets;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Fleet;

/// <summary>Mailboxes in and out as a file: upload, what is wrong, progress, result; and the export.</summary>
static class MailboxImportPages
{
    static readonly TimeSpan EventEvery = TimeSpan.FromMilliseconds(500);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/mailboxes/export.csv", (Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => ExportMailboxes.Refusal(actor) is { } refusal
            ? refusal.ToPage()
            : TypedResults.Stream(output => ExportMailboxes.Write(actor, output, db, clock, ct), "text/csv; charset=utf-8", "mailboxes.csv"));
        var pages = routes.MapGroup("/mailboxes/imports").RequireFormToken();
        pages.MapGet("", async (Actor actor, TenantDb db, CancellationToken ct) =>
            (await ReadMailboxImport.Newest(actor, db, ct)).ToPage(page => Html.Page<MailboxImportList>(new { Imports = page.Items })));
        pages.MapGet("/new", (HttpContext http) => http.May(Permissions.MailboxesManage) ? Html.Page<MailboxImportNew>() : Results.StatusCode(StatusCodes.Status403Forbidden));
        pages.MapPost("", Upload).WithMetadata(new RequestSizeLimitAttribute(UploadMailboxImport.BytesMax + 65_536), new RequestFormLimitsAttribute { MultipartBodyLengthLimit = UploadMailboxImport.BytesMax + 65_536 });
        pages.MapGet("/{id}", Show);
        pages.MapPost("/{id}/start", async (HttpContext http, MailboxImportId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await StartMailboxImport.Handle(actor, id, db, clock, ct)).ToFlash(http, $"/mailboxes/imports/{id}", "The mailboxes are being connected."));
        pages.MapPost("/{id}/cancel", async (HttpContext http, MailboxImportId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await ReadMailboxImport.Cancel(actor, id, db, clock, ct)).ToFlash(http, $"/mailboxes/imports/{id}", "The import is over; what was not connected is gone with its passwords."));
        pages.MapGet("/{id}/events", async (MailboxImportId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await ReadMailboxImport.Handle(actor, id, db, ct)).ToPage(_ => TypedResults.ServerSentEvents(Follow(actor, id, db, clock, ct))));
        pages.MapGet("/{id}/errors.csv", async (MailboxImportId id, Actor actor, TenantDb db, CancellationToken ct) =>
            (await ReadMailboxImport.Handle(actor, id, db, ct)).ToPage(_ => TypedResults.Stream(output => ReadMailboxImport.WriteErrors(actor, id, output, db, ct), "text/csv; charset=utf-8", $"{id}-errors.csv")));
    }

    static async Task<IResult> Upload(HttpContext http, Actor actor, TenantDb db, SealedBox box, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        if (form.Files.GetFile("file") is not { Length: > 0 } file) return Refused("Choose a CSV file that is not empty.");
        await using var content = file.OpenReadStream();
        return (await UploadMailboxImport.Handle(actor, file.FileName, content, db, box, clock, ct)).Match(
            made => Results.LocalRedirect($"/mailboxes/imports/{made.Id}"),
            problem => problem.Kind is ProblemKind.Invalid or ProblemKind.TooLarge ? Refused($"{problem.Detail} ({problem.Code})") : problem.ToPage());
    }

    static IResult Refused(string detail) => Html.Page<MailboxImportNew>(new { Errors = new FormErrors().Add("file", detail) }, Answers.Refused);

    static async Task<IResult> Show(MailboxImportId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var import = await ReadMailboxImport.Handle(actor, id, db, ct);
        if (import.Problem is { } missing) return missing.ToPage();
        return (await ReadMailboxImport.Problems(actor, id, db, ct)).ToPage(problems => Html.Page<MailboxImportOne>(new { Import = import.Value, Problems = problems.Items, At = ProgressOf(import.Value, clock) }));
    }

    static JobProgress ProgressOf(MailboxImport import, TimeProvider clock)
    {
        var (done, seconds) = (import.Added + import.Known + import.Rejected, (clock.GetUtcNow() - import.CreatedAt).TotalSeconds);
        return new(done, import.RowsRead, import.FinishedAt is null && seconds > 0 ? import.Added / seconds : null, "rows", import.State, Words.ToneOf(import.State), import.FinishedAt is not null);
    }

    static async IAsyncEnumerable<object> Follow(Actor actor, MailboxImportId id, TenantDb db, TimeProvider clock, [EnumeratorCancellation] CancellationToken ct)
    {
        using var tick = new PeriodicTimer(EventEvery, clock);
        do
        {
            if ((await ReadMailboxImport.Handle(actor, id, db, ct)).Match<MailboxImport?>(found => found, _ => null) is not { } import) yield break;
            var at = ProgressOf(import, clock);
            yield return at.ToEvent();
            if (at.IsOver) yield break;
        }
        while (await tick.WaitForNextTickAsync(ct));
    }
}
