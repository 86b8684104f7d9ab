using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Mailboxes.Signatures;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Fleet;

/// <summary>The signature of a mailbox.</summary>
static class SignaturePages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/mailboxes/{id}/signature").RequireFormToken();
        pages.MapGet("", async (HttpContext http, MailboxId id, Actor actor, TenantDb db, CancellationToken ct) =>
            http.May(Permissions.MailboxesManage) ? await Ask(id, actor, null, null, db, ct) : Results.StatusCode(StatusCodes.Status403Forbidden));
        pages.MapPost("", Save);
    }

    static async Task<IResult> Ask(MailboxId id, Actor actor, IFormCollection? sent, FormErrors? errors, TenantDb db, CancellationToken ct)
    {
        var mailbox = await ListMailboxes.One(actor, id, db, ct);
        if (mailbox.Problem is { } missing) return missing.ToPage();
        return (await SetSignature.Read(actor, id, db, ct)).ToPage(signature => Html.Page<MailboxSignature>(
            new { Mailbox = mailbox.Value, Signature = signature, Sent = sent, Errors = errors }, errors is null ? StatusCodes.Status200OK : Answers.Refused));
    }

    static async Task<IResult> Save(HttpContext http, MailboxId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var saved = await SetSignature.Handle(actor, id, new(form.Text("text"), form.Text("html")), db, clock, ct);
        if (saved.Problem is { Kind: ProblemKind.Invalid } problem) return await Ask(id, actor, form, problem.ToErrors(), db, ct);
        var removed = saved.Match<IReadOnlyList<string>>(found => found.Removed, _ => []);
        return saved.ToFlash(http, $"/mailboxes/{id}", removed.Count == 0 ? "The signature was saved." : $"The signature was saved. Taken out of the HTML: {string.Join(", ", removed.Take(10))}.");
    }
}
