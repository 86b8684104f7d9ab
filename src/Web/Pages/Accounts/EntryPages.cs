using PenguinMails.Accounts;
using PenguinMails.Accounts.Http;
using PenguinMails.Accounts.Limits;
using PenguinMails.Accounts.Sessions;
using PenguinMails.Accounts.Users;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Accounts;

/// <summary>The ways in and out: sign up, log in, log out, and asking for a new mail.</summary>
static class EntryPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("").AllowAnonymous().RequireFormToken();
        pages.MapGet("/sign-up", (HttpContext http) => http.Actor() is null ? Html.Page<SignUpPage>() : Results.LocalRedirect("/"));
        pages.MapPost("/sign-up", Join);
        pages.MapGet("/check-mail", (HttpContext http) => Html.Page<CheckMailPage>(new { For = http.Asked("for") }));
        pages.MapGet("/log-in", (HttpContext http) => http.Actor() is null ? Html.Page<LogInPage>(new { Back = http.Asked("back") }) : Results.LocalRedirect("/"));
        pages.MapPost("/log-in", Enter);
        pages.MapPost("/log-out", Leave);
        pages.MapGet("/verify-email/resend", () => Html.Page<AskMailPage>(new { IsReset = false }));
        pages.MapPost("/verify-email/resend", Resend);
        pages.MapGet("/forgot-password", () => Html.Page<AskMailPage>(new { IsReset = true }));
        pages.MapPost("/forgot-password", Forgot);
        pages.MapGet("/welcome", (HttpContext http) => http.Person() is null
            ? Results.LocalRedirect("/log-in")
            : http.Actor() is not null ? Results.LocalRedirect("/") : Html.Page<NoAccountPage>());
    }

    static async Task<IResult> Join(HttpContext http, Credentials credentials, PublicWeb web, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var input = new SignUp.Input(form.Text("email").Trim(), form.Text("password"), form.Text("display_name"), form.Text("company"));
        return (await SignUp.Handle(input, Origin.Of(http), credentials, web, db, clock, ct)).Match(
            _ => Results.LocalRedirect("/check-mail?for=verify"),
            problem => Html.Page<SignUpPage>(new { Sent = form, Errors = problem.ToErrors() }, Answers.Refused));
    }

    static async Task<IResult> Enter(HttpContext http, Credentials credentials, KnownDevice devices, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var back = form.Text("back");
        return (await LogIn.Handle(new(form.Text("email").Trim(), form.Text("password")), Origin.Of(http), credentials, devices, db, clock, ct)).Match(
            made =>
            {
                SessionCookie.Write(http, made);
                return Results.LocalRedirect(PageUrl.IsLocal(back) ? back : "/");
            },
            problem => Html.Page<LogInPage>(
                new { Email = form.Text("email"), Back = back, Errors = problem.ToErrors(), IsUnverified = problem.Code == "login.unverified" }, Answers.Refused));
    }

    static async Task<IResult> Leave(HttpContext http, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (http.Person() is { } person) await LogOut.Handle(person, Origin.Of(http), db, clock, ct);
        SessionCookie.Clear(http);
        return Flash.To(http, "/log-in", "You are logged out.");
    }

    static async Task<IResult> Resend(HttpContext http, TenantDb db, TimeProvider clock, CancellationToken ct) =>
        Asked(await ResendVerification.Handle(new((await http.Request.ReadFormAsync(ct)).Text("email").Trim()), db, clock, ct), false);

    static async Task<IResult> Forgot(HttpContext http, TenantDb db, TimeProvider clock, CancellationToken ct) =>
        Asked(await RequestPasswordReset.Handle(new((await http.Request.ReadFormAsync(ct)).Text("email").Trim()), db, clock, ct), true);

    // The same answer whether the address is known or not.
    static IResult Asked(Result<Done> result, bool isReset) => result.Match(
        _ => Results.LocalRedirect("/check-mail?for=" + (isReset ? "reset" : "verify")),
        problem => Html.Page<AskMailPage>(new { IsReset = isReset, Errors = problem.ToErrors() }, Answers.Refused));
}
