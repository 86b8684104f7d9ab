using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Mailboxes.Oauth;
using PenguinMails.Secrets;
using PenguinMails.Secrets.Store;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Fleet;

/// <summary>Mailboxes connected at Google and Microsoft: there, and back.</summary>
static class OauthPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/mailboxes/oauth/{provider}").RequireFormToken();
        pages.MapGet("", async (HttpContext http, string provider, Actor actor, OauthSettings settings, TenantDb db, CancellationToken ct) =>
            Find(provider, settings) is { } found ? await Ask(http, found, actor, null, db, ct) : Results.NotFound());
        pages.MapPost("", Go);
        // The answer of the provider, brought by the browser: its state is good once, which does what a form's token does elsewhere.
        pages.MapGet("/callback", Back);
    }

    static OauthProvider? Find(string word, OauthSettings settings) => settings.Providers.FirstOrDefault(one => one.Word == word);

    static async Task<IResult> Ask(HttpContext http, OauthProvider provider, Actor actor, (IFormCollection Form, FormErrors Errors)? sent, TenantDb db, CancellationToken ct)
    {
        if (!http.May(Permissions.MailboxesManage)) return Results.StatusCode(StatusCodes.Status403Forbidden);
        Mailbox? mailbox = null;
        if ((sent is { } again ? again.Form.Optional("mailbox") : http.Asked("mailbox")) is { } text)
        {
            if (!MailboxId.TryParse(text, null, out var id)) return Results.NotFound();
            var found = await ListMailboxes.One(actor, id, db, ct);
            if (found.Problem is { } missing) return missing.ToPage();
            mailbox = found.Value;
        }

        return Html.Page<MailboxConsent>(new { Provider = provider, Mailbox = mailbox, Sent = sent?.Form, sent?.Errors }, sent is null ? StatusCodes.Status200OK : Answers.Refused);
    }

    static async Task<IResult> Go(HttpContext http, string provider, Actor actor, OauthSettings settings, TenantDb db, SealedBox box, TimeProvider clock, CancellationToken ct)
    {
        if (Find(provider, settings) is not { } found) return Results.NotFound();
        var form = await http.Request.ReadFormAsync(ct);
        MailboxId? mailbox = MailboxId.TryParse(form.Text("mailbox"), null, out var id) ? id : null;
        var started = await StartOauth.Handle(actor, new(found.Kind, form.Text("display_name"), form.Text("address"), mailbox), db, box, settings, clock, ct);
        if (started.Problem is { Kind: ProblemKind.Invalid or ProblemKind.Conflict } problem && problem.Code != Actor.WorkspaceMissing.Code) return await Ask(http, found, actor, (form, problem.ToErrors()), db, ct);
        return started.ToPage(away =>
        {
            // Not a redirect: forms of ours may lead to pages of ours only (form-action), and where the provider sends on to is not known here.
            http.Response.Headers["Refresh"] = $"0; url={away.Url.AbsoluteUri}";
            return Html.Page<MailboxConsentGo>(new { Provider = found, Url = away.Url.AbsoluteUri });
        });
    }

    static async Task<IResult> Back(HttpContext http, string provider, Actor actor, OauthSettings settings, TenantDb db, MailboxSecrets secrets, SealedBox box, TimeProvider clock, CancellationToken ct)
    {
        if (Find(provider, settings) is not { } found) return Results.NotFound();
        var finished = await FinishOauth.Handle(actor, new(found.Kind, http.Asked("state") ?? "", http.Asked("code") ?? "", http.Asked("error") ?? ""), db, secrets, box, SecretAccess.Of(http), clock, ct);
        return finished.Match(
            made => Flash.To(http, $"/mailboxes/{made.Id}", made.IsNew ? $"Connected with {found.Name}. Test it before the first campaign." : "Connected again. What was queued leaves now."),
            problem => problem.Kind == ProblemKind.Forbidden || problem.Code == Actor.WorkspaceMissing.Code ? problem.ToPage()
                : Html.Page<MailboxConsentFailed>(new { Provider = found, Problem = problem }, StatusCodes.Status409Conflict));
    }
}
