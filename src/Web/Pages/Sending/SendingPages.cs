using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery;
using PenguinMails.Delivery.Conversations;
using PenguinMails.Delivery.Guards;
using PenguinMails.Delivery.Halts;
using PenguinMails.Delivery.Limits;
using PenguinMails.Delivery.Queue;
using PenguinMails.Delivery.Routes;
using PenguinMails.Delivery.Warmup;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Sending;

/// <summary>What waits and why: queue, stops, limits, back-offs, guards, warm-ups.</summary>
static class SendingPages
{
    const string Path = "/sending";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup(Path).RequireFormToken();
        pages.MapGet("", Show);
        pages.MapGet("/warm-ups/new", async (Actor actor, TenantDb db, CancellationToken ct) => actor.Lacks(Permissions.MailboxesManage)
            ? Results.StatusCode(StatusCodes.Status403Forbidden)
            : await AskWarmUp(actor, null, null, db, ct));
        pages.MapPost("/halt", (HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => Act(http, "", "Stopped. What waits keeps its place.",
            form => HaltSending.Handle(actor, new(form.Text("reason"), form.Optional("provider")), db, clock, ct), ct));
        pages.MapPost("/lift", (HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => Act(http, "", "It goes on.",
            form => HaltSending.Lift(actor, form.Optional("provider"), db, clock, ct), ct));
        pages.MapPost("/limits", (HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => Act(http, "limits", "The limit holds from the next message on.",
            form => SetLimit.Handle(actor, new(form.Text("scope"), form.Optional("key") ?? SendLimit.Each, form.Number("window_seconds"), form.Number("most"), form.Optional("reason")), db, clock, ct), ct));
        pages.MapPost("/limits/remove", (HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => Act(http, "limits", "The limit is gone.",
            form => SetLimit.Remove(actor, form.Text("scope"), form.Text("key"), form.Number("window_seconds"), db, clock, ct), ct));
        pages.MapPost("/guards/resume", (HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => Act(http, "guards", "It goes on with half as much, and what is sent from now on is judged.",
            form => ResumeGuard.Handle(actor, new(form.Text("measure"), form.Text("subject"), form.Text("key"), form.Text("reason")), db, clock, ct), ct));
        pages.MapPost("/routes/resume", (HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => Act(http, "guards", "It starts again on one connection.",
            form => ListRoutes.Resume(actor, new(form.Text("scope"), form.Text("key"), form.Text("provider")), db, clock, ct), ct));
        pages.MapPost("/warm-ups", StartWarming);
        pages.MapPost("/warm-ups/{act}", (HttpContext http, string act, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => Act(http, "warm-ups", act == "end" ? "It sends up to its caps now." : "Done.", form => act switch
        {
            "pause" => StartWarmUp.Pause(actor, form.Text("subject"), form.Text("key"), db, clock, ct),
            "resume" => StartWarmUp.Resume(actor, form.Text("subject"), form.Text("key"), db, clock, ct),
            _ => StartWarmUp.End(actor, form.Text("subject"), form.Text("key"), db, clock, ct),
        }, ct));
        pages.MapPost("/retry", async (HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await RetryDeferred.Handle(actor, new(), db, clock, ct)).Match(due => Flash.To(http, Path, $"{due.Messages:N0} messages are tried now."), problem => problem.ToPage()));
    }

    static async Task<IResult> Show(HttpContext http, Actor actor, DeliveryOptions options, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var queue = await ReadQueue.Handle(actor, db, clock, ct);
        if (queue.Problem is { } problem) return problem.ToPage();
        return Html.Page<SendingPage>(new
        {
            Queue = queue.Value,
            Halts = (await HaltSending.List(actor, db, ct)).Value,
            Limits = (await ListLimits.Handle(actor, db, clock, ct)).Value.Items,
            Guards = (await ResumeGuard.List(actor, db, ct)).Value.Items,
            Routes = (await ListRoutes.Handle(actor, db, clock, ct)).Value.Items,
            WarmUps = (await StartWarmUp.List(actor, db, ct)).Match(list => list.Items, _ => []),
            Pool = (await ReadPool.Handle(actor, options, db, clock, ct)).Match<ReadPool.Output?>(pool => pool, _ => null),
        });
    }

    static async Task<IResult> AskWarmUp(Actor actor, StartWarmUp.Input? sent, FormErrors? errors, TenantDb db, CancellationToken ct)
    {
        var mailboxes = (await ListMailboxes.Handle(actor, new(Limit: Cursor.LimitMax), db, ct)).Match(page => page.Items, _ => []);
        return Html.Page<WarmUpNew>(new { Mailboxes = mailboxes, Sent = sent, Errors = errors }, errors is null ? StatusCodes.Status200OK : Answers.Refused);
    }

    static async Task<IResult> StartWarming(HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var input = new StartWarmUp.Input(form.Text("subject"), form.Text(form.Text("subject") == "mailbox" ? "mailbox" : "name"), form.Optional("zone"), form.Optional("country"), form.Text("careful") == "yes");
        var started = await StartWarmUp.Handle(actor, input, db, clock, ct);
        if (started.Problem is not { } problem) return Flash.To(http, $"{Path}?view=warm-ups", "It warms up from today on.");
        return problem.Kind == ProblemKind.Forbidden ? problem.ToPage() : await AskWarmUp(actor, input, problem.ToErrors(), db, ct);
    }

    static async Task<IResult> Act(HttpContext http, string view, string said, Func<IFormCollection, Task<Result<Done>>> act, CancellationToken ct) =>
        (await act(await http.Request.ReadFormAsync(ct))).ToFlash(http, view.Length > 0 ? $"{Path}?view={view}" : Path, said);
}
