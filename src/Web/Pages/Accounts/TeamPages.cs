using PenguinMails.Accounts;
using PenguinMails.Accounts.Members;
using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Accounts;

/// <summary>Members of the account and what each may do.</summary>
static class TeamPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/team").RequireFormToken();
        pages.MapGet("", (HttpContext http, Actor actor, TenantDb db, CancellationToken ct) => Show(http, actor, null, null, db, ct));
        pages.MapPost("/invite", Invite);
        pages.MapPost("/{id}/role", async (HttpContext http, UserId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
        {
            var form = await http.Request.ReadFormAsync(ct);
            if (!Enum.TryParse<Role>(form.Text("role"), true, out var role)) return Results.BadRequest();
            return (await ChangeRole.Handle(actor, id, new(role, Confined(form)), db, clock, ct)).ToFlash(http, "/team", "The role was changed. It holds from the next request on.");
        });
        pages.MapPost("/{id}/remove", async (HttpContext http, UserId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await RemoveMember.Handle(actor, id, db, clock, ct)).ToFlash(http, "/team", "The member was removed; keys they made were revoked."));
    }

    static async Task<IResult> Invite(HttpContext http, Actor actor, PublicWeb web, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        if (!Enum.TryParse<Role>(form.Text("role"), true, out var role)) return Results.BadRequest();
        var made = await InviteMember.Handle(actor, new(form.Text("email").Trim(), role, Confined(form)), web, db, clock, ct);
        return made.Problem is { } problem
            ? await Show(http, actor, form, problem.ToErrors(), db, ct)
            : Flash.To(http, "/team", $"An invitation went to {form.Text("email").Trim()}.");
    }

    static WorkspaceId? Confined(IFormCollection form) => WorkspaceId.TryParse(form.Text("workspace_id"), null, out var id) ? id : null;

    static async Task<IResult> Show(HttpContext http, Actor actor, IFormCollection? sent, FormErrors? errors, TenantDb db, CancellationToken ct)
    {
        var workspaces = (await ListWorkspaces.Handle(actor, null, Cursor.LimitMax, db, ct)).Match(page => page.Items, _ => []);
        return (await ListMembers.Handle(actor, http.Asked("after"), null, db, ct)).ToPage(page => Html.Page<TeamPage>(
            new { Rows = page, Workspaces = workspaces, Sent = sent, Errors = errors }, errors is null ? StatusCodes.Status200OK : Answers.Refused));
    }
}
