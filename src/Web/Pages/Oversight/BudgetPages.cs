using System.Text;
using Microsoft.AspNetCore.Mvc;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight;
using PenguinMails.Oversight.Budgets;
using PenguinMails.Oversight.Costs;
using PenguinMails.Oversight.Vendors;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Oversight;

/// <summary>Budget and variance, files of costs, vendors.</summary>
static class BudgetPages
{
    const string Path = "/budget";
    const long UploadOctetsMax = (2L * LoadCosts.OctetsMax) + 65_536; // The file and the text box, and what forms put around them.

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("").RequireFormToken();
        pages.MapGet(Path, (HttpContext http, Actor actor, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct) => Show(http, actor, db, settings, clock, http.Asked("view") ?? "lines", null, "", ct));
        pages.MapPost($"{Path}/files", Load).WithMetadata(new RequestSizeLimitAttribute(UploadOctetsMax), new RequestFormLimitsAttribute { MultipartBodyLengthLimit = UploadOctetsMax, ValueLengthLimit = LoadCosts.OctetsMax + 1 });
        pages.MapPost($"{Path}/files/{{id}}/withdraw", async (HttpContext http, CostLoadId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await WithdrawCosts.Handle(actor, id, db, clock, ct)).ToFlash(http, $"{Path}?view=files", "Its rows count no longer."));
        pages.MapGet("/vendors", async (Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await ListVendors.Handle(actor, db, clock, ct)).ToPage(vendors => Html.Page<VendorList>(new { Vendors = vendors, AnswerSentence = AnswerCommitments.Say(vendors).Sentence })));
    }

    static async Task<IResult> Show(HttpContext http, Actor actor, TenantDb db, OversightSettings settings, TimeProvider clock, string view, FormErrors? errors, string text, CancellationToken ct)
    {
        var read = await ReadBudget.Handle(actor, http.Asked("month"), http.Asked("centre"), db, settings, clock, ct);
        if (read.Problem is { } problem) return problem.ToPage();
        var files = view == "files" ? (await ListCostLoads.Handle(actor, null, Cursor.LimitMax, db, ct)).Match(page => page.Items, _ => []) : [];
        var sentence = view == "centres" ? AnswerIsolation.Say(read.Value) : AnswerBreaches.Say(read.Value);
        return Html.Page<BudgetPage>(new { Budget = read.Value, View = view, AnswerSentence = sentence.Sentence, Files = files, Errors = errors, Text = text }, errors is null ? StatusCodes.Status200OK : Answers.Refused);
    }

    static async Task<IResult> Load(HttpContext http, Actor actor, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var (csv, name) = (form.Text("text"), "typed on the page");
        if (form.Files.GetFile("file") is { Length: > 0 } file)
        {
            if (file.Length > LoadCosts.OctetsMax) return await Show(http, actor, db, settings, clock, "files", new FormErrors().Add("file", $"At most {LoadCosts.OctetsMax >> 20} MB. Split the file by month."), csv, ct);
            using var reader = new StreamReader(file.OpenReadStream(), Encoding.UTF8);
            (csv, name) = (await reader.ReadToEndAsync(ct), System.IO.Path.GetFileName(file.FileName));
        }

        var loaded = await LoadCosts.Handle(actor, new(csv, name), db, clock, ct);
        if (loaded.IsOk) return Flash.To(http, Path, $"{Words.Count(loaded.Value.Rows, "row")} loaded, {MinorUnitsOf(loaded.Value)} in all.");
        if (loaded.Problem is not { Kind: ProblemKind.Invalid or ProblemKind.Conflict or ProblemKind.TooLarge } problem) return loaded.ToFlash(http, Path, "");
        // Lines are no fields of the form, so every fault stands at the top, with its place.
        var lines = problem.Fields.Take(20).Select(field => $"{field.Field}: {field.Detail}").DefaultIfEmpty(problem.Detail);
        return await Show(http, actor, db, settings, clock, "files", new FormErrors().Add("file", string.Join(" · ", lines)), csv, ct);
    }

    static string MinorUnitsOf(LoadCosts.Output loaded) => $"{RegisterWords.Amount(loaded.Total / MinorUnits.Scale(loaded.Currency))} {loaded.Currency}";
}
