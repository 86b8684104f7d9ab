using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Secrets;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Fleet;

/// <summary>Mailboxes that send: connect, look at, test, pause.</summary>
static class MailboxPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/mailboxes").RequireFormToken();
        pages.MapGet("", async (HttpContext http, Actor actor, TenantDb db, CancellationToken ct) =>
            (await ListMailboxes.Handle(actor, new(http.Asked("after")), db, ct)).ToPage(page => Html.Page<MailboxList>(new { Rows = page })));
        pages.MapGet("/new", (HttpContext http) => http.May(Permissions.MailboxesManage)
            ? Html.Page<MailboxNew>()
            : Results.StatusCode(StatusCodes.Status403Forbidden));
        pages.MapPost("", Connect);
        pages.MapGet("/{id}", async (MailboxId id, Actor actor, TenantDb db, CancellationToken ct) =>
            (await ListMailboxes.One(actor, id, db, ct)).ToPage(mailbox => Html.Page<MailboxOne>(new { Mailbox = mailbox })));
    }

    static async Task<IResult> Connect(HttpContext http, Actor actor, TenantDb db, SealedBox box, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        return (await ConnectMailbox.Handle(actor, Read(form), db, box, clock, ct)).Match(
            made => Flash.To(http, $"/mailboxes/{made.Id}", "The mailbox was connected. Test it before the first campaign."),
            problem => problem.Kind == ProblemKind.Forbidden
                ? problem.ToPage()
                : Html.Page<MailboxNew>(new { Sent = form, Errors = problem.ToErrors() }, Answers.Refused));
    }

    static ConnectMailbox.Input Read(IFormCollection form)
    {
        var smtp = Server(form, "smtp", form.Text("address").Trim(), form.Text("smtp.secret"));
        return new(form.Text("address"), form.Text("display_name"), smtp,
            form.Optional("imap.host") is null ? null : Server(form, "imap", smtp.User, smtp.Secret),
            form.Number("daily_cap"), form.Number("gap_seconds"), form.Number("connections_max"));
    }

    // Most providers take the same name and password for both; what is left empty is taken from there.
    static ConnectMailbox.ServerInput Server(IFormCollection form, string prefix, string user, string secret) => new(
        form.Text($"{prefix}.host"), form.Number($"{prefix}.port"),
        Enum.TryParse<ConnectionSecurity>(form.Text($"{prefix}.security"), true, out var security) ? security : ConnectionSecurity.Tls,
        form.Optional($"{prefix}.user") ?? user, form.Text($"{prefix}.secret") is { Length: > 0 } own ? own : secret);
}
