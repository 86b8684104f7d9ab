using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Mvc;
using PenguinMails.Campaigns.Imports;
using PenguinMails.Campaigns.Lists;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Campaigns;

/// <summary>The way of a CSV file: upload, mapping, progress, result.</summary>
static class ImportPages
{
    const long UploadBytesMax = 1024L * 1024 * 1024; // Larger files go through the API, which streams them.
    static readonly TimeSpan EventEvery = TimeSpan.FromMilliseconds(500);

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/imports").RequireFormToken();
        pages.MapGet("", async (Actor actor, TenantDb db, CancellationToken ct) =>
            (await ReadImport.Newest(actor, db, ct)).ToPage(page => Html.Page<ImportList>(new { Imports = page.Items })));
        pages.MapGet("/new", (Actor actor, HttpContext http, TenantDb db, CancellationToken ct) => Ask(http, actor, null, db, ct));
        pages.MapPost("", Upload).WithMetadata(new RequestSizeLimitAttribute(UploadBytesMax), new RequestFormLimitsAttribute { MultipartBodyLengthLimit = UploadBytesMax });
        pages.MapGet("/{id}", async (ImportId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await ReadImport.Handle(actor, id, db, ct)).ToPage(import => Show(import, clock)));
        pages.MapPost("/{id}/start", Start);
        pages.MapPost("/{id}/cancel", async (HttpContext http, ImportId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await ReadImport.Cancel(actor, id, db, clock, ct)).ToFlash(http, $"/imports/{id}", "The import ends after the rows it has in hand."));
        pages.MapGet("/{id}/events", async (ImportId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await ReadImport.Handle(actor, id, db, ct)).ToPage(_ => TypedResults.ServerSentEvents(Follow(actor, id, db, clock, ct))));
        pages.MapGet("/{id}/errors.csv", async (ImportId id, Actor actor, TenantDb db, CancellationToken ct) =>
            (await ReadImport.Handle(actor, id, db, ct)).ToPage(_ =>
                TypedResults.Stream(output => ReadImport.WriteErrors(actor, id, output, db, ct), "text/csv; charset=utf-8", $"{id}-errors.csv")));
    }

    static async Task<IResult> Ask(HttpContext http, Actor actor, FormErrors? errors, TenantDb db, CancellationToken ct) =>
        http.May(Permissions.ContactsWrite)
            ? (await ListLists.Handle(actor, db, ct)).ToPage(page => Html.Page<ImportNew>(
                new { Lists = page.Items, Errors = errors }, errors is null ? StatusCodes.Status200OK : Answers.Refused))
            : Results.StatusCode(StatusCodes.Status403Forbidden);

    static async Task<IResult> Upload(HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        if (form.Files.GetFile("file") is not { Length: > 0 } file)
            return await Ask(http, actor, new FormErrors().Add("file", "Choose a CSV file that is not empty."), db, ct);
        var list = await TargetList(form, actor, db, clock, ct);
        if (list.Problem is { } noList) return await Ask(http, actor, AtField(noList, "new_list"), db, ct);
        await using var content = file.OpenReadStream();
        var import = await UploadImport.Handle(actor, new(list.Value, file.FileName), content, db, clock, ct);
        return import.Problem is { } problem
            ? await Ask(http, actor, AtField(problem, "file"), db, ct)
            : Results.LocalRedirect($"/imports/{import.Value.Id}");
    }

    static FormErrors AtField(Problem problem, string field) => new FormErrors().Add(field, $"{problem.Detail} ({problem.Code})");

    static async Task<Result<ListId>> TargetList(IFormCollection form, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (form.Optional("new_list") is null && ListId.TryParse(form.Text("list"), null, out var chosen)) return chosen;
        var made = await CreateList.Handle(actor, new(form.Text("new_list")), db, clock, ct);
        return made.Match<Result<ListId>>(list => list.Id, problem => problem);
    }

    static async Task<IResult> Start(HttpContext http, ImportId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var mapping = Enumerable.Range(0, Math.Min(form.Count, 1000)).TakeWhile(i => form.ContainsKey($"map{i}"))
            .Select(i => form.Text($"map{i}") is "*" ? form.Text($"name{i}") : form.Text($"map{i}")).ToList();
        var started = await StartImport.Handle(actor, new(id, mapping, form.Text("policy")), db, clock, ct);
        if (started.IsOk) return Results.LocalRedirect($"/imports/{id}");
        if (started.Problem is not { Kind: ProblemKind.Invalid } problem) return started.ToFlash(http, $"/imports/{id}", "");
        return (await ReadImport.Handle(actor, id, db, ct)).ToPage(import => Html.Page<ImportMapping>(
            new { Import = import with { Mapping = mapping, Policy = form.Text("policy") }, Errors = problem.ToErrors() }, Answers.Refused));
    }

    static IResult Show(Import import, TimeProvider clock) => import.State == "uploaded"
        ? Html.Page<ImportMapping>(new { Import = import })
        : Html.Page<ImportProgress>(new { Import = import, At = ProgressOf(import, clock) });

    internal static JobProgress ProgressOf(Import import, TimeProvider clock)
    {
        var seconds = ((import.FinishedAt ?? clock.GetUtcNow()) - import.CreatedAt).TotalSeconds;
        return new(import.RowsRead, import.State == "done" ? import.RowsRead : null, import.FinishedAt is null && seconds > 0 ? import.RowsRead / seconds : null,
            "rows", import.State, Words.ToneOf(import.State), import.FinishedAt is not null);
    }

    static async IAsyncEnumerable<object> Follow(Actor actor, ImportId id, TenantDb db, TimeProvider clock, [EnumeratorCancellation] CancellationToken ct)
    {
        using var tick = new PeriodicTimer(EventEvery, clock);
        do
        {
            if ((await ReadImport.Handle(actor, id, db, ct)).Match<Import?>(found => found, _ => null) is not { } import) yield break;
            var at = ProgressOf(import, clock);
            yield return at.ToEvent();
            if (at.IsOver) yield break;
        }
        while (await tick.WaitForNextTickAsync(ct));
    }
}
