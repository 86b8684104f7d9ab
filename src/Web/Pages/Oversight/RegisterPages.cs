using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.CheckIns;
using PenguinMails.Oversight.Decisions;
using PenguinMails.Oversight.Gates;
using PenguinMails.Oversight.Registers;
using PenguinMails.Oversight.Reviews;
using PenguinMails.Oversight.Risks;
using PenguinMails.Oversight.Roadmap;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Oversight;

/// <summary>The plan board, gates, registers and reviews: what the plan says, and what was said of it since.</summary>
static class RegisterPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("").RequireFormToken();
        pages.MapGet("/plan-board", (Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => Board(actor, db, clock, null, null, ct));
        pages.MapPost("/plan-board/check-ins", CheckIn);
        pages.MapGet("/gates", (Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => Gates(actor, db, clock, null, null, ct));
        pages.MapPost("/gates", Evidence);
        pages.MapGet("/reviews", (Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => Reviews(actor, db, clock, null, null, ct));
        pages.MapPost("/reviews", Review);
        pages.MapGet("/registers", Registers);
        pages.MapPost("/registers/risks", Risk);
    }

    static int Status(FormErrors? errors) => errors is null ? StatusCodes.Status200OK : Answers.Refused;

    static async Task<IResult> Board(Actor actor, TenantDb db, TimeProvider clock, FormErrors? errors, IFormCollection? typed, CancellationToken ct) =>
        (await ReadRoadmap.Handle(actor, db, clock, ct)).ToPage(board => Html.Page<PlanBoard>(new { Board = board, AnswerSentence = AnswerSlips.Say(board).Sentence, Errors = errors, Typed = typed }, Status(errors)));

    static async Task<IResult> CheckIn(HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var made = await RecordCheckIn.Handle(actor, new(form.Text("subject"), form.Text("status"), form.Text("sentence"), form.Percent("done"), form.Percent("confidence")), db, clock, ct);
        return made.Problem is { Kind: ProblemKind.Invalid } problem ? await Board(actor, db, clock, problem.ToErrors(), form, ct) : made.ToFlash(http, "/plan-board", "Recorded.");
    }

    static async Task<IResult> Gates(Actor actor, TenantDb db, TimeProvider clock, FormErrors? errors, IFormCollection? typed, CancellationToken ct) =>
        (await ListGates.Handle(actor, db, clock, ct)).ToPage(gates => Html.Page<GateList>(new { Gates = gates, AnswerSentence = AnswerReadiness.Say(gates).Sentence, Errors = errors, Typed = typed }, Status(errors)));

    static async Task<IResult> Evidence(HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var (gate, criterion) = form.Text("criterion").Split(':', 2) is [var name, var key] ? (name, key) : ("", form.Text("criterion"));
        var (until, isBroken) = form.Day("expires_on");
        if (isBroken) return await Gates(actor, db, clock, new FormErrors().Add("expires_on", "Write the day as 2027-01-31."), form, ct);
        var made = await RecordEvidence.Handle(actor, new(gate, criterion, form.Text("state"), form.Text("evidence"), null, until), db, clock, ct);
        return made.Problem is { Kind: ProblemKind.Invalid } problem ? await Gates(actor, db, clock, problem.ToErrors(), form, ct) : made.ToFlash(http, "/gates", "Recorded.");
    }

    static async Task<IResult> Reviews(Actor actor, TenantDb db, TimeProvider clock, FormErrors? errors, IFormCollection? typed, CancellationToken ct) =>
        (await ListReviews.Handle(actor, db, clock, ct)).ToPage(reviews => Html.Page<ReviewList>(new { Reviews = reviews, Errors = errors, Typed = typed }, Status(errors)));

    static async Task<IResult> Review(HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var (day, isBroken) = form.Day("held_on");
        if (isBroken) return await Reviews(actor, db, clock, new FormErrors().Add("held_on", "Write the day as 2026-11-30."), form, ct);
        var made = await RecordReview.Handle(actor, new(form.Text("review"), form.Text("notes"), day, form.Optional("period")), db, clock, ct);
        return made.Problem is { Kind: ProblemKind.Invalid } problem ? await Reviews(actor, db, clock, problem.ToErrors(), form, ct) : made.ToFlash(http, "/reviews", "Recorded. Slips are counted against this version of the plan from now on.");
    }

    static async Task<IResult> Registers(HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => http.Asked("view") switch
    {
        "risks" => await Risks(actor, db, clock, null, null, ct),
        "assumptions" => (await ListAssumptions.Handle(actor, db, clock, ct)).ToPage(page => Html.Page<RegisterList>(new { page.Plan, View = "assumptions", Assumptions = page.Items })),
        "contingencies" => (await ListContingencies.Handle(actor, db, ct)).ToPage(page => Html.Page<RegisterList>(new { page.Plan, View = "contingencies", Contingencies = page.Items })),
        _ => (await ListDecisions.Handle(actor, db, clock, ct)).ToPage(page => Html.Page<RegisterList>(new { page.Plan, View = "decisions", AnswerSentence = AnswerEffects.Say(page).Sentence, Decisions = page.Items })),
    };

    static async Task<IResult> Risks(Actor actor, TenantDb db, TimeProvider clock, FormErrors? errors, IFormCollection? typed, CancellationToken ct) =>
        (await ListRisks.Handle(actor, db, clock, ct)).ToPage(page => Html.Page<RegisterList>(new { page.Plan, View = "risks", AnswerSentence = AnswerRisks.Say(page).Sentence, Risks = page.Items, Errors = errors, Typed = typed }, Status(errors)));

    static async Task<IResult> Risk(HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var made = await AssessRisk.Handle(actor, new(form.Text("risk"), form.Number("likelihood"), form.Number("impact"), form.Text("note")), db, clock, ct);
        return made.Problem is { Kind: ProblemKind.Invalid } problem ? await Risks(actor, db, clock, problem.ToErrors(), form, ct) : made.ToFlash(http, "/registers?view=risks", "Recorded.");
    }
}
