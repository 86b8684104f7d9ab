using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight;
using PenguinMails.Oversight.Scenarios;
using PenguinMails.Web.Parts;

namespace PenguinMails.Web.Pages.Oversight;

/// <summary>Can the plan's targets still be reached, and what would it take? What is set lives in the address.</summary>
static class ScenarioPages
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/scenarios", async (HttpContext http, Actor actor, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct) =>
    {
        var (set, errors) = Read(http);
        var judged = await ReadScenario.Handle(actor, errors is null ? set : new(), db, settings, clock, ct);
        if (judged.Problem is { Kind: ProblemKind.Invalid } invalid)
        {
            errors = invalid.ToErrors();
            judged = await ReadScenario.Handle(actor, new(), db, settings, clock, ct);
        }

        return judged.ToPage(read => Html.Page<ScenarioPage>(new { Read = read, Errors = errors }, errors is null ? StatusCodes.Status200OK : Answers.Refused));
    });

    // People write percent; the slice takes a share.
    static (Overrides Set, FormErrors? Errors) Read(HttpContext http)
    {
        var written = Overrides.Names.Select(name => (name, http.Asked(name)?.Trim() ?? "")).Where(one => one.Item2.Length > 0).Select(one => one.name == "churn" ? (one.name, one.Item2.TrimEnd('%', ' ') + "%") : one);
        var (set, faults) = Overrides.Read(written);
        return (set, faults.Count > 0 ? Problem.Invalid("scenario.invalid", [.. faults]).ToErrors() : null);
    }
}
