using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery;
using PenguinMails.Delivery.Conversations;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Sending;

/// <summary>The conversation pool: what it is, agreeing, leaving, and each mailbox's part.</summary>
static class PoolPages
{
    const string Path = "/sending/conversations";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup(Path).RequireFormToken();
        pages.MapGet("", (Actor actor, DeliveryOptions options, TenantDb db, TimeProvider clock, CancellationToken ct) => Show(actor, null, null, options, db, clock, ct));
        pages.MapPost("/join", Join);
        pages.MapPost("/leave", async (HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await JoinPool.Leave(actor, db, clock, ct)).ToFlash(http, Path, "The account takes part no more. Nothing more is sent or moved."));
        pages.MapPost("/mailboxes", SwitchOn);
        pages.MapPost("/mailboxes/{id}/stop", async (HttpContext http, MailboxId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await SwitchPoolMailbox.Stop(actor, id, new(), db, clock, ct)).ToFlash(http, Path, "Stopped. Nothing more is sent from it or moved in it."));
    }

    static async Task<IResult> Show(Actor actor, PoolPage.Sent? asked, FormErrors? errors, DeliveryOptions options, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var pool = await ReadPool.Handle(actor, options, db, clock, ct);
        if (pool.Problem is { } problem) return problem.ToPage();
        var mailboxes = (await ListMailboxes.Handle(actor, new(Limit: Cursor.LimitMax), db, ct)).Match(page => page.Items, _ => []);
        return Html.Page<PoolPage>(new { Pool = pool.Value, Mailboxes = mailboxes, Asked = asked, Errors = errors }, errors is null ? StatusCodes.Status200OK : Answers.Refused);
    }

    static async Task<IResult> Join(HttpContext http, Actor actor, DeliveryOptions options, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var joined = await JoinPool.Handle(actor, new(form.Text("accepts_terms") == "yes"), options, db, clock, ct);
        if (joined.Problem is not { } problem) return Flash.To(http, Path, "Agreed. Now switch on the mailboxes that take part.");
        return problem.Kind == ProblemKind.Forbidden ? problem.ToPage() : await Show(actor, null, problem.ToErrors(), options, db, clock, ct);
    }

    static async Task<IResult> SwitchOn(HttpContext http, Actor actor, DeliveryOptions options, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var asked = new PoolPage.Sent(form.Text("mailbox"), form.Optional("language"), form.Optional("per_day"), form.Optional("zone"));
        var switched = MailboxId.TryParse(asked.Mailbox, null, out var id)
            ? await SwitchPoolMailbox.Handle(actor, id, new(asked.Language, asked.PerDay is null ? null : form.Number("per_day"), asked.Zone), options, db, clock, ct)
            : Problem.Invalid("pool.invalid", new FieldProblem("mailbox", "Choose a mailbox."));
        if (switched.Problem is not { } problem) return Flash.To(http, Path, "It takes part from its next working hour on.");
        return problem.Kind == ProblemKind.Forbidden ? problem.ToPage() : await Show(actor, asked, problem.ToErrors(), options, db, clock, ct);
    }
}
