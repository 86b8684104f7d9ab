using System.Text;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Plans;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Oversight;

/// <summary>The plan as code: versions, what the linter finds, how it stands today, what changed.</summary>
static class PlanPages
{
    const string Path = "/plans";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup(Path).RequireFormToken();
        pages.MapGet("", async (Actor actor, TenantDb db, CancellationToken ct) =>
            (await ListPlanVersions.Handle(actor, null, db, ct)).ToPage(page => Html.Page<PlanList>(new { Rows = page.Items })));
        pages.MapGet("/new", (HttpContext http) => http.May(Permissions.AccountManage) ? Html.Page<PlanNew>() : Results.StatusCode(StatusCodes.Status403Forbidden));
        pages.MapPost("", Import);
        pages.MapGet("/{id}", async (PlanVersionId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
        {
            var read = await ReadPlanVersion.Handle(actor, id, db, clock, ct);
            if (read.Problem is { } problem) return problem.ToPage();
            return (await ReadPlanVersion.Compare(actor, id, db, ct)).ToPage(changes => Html.Page<PlanOne>(new { Plan = read.Value, Changes = changes }));
        });
        pages.MapGet("/{id}/plan.yaml", async (PlanVersionId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await ReadPlanVersion.Handle(actor, id, db, clock, ct)).ToPage(read => Results.File(Encoding.UTF8.GetBytes(read.Yaml), "application/yaml", $"{read.Version.Plan}-{read.Version.Number}.yaml")));
    }

    static async Task<IResult> Import(HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var files = new List<ImportPlan.InputFile>();
        foreach (var file in form.Files.GetFiles("files").Where(file => file.Length is > 0 and <= PlanFiles.OctetsMax))
        {
            using var reader = new StreamReader(file.OpenReadStream(), Encoding.UTF8);
            files.Add(new(System.IO.Path.GetFileName(file.FileName), await reader.ReadToEndAsync(ct)));
        }

        if (form.Optional("text") is { } text) files.Add(new("plan.yaml", text));
        if (files.Count == 0) return Refused(form, new FormErrors().Add("files", $"Choose YAML files of up to {PlanFiles.OctetsMax >> 20} MB, or write a plan below."));
        return (await ImportPlan.Handle(actor, new(files), db, clock, ct)).Match(
            made => Flash.To(http, $"{Path}/{made.Version.Id}", made.Created ? $"Kept as version {made.Version.Number}." : "That is the current version already; nothing was kept anew."),
            problem => problem.Kind is ProblemKind.Forbidden ? problem.ToPage() : Refused(form, Errors(problem)));
    }

    static IResult Refused(IFormCollection form, FormErrors errors) => Html.Page<PlanNew>(new { Errors = errors, Text = form.Text("text") }, Answers.Refused);

    // Places are no fields of the form, so every fault stands at the top, with its place; the first twenty are enough to begin with.
    static FormErrors Errors(Problem problem)
    {
        const int shown = 20;
        var lines = problem.Fields.Take(shown).Select(field => $"{field.Field}: {field.Detail}").ToList();
        if (problem.Fields.Count > shown) lines.Add($"and {problem.Fields.Count - shown} more");
        return new FormErrors().Add("files", lines.Count > 0 ? string.Join(" · ", lines) : $"{problem.Detail} ({problem.Code})");
    }
}
