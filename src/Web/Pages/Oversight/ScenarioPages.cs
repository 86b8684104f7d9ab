using System.Globalization;
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

    static (Overrides Set, FormErrors? Errors) Read(HttpContext http)
    {
        FormErrors? errors = null;
        double? Number(string name, double scale = 1)
        {
            if (http.Asked(name)?.Trim() is not { Length: > 0 } text) return null;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)) return number * scale;
            (errors ??= new()).Add(name, "Write a number, such as 1200.5.");
            return null;
        }

        // People write percent; the slice takes a share.
        return (new(Number("customers"), Number("arpa"), Number("churn", 0.01), Number("new_customers"), Number("vendor_cost"), Number("people"), Number("cost_per_person")), errors);
    }
}
