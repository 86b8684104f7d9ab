using PenguinMails.Accounts.Members;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Plans;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Oversight;

/// <summary>Accepts a finding of the linter for a time, and takes that back. Each makes the plan's next version.</summary>
static class WaiverPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/plans/{id}").RequireFormToken();
        pages.MapGet("/waive", (HttpContext http, PlanVersionId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => Show(id, http.Asked("finding"), actor, db, clock, null, null, ct));
        pages.MapPost("/waive", Waive);
        pages.MapPost("/waivers/withdraw", Withdraw);
    }

    static async Task<IResult> Show(PlanVersionId id, string? finding, Actor actor, TenantDb db, TimeProvider clock, FormErrors? errors, IFormCollection? typed, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage).ToPage();
        var read = await ReadPlanVersion.Handle(actor, id, db, clock, ct);
        if (read.Problem is { } problem) return problem.ToPage();
        if (read.Value.Findings.FirstOrDefault(one => one.Id == finding) is not { } found) return new Problem(ProblemKind.NotFound, "finding.not_found", "No such finding stands in this version.").ToPage();
        var members = await ListMembers.Handle(actor, null, Cursor.LimitMax, db, ct);
        var people = members.IsOk ? members.Value.Items.DistinctBy(one => one.UserId).Select(one => new Option(one.Email, one.DisplayName.Length > 0 ? $"{one.DisplayName}, {one.Email}" : one.Email, "Members")) : [];
        var owners = WaiveFinding.Owners(PlanReader.Kept(read.Value.Version.Plan, read.Value.Yaml).Plan).Select(one => new Option(one, one, "Owners in the plan"));
        return Html.Page<PlanWaive>(new { Plan = read.Value, Finding = found, Owners = (IReadOnlyList<Option>)[.. owners, .. people], Errors = errors, Typed = typed }, errors is null ? StatusCodes.Status200OK : Answers.Refused);
    }

    static async Task<IResult> Waive(HttpContext http, PlanVersionId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var (finding, (until, isBroken)) = (form.Text("finding"), form.Day("until"));
        if (isBroken || until is null) return await Show(id, finding, actor, db, clock, new FormErrors().Add("until", "Write the day as 2026-12-31."), form, ct);
        var waived = await WaiveFinding.Handle(actor, id, new(finding, form.Text("reason"), form.Text("by"), until.Value), db, clock, ct);
        if (waived.Problem is { Kind: ProblemKind.Invalid } problem) return await Show(id, finding, actor, db, clock, problem.ToErrors(), form, ct);
        return waived.Match(made => Flash.To(http, $"/plans/{made.Version.Id}?view=waivers", $"{Words.Count(made.Covered, "finding")} accepted until {RegisterWords.Day(until.Value)}, as version {made.Version.Number}."), refused => Refused(http, id, refused));
    }

    static async Task<IResult> Withdraw(HttpContext http, PlanVersionId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        return (await WithdrawWaiver.Handle(actor, id, new(form.Text("waiver")), db, clock, ct)).Match(
            version => Flash.To(http, $"/plans/{version.Id}", $"Taken back, as version {version.Number}."), problem => Refused(http, id, problem));
    }

    // Somebody else made a version meanwhile: back to where that can be seen.
    static IResult Refused(HttpContext http, PlanVersionId id, Problem problem) =>
        problem.Kind is ProblemKind.Forbidden or ProblemKind.NotFound ? problem.ToPage() : Flash.To(http, $"/plans/{id}", $"{problem.Detail} ({problem.Code})", Tone.Bad);
}
