using PenguinMails.Compliance.Suppressions;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Compliance;

/// <summary>Addresses and domains that must not be mailed: list, add, lift.</summary>
static class SuppressionPages
{
    public const string Path = "/suppressions";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup(Path).RequireFormToken();
        pages.MapGet("", async (HttpContext http, Actor actor, TenantDb db, CancellationToken ct) =>
        {
            SuppressionReason? reason = Enum.TryParse<SuppressionReason>(http.Asked("reason"), true, out var known) ? known : null;
            var found = await ListSuppressions.Handle(actor, new(http.Asked("q"), reason, http.Asked("after")), db, ct);
            return found.ToPage(page => Html.Page<SuppressionList>(new { Rows = page }));
        });
        pages.MapGet("/new", (HttpContext http) => http.May(Permissions.SuppressionsWrite)
            ? Html.Page<SuppressionNew>()
            : Results.StatusCode(StatusCodes.Status403Forbidden));
        pages.MapPost("", Add);
        pages.MapGet("/{id}/remove", (HttpContext http, SuppressionId id) => http.May(Permissions.SuppressionsWrite)
            ? Html.Page<SuppressionRemove>(new { Id = id, Value = http.Asked("value"), Reason = http.Asked("reason") })
            : Results.StatusCode(StatusCodes.Status403Forbidden));
        pages.MapPost("/{id}/remove", Remove);
    }

    static async Task<IResult> Add(HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var input = new AddSuppression.Input(form.Text("value"), form.Text("reach") != "workspace", form.Optional("note"));
        return (await AddSuppression.Handle(actor, input, db, clock, ct)).Match(
            _ => Flash.To(http, Path, $"{input.Value.Trim()} gets no more mail."),
            problem => problem.Kind == ProblemKind.Forbidden
                ? problem.ToPage()
                : Html.Page<SuppressionNew>(new { Sent = input, Errors = problem.ToErrors() }, Answers.Refused));
    }

    static async Task<IResult> Remove(HttpContext http, SuppressionId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var value = form.Optional("value");
        return (await RemoveSuppression.Handle(actor, new(id, form.Optional("reason")), db, clock, ct)).Match(
            _ => Flash.To(http, Path, $"{value ?? "The address"} may be mailed again."),
            problem => problem.Kind == ProblemKind.Invalid
                ? Html.Page<SuppressionRemove>(new { Id = id, Value = value, Reason = form.Optional("was"), Written = form.Text("reason"), Errors = problem.ToErrors() }, Answers.Refused)
                : problem.ToPage());
    }
}
