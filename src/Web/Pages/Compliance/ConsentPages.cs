using PenguinMails.Compliance.Jurisdictions;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Compliance;

/// <summary>What the laws of recipients' countries ask for, and what the account asks for where none is known.</summary>
static class ConsentPages
{
    const string Path = "/consent";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup(Path).RequireFormToken();
        pages.MapGet("", async (Actor actor, TenantDb db, CancellationToken ct) =>
            (await SetConsentPolicy.Read(actor, db, ct)).ToPage(policy => Html.Page<ConsentPage>(new { Unknown = policy.Unknown.ToString(), policy.OwnCountry })));
        pages.MapPost("", Save);
    }

    static async Task<IResult> Save(HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var input = new SetConsentPolicy.Input(Enum.TryParse<UnknownCountry>(form.Text("unknown"), true, out var unknown) ? unknown : UnknownCountry.Source, form.Text("own_country"));
        return (await SetConsentPolicy.Handle(actor, input, db, clock, ct)).Match(
            _ => Flash.To(http, Path, "Saved. What waits for consent is asked about again."),
            problem => problem.Kind == ProblemKind.Invalid
                ? Html.Page<ConsentPage>(new { Unknown = input.Unknown.ToString(), input.OwnCountry, Errors = problem.ToErrors() }, Answers.Refused)
                : problem.ToPage());
    }
}
