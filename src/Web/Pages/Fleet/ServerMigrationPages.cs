using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.ServerMigrations;
using PenguinMails.Fleet.Servers;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Fleet;

/// <summary>To leave a server: which one takes over, the walk as it goes, and those of before.</summary>
static class ServerMigrationPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/server-migrations").RequireFormToken();
        pages.MapGet("", async (HttpContext http, Actor actor, TenantDb db, CancellationToken ct) =>
            (await ListServerMigrations.Handle(actor, http.Asked("after"), null, db, ct)).ToPage(page => Html.Page<ServerMigrationList>(new { Rows = page })));
        pages.MapGet("/{id}", async (ServerMigrationId id, Actor actor, TenantDb db, CancellationToken ct) =>
            (await ListServerMigrations.One(actor, id, db, ct)).ToPage(found => Html.Page<ServerMigrationOne>(new { Migration = found })));
        pages.MapPost("/{id}/continue", async (HttpContext http, ServerMigrationId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await ControlServerMigration.GoOn(actor, id, db, clock, ct)).ToFlash(http, $"/server-migrations/{id}", "Looking again now."));
        pages.MapPost("/{id}/leave-mail", async (HttpContext http, ServerMigrationId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await ControlServerMigration.LeaveMail(actor, id, db, clock, ct)).ToFlash(http, $"/server-migrations/{id}", "The rest of the old server's mail is left behind."));
        pages.MapPost("/{id}/cancel", async (HttpContext http, ServerMigrationId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await ControlServerMigration.Cancel(actor, id, db, clock, ct)).ToFlash(http, $"/server-migrations/{id}", "The step at work ends; then what was done is taken back."));
        var servers = routes.MapGroup("/servers").RequireFormToken();
        servers.MapGet("/{id}/migrate", (HttpContext http, ServerId id, Actor actor, TenantDb db, CancellationToken ct) => Ask(http, id, null, null, actor, db, ct));
        servers.MapPost("/{id}/migrate", Start);
    }

    static async Task<IResult> Ask(HttpContext http, ServerId id, IFormCollection? sent, FormErrors? errors, Actor actor, TenantDb db, CancellationToken ct)
    {
        if (!http.May(Permissions.ServersManage) || !http.May(Permissions.MailboxesManage)) return Results.StatusCode(StatusCodes.Status403Forbidden);
        var old = await ListServers.One(actor, id, db, ct);
        if (old.Problem is { } missing) return missing.ToPage();
        return (await ListServers.Handle(actor, null, Cursor.LimitMax, db, ct)).ToPage(servers => Html.Page<ServerMigrationNew>(
            new { Old = old.Value, Others = servers.Items.Where(server => server.Id != id && server.State is not (ServerState.Destroying or ServerState.Destroyed or ServerState.Failed)).ToArray(), Sent = sent, Errors = errors },
            errors is null ? StatusCodes.Status200OK : Answers.Refused));
    }

    static async Task<IResult> Start(HttpContext http, ServerId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        if (!ServerId.TryParse(form.Text("to"), null, out var to)) return await Ask(http, id, form, new FormErrors().Add("to", "Choose the server that shall take over, or add one first."), actor, db, ct);
        var started = await StartServerMigration.Handle(actor, id, new(to, form.Text("confirm")), db, clock, ct);
        if (started.Problem is { } problem)
            return problem.Kind == ProblemKind.Conflict ? await Ask(http, id, form, new FormErrors().Add(problem.Code == "server.confirm_migrate" ? "confirm" : "to", problem.Detail), actor, db, ct) : problem.ToPage();
        return Results.LocalRedirect($"/server-migrations/{started.Value.Id}");
    }
}
