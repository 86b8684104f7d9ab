using PenguinMails.Accounts.Members;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Steps;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Oversight;

/// <summary>Process steps: what deviates, whose it is, and what came of it.</summary>
static class StepPages
{
    const string Path = "/steps";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup(Path).RequireFormToken();
        pages.MapGet("", (HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => List(http, actor, db, clock, null, null, ct));
        pages.MapPost("", Open);
        pages.MapGet("/{id}", (StepId id, Actor actor, TenantDb db, CancellationToken ct) => One(id, actor, db, null, null, null, ct));
        pages.MapPost("/{id}", Assign);
        pages.MapPost("/{id}/close", Close);
    }

    static async Task<IResult> List(HttpContext http, Actor actor, TenantDb db, TimeProvider clock, FormErrors? errors, IFormCollection? typed, CancellationToken ct)
    {
        var state = http.Asked("state") is "done" or "dropped" ? http.Asked("state") ?? "open" : "open";
        var people = await People(actor, db, ct);
        return (await ListSteps.Handle(actor, state, http.Asked("after"), null, db, ct)).ToPage(steps => Html.Page<StepList>(
            new { Steps = steps, State = state, Today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), People = people, Errors = errors, Typed = typed }, errors is null ? StatusCodes.Status200OK : Answers.Refused));
    }

    static async Task<IResult> One(StepId id, Actor actor, TenantDb db, string? failed, FormErrors? errors, IFormCollection? typed, CancellationToken ct)
    {
        var people = await People(actor, db, ct);
        return (await ReadStep.Handle(actor, id, db, ct)).ToPage(step => Html.Page<StepOne>(new { Step = step, People = people, Failed = failed, Errors = errors, Typed = typed }, errors is null ? StatusCodes.Status200OK : Answers.Refused));
    }

    // Who may not see members chooses among nobody, and may not change a step either.
    static async Task<IReadOnlyList<Option>> People(Actor actor, TenantDb db, CancellationToken ct) => (await ListMembers.Handle(actor, null, Cursor.LimitMax, db, ct)).Match(
        page => [.. page.Items.DistinctBy(one => one.UserId).Select(one => new Option(one.UserId.ToString(), one.DisplayName.Length > 0 ? one.DisplayName : one.Email))], _ => new List<Option>());

    static async Task<IResult> Open(HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var (due, isBroken) = form.Day("due_on");
        if (isBroken) return await List(http, actor, db, clock, new FormErrors().Add("due_on", "Write the day as 2026-12-31."), form, ct);
        if (!Owner(form, out var owner)) return await List(http, actor, db, clock, NoPerson, form, ct);
        var made = await OpenStep.Handle(actor, new(form.Text("sentence"), form.Optional("subject"), owner, due), db, clock, ct);
        return made.Problem is { Kind: ProblemKind.Invalid } problem ? await List(http, actor, db, clock, problem.ToErrors(), form, ct) : made.ToFlash(http, Path, "Opened.");
    }

    static async Task<IResult> Assign(HttpContext http, StepId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var (due, isBroken) = form.Day("due_on");
        if (isBroken) return await One(id, actor, db, "assign", new FormErrors().Add("due_on", "Write the day as 2026-12-31."), form, ct);
        if (!Owner(form, out var owner)) return await One(id, actor, db, "assign", NoPerson, form, ct);
        var made = await AssignStep.Handle(actor, id, new(owner, due), db, clock, ct);
        return made.Problem is { Kind: ProblemKind.Invalid } problem ? await One(id, actor, db, "assign", problem.ToErrors(), form, ct) : made.ToFlash(http, $"{Path}/{id}", "Saved.");
    }

    static async Task<IResult> Close(HttpContext http, StepId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var made = await CloseStep.Handle(actor, id, new(form.Text("state"), form.Text("note")), db, clock, ct);
        return made.Problem is { Kind: ProblemKind.Invalid } problem ? await One(id, actor, db, "close", problem.ToErrors(), form, ct) : made.ToFlash(http, Path, "Closed.");
    }

    static FormErrors NoPerson => new FormErrors().Add("owner", "Choose a member of the account.");

    static bool Owner(IFormCollection form, out UserId? owner)
    {
        owner = null;
        if (form.Optional("owner") is not { } text) return true;
        if (!UserId.TryParse(text, null, out var id)) return false;
        owner = id;
        return true;
    }
}
