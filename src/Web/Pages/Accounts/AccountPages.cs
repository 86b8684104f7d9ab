using PenguinMails.Accounts;
using PenguinMails.Accounts.Sessions;
using PenguinMails.Accounts.Users;
using PenguinMails.Core.Db;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Accounts;

/// <summary>A person's own: password, address, sessions, log-in activity.</summary>
static class AccountPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/account").RequireFormToken();
        pages.MapGet("", (SignedIn person, TenantDb db, TimeProvider clock, CancellationToken ct) => Show(person, null, null, db, clock, ct));
        pages.MapPost("/password", async (HttpContext http, SignedIn person, Credentials credentials, TenantDb db, TimeProvider clock, CancellationToken ct) =>
        {
            var form = await http.Request.ReadFormAsync(ct);
            var done = await ChangePassword.Handle(person, new(form.Text("current_password"), form.Text("new_password")), Origin.Of(http), credentials, db, clock, ct);
            return done.Problem is { } problem
                ? await Show(person, problem.ToErrors(), null, db, clock, ct)
                : Flash.To(http, "/account", "The password was changed. Every other session ended.");
        });
        pages.MapPost("/email", async (HttpContext http, SignedIn person, Credentials credentials, PublicWeb web, TenantDb db, TimeProvider clock, CancellationToken ct) =>
        {
            var form = await http.Request.ReadFormAsync(ct);
            var done = await ChangeEmail.Handle(person, new(form.Text("current_password"), form.Text("email").Trim()), credentials, web, db, clock, ct);
            return done.Problem is { } problem
                ? await Show(person, null, problem.ToErrors(), db, clock, ct)
                : Flash.To(http, "/account", "Two mails are on their way. Open the link in each to change the address.");
        });
        pages.MapPost("/sessions/{id}/end", async (HttpContext http, SessionId id, SignedIn person, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await RevokeSession.Handle(person, id, Origin.Of(http), db, clock, ct)).ToFlash(http, "/account", "The session ended."));
    }

    static async Task<IResult> Show(SignedIn person, FormErrors? password, FormErrors? email, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var sessions = (await ListSessions.Handle(person, db, clock, ct)).Match(found => found.Items, _ => []);
        var activity = (await ListLoginActivity.Handle(person, null, 20, db, ct)).Match(page => page.Items, _ => []);
        return Html.Page<AccountPage>(new { Person = person, Sessions = sessions, Activity = activity, PasswordErrors = password, EmailErrors = email },
            password is null && email is null ? StatusCodes.Status200OK : Answers.Refused);
    }
}
