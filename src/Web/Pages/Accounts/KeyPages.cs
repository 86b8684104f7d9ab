using System.Globalization;
using PenguinMails.Accounts.Keys;
using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Accounts;

/// <summary>API keys: list, make (shown once), revoke.</summary>
static class KeyPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/api-keys").RequireFormToken();
        pages.MapGet("", async (HttpContext http, Actor actor, TenantDb db, CancellationToken ct) =>
            (await ListApiKeys.Handle(actor, http.Asked("after"), null, db, ct)).ToPage(page => Html.Page<KeyList>(new { Rows = page })));
        pages.MapGet("/new", (HttpContext http, Actor actor, TenantDb db, CancellationToken ct) => Ask(http, actor, null, null, db, ct));
        pages.MapPost("", Make);
        pages.MapPost("/{id}/revoke", async (HttpContext http, ApiKeyId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await RevokeApiKey.Handle(actor, id, db, clock, ct)).ToFlash(http, "/api-keys", "The key was revoked. It works no more from this moment."));
    }

    static async Task<IResult> Ask(HttpContext http, Actor actor, IFormCollection? sent, FormErrors? errors, TenantDb db, CancellationToken ct)
    {
        if (!http.May(Permissions.ApiKeysManage)) return Results.StatusCode(StatusCodes.Status403Forbidden);
        var scopes = Permissions.All.Where(p => !actor.Lacks(p)).ToList();
        return (await ListWorkspaces.Handle(actor, null, Cursor.LimitMax, db, ct)).ToPage(page => Html.Page<KeyNew>(
            new { Workspaces = page.Items, Scopes = scopes, Sent = sent, Errors = errors }, errors is null ? StatusCodes.Status200OK : Answers.Refused));
    }

    // The answer to the form shows the key itself, so it is never in an address, a cookie or a second page.
    static async Task<IResult> Make(HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        WorkspaceId? workspace = WorkspaceId.TryParse(form.Text("workspace_id"), null, out var id) ? id : null;
        DateTimeOffset? expires = DateOnly.TryParse(form.Text("expires_at"), CultureInfo.InvariantCulture, out var day) ? new(day, TimeOnly.MinValue, TimeSpan.Zero) : null;
        var made = await CreateApiKey.Handle(actor, new(form.Text("name"), [.. form["scopes"].OfType<string>()], workspace, expires), db, clock, ct);
        return made.Problem is { } problem
            ? await Ask(http, actor, form, problem.ToErrors(), db, ct)
            : Html.Page<KeyMade>(new { Name = form.Text("name"), Made = made.Value });
    }
}
