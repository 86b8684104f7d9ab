using PenguinMails.Accounts.Members;
using PenguinMails.Accounts.Sessions;
using PenguinMails.Accounts.Users;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Accounts;

/// <summary>Pages that links in our mails open. Opening one changes nothing, because mail scanners open links too; a button does.</summary>
static class LinkPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("").AllowAnonymous().RequireFormToken();
        foreach (var kind in Enum.GetValues<LinkKind>())
            pages.MapGet(LinkPage.PathOf(kind), (HttpContext http) => Html.Page<LinkPage>(new { Kind = kind, Token = http.Asked("token") ?? "" }));
        pages.MapPost(LinkPage.PathOf(LinkKind.Verify), Verify);
        pages.MapPost(LinkPage.PathOf(LinkKind.Reset), Reset);
        pages.MapPost(LinkPage.PathOf(LinkKind.Claim), Claim);
        pages.MapPost(LinkPage.PathOf(LinkKind.Join), Join);
        pages.MapPost(LinkPage.PathOf(LinkKind.ChangeEmail), ChangeEmail);
    }

    static async Task<IResult> Verify(HttpContext http, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        return Then(await VerifyEmail.Handle(new(form.Text("token")), db, clock, ct), http, form, LinkKind.Verify, "Your address is confirmed. Log in.");
    }

    static async Task<IResult> Reset(HttpContext http, Credentials credentials, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        return Then(await ResetPassword.Handle(new(form.Text("token"), form.Text("password")), Origin.Of(http), credentials, db, clock, ct),
            http, form, LinkKind.Reset, "The password was changed and every session ended. Log in with the new one.");
    }

    static async Task<IResult> Claim(HttpContext http, Credentials credentials, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var input = new ClaimInstallation.Input(form.Text("token"), form.Text("email").Trim(), form.Text("password"), form.Text("display_name"), form.Text("company"));
        return Then(await ClaimInstallation.Handle(input, credentials, db, clock, ct), http, form, LinkKind.Claim, "The installation is yours. Log in.");
    }

    static async Task<IResult> Join(HttpContext http, Credentials credentials, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var input = new AcceptInvitation.Input(form.Text("token"), form.Optional("display_name"), form.Text("password") is { Length: > 0 } password ? password : null);
        return Then(await AcceptInvitation.Handle(input, credentials, db, clock, ct), http, form, LinkKind.Join, "You have joined. Log in.");
    }

    static async Task<IResult> ChangeEmail(HttpContext http, Credentials credentials, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var done = await ConfirmEmailChange.Handle(new(form.Text("token")), Origin.Of(http), credentials, db, clock, ct);
        return Then(done, http, form, LinkKind.ChangeEmail, done.Match(
            made => made.IsChanged ? "Your address was changed." : "Confirmed. Now open the link that went to the other address.", _ => ""));
    }

    static IResult Then<T>(Result<T> result, HttpContext http, IFormCollection form, LinkKind kind, string said) => result.Match(
        _ => Flash.To(http, http.Actor() is null ? "/log-in" : "/account", said),
        problem => Html.Page<LinkPage>(new { Kind = kind, Token = form.Text("token"), Sent = form, Errors = problem.ToErrors() }, Answers.Refused));
}

/// <summary>What a mailed link is for.</summary>
public enum LinkKind { Verify, Reset, Claim, Join, ChangeEmail }
