using System.Text;
using Microsoft.AspNetCore.Mvc;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Costs;
using PenguinMails.Oversight.Margins;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Oversight;

/// <summary>What each customer earns and costs, the lines behind it, and revenue that is loaded.</summary>
static class MarginPages
{
    const string Path = "/margins";
    const string Source = "invoices";
    const long UploadOctetsMax = (2L * LoadCosts.OctetsMax) + 65_536; // The file and the text box, and what forms put around them.

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("").RequireFormToken();
        pages.MapGet(Path, (HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => http.Asked("view") == "revenue" ? Task.FromResult(Ask(actor, null, "", Source)) : Show(http, actor, db, clock, ct));
        pages.MapPost($"{Path}/revenue", Load).WithMetadata(new RequestSizeLimitAttribute(UploadOctetsMax), new RequestFormLimitsAttribute { MultipartBodyLengthLimit = UploadOctetsMax, ValueLengthLimit = LoadCosts.OctetsMax + 1 });
    }

    static async Task<IResult> Show(HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var key = Enum.TryParse<AllocationKey>(http.Asked("key"), ignoreCase: true, out var asked) && Enum.IsDefined(asked) ? asked : default;
        WorkspaceId? customer = WorkspaceId.TryParse(http.Asked("customer"), null, out var id) ? id : null;
        return (await ReadMargins.Handle(actor, http.Asked("month"), key, customer, db, clock, ct)).ToPage(margins =>
            margins.Lines is { } lines ? Html.Page<MarginLinesPage>(new { Margins = margins, Lines = lines }) : Html.Page<MarginPage>(new { Margins = margins, AnswerSentence = AnswerMargins.Say(margins).Sentence, Today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime) }));
    }

    static IResult Ask(Actor actor, FormErrors? errors, string text, string source) => actor.Lacks(Permissions.AccountManage) ? Actor.Forbidden(Permissions.AccountManage).ToPage()
        : Html.Page<RevenueNew>(new { Errors = errors, Text = text, Source = source }, errors is null ? StatusCodes.Status200OK : Answers.Refused);

    static async Task<IResult> Load(HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var (csv, source) = (form.Text("text"), form.Text("source"));
        if (form.Files.GetFile("file") is { Length: > 0 } file)
        {
            if (file.Length > LoadCosts.OctetsMax) return Ask(actor, new FormErrors().Add("file", $"At most {LoadCosts.OctetsMax >> 20} MB. Split the file by month."), csv, source);
            using var reader = new StreamReader(file.OpenReadStream(), Encoding.UTF8);
            csv = await reader.ReadToEndAsync(ct);
        }

        var loaded = await LoadRevenue.Handle(actor, new(csv, source), db, clock, ct);
        if (loaded.IsOk) return Flash.To(http, $"{Path}?month={loaded.Value.Months[^1]:yyyy-MM}", $"{Words.Count(loaded.Value.Rows, "line")} loaded{(loaded.Value.Replaced > 0 ? $" in place of {Words.Count(loaded.Value.Replaced, "line")} of before" : "")}.");
        if (loaded.Problem is not { Kind: ProblemKind.Invalid or ProblemKind.TooLarge } problem) return loaded.ToFlash(http, Path, "");
        var errors = new FormErrors();
        // Lines are no fields of the form, so every fault of one stands at the file, with its place.
        if (problem.Fields.FirstOrDefault(field => field.Field == "source") is { } unnamed) errors.Add("source", unnamed.Detail);
        else errors.Add("file", string.Join(" · ", problem.Fields.Take(20).Select(field => $"{field.Field}: {field.Detail}").DefaultIfEmpty(problem.Detail)));
        return Ask(actor, errors, csv, source);
    }
}
