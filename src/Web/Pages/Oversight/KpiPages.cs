using System.Text;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Oversight;

/// <summary>Every figure with its verdict, and one of them with its definition and where each value came from.</summary>
static class KpiPages
{
    const string Path = "/kpis";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup(Path).RequireFormToken();
        pages.MapGet("", async (Actor actor, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct) =>
            (await ListKpis.Handle(actor, db, settings, clock, ct)).ToPage(page => Html.Page<KpiList>(new { Lines = page.Items })));
        pages.MapGet("/{key}", async (string key, Actor actor, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct) => await Show(key, actor, db, settings, clock, null, "", ct));
        pages.MapPost("/{key}", Load);
    }

    static async Task<IResult> Show(string key, Actor actor, TenantDb db, OversightSettings settings, TimeProvider clock, FormErrors? errors, string text, CancellationToken ct) =>
        (await ReadKpi.Handle(actor, key, db, settings, clock, ct)).ToPage(read => Html.Page<KpiOne>(new { Read = read, Errors = errors, Text = text }, errors is null ? StatusCodes.Status200OK : Answers.Refused));

    static async Task<IResult> Load(HttpContext http, string key, Actor actor, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var (csv, name) = (form.Text("text"), "typed on the page");
        if (form.Files.GetFile("file") is { Length: > 0 } file)
        {
            if (file.Length > 4 * KpiFile.TextLengthMax) return await Show(key, actor, db, settings, clock, new FormErrors().Add("file", $"At most {KpiFile.TextLengthMax:N0} characters."), csv, ct);
            using var reader = new StreamReader(file.OpenReadStream(), Encoding.UTF8);
            (csv, name) = (await reader.ReadToEndAsync(ct), System.IO.Path.GetFileName(file.FileName));
        }

        var loaded = await LoadKpi.Handle(actor, key, new(csv, name, form.Optional("currency")), db, settings, clock, ct);
        if (loaded.IsOk) return Flash.To(http, $"{Path}/{key}", $"{Words.Count(loaded.Value.Rows, "period")} read, {loaded.Value.Changed} of them new or changed. The verdict below is judged anew.");
        if (loaded.Problem is not { Kind: ProblemKind.Invalid or ProblemKind.Conflict } problem) return loaded.ToFlash(http, Path, "");
        // Lines are no fields of the form, so every fault stands at the top, with its place.
        var lines = problem.Fields.Take(20).Select(field => $"{field.Field}: {field.Detail}").DefaultIfEmpty(problem.Detail);
        return await Show(key, actor, db, settings, clock, new FormErrors().Add("file", string.Join(" · ", lines)), csv, ct);
    }
}
