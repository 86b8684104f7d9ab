using PenguinMails.Accounts.Sessions;
using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Accounts;

/// <summary>Workspaces: choose, make, and say who mail from each is from.</summary>
static class WorkspacePages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/workspaces").RequireFormToken();
        pages.MapGet("", async (Actor actor, SignedIn person, TenantDb db, CancellationToken ct) =>
        {
            var me = await WhoAmI.Handle(person, db, ct);
            if (me.Problem is { } problem) return problem.ToPage();
            return (await ListWorkspaces.Handle(actor, null, Cursor.LimitMax, db, ct)).ToPage(page =>
                Html.Page<WorkspaceList>(new { Rows = page.Items, Current = actor.Workspace, Me = me.Value }));
        });
        pages.MapGet("/new", (HttpContext http) => http.May(Permissions.WorkspacesManage)
            ? Html.Page<WorkspaceEdit>()
            : Results.StatusCode(StatusCodes.Status403Forbidden));
        pages.MapPost("", Create);
        pages.MapGet("/current", (Actor actor) => Results.LocalRedirect(actor.Workspace is { } id ? $"/workspaces/{id}" : "/workspaces"));
        pages.MapGet("/{id}", async (WorkspaceId id, Actor actor, TenantDb db, CancellationToken ct) =>
            (await Find(actor, id, db, ct)).ToPage(w => Html.Page<WorkspaceEdit>(new { w.Id, w.Name, w.SenderName, w.PostalAddress, IsArchived = w.ArchivedAt is not null })));
        pages.MapPost("/{id}", Update);
        pages.MapPost("/switch", Switch);
    }

    static async Task<Result<Workspace>> Find(Actor actor, WorkspaceId id, TenantDb db, CancellationToken ct) =>
        (await ListWorkspaces.Handle(actor, null, Cursor.LimitMax, db, ct)).Match<Result<Workspace>>(
            page => page.Items.FirstOrDefault(w => w.Id == id) is { } found
                ? found
                : new Problem(ProblemKind.NotFound, "workspace.not_found", "There is no such workspace in this account."),
            problem => problem);

    static async Task<IResult> Create(HttpContext http, Actor actor, SignedIn person, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var made = await CreateWorkspace.Handle(actor, new(form.Text("name"), form.Text("sender_name"), form.Text("postal_address")), db, clock, ct);
        if (made.Problem is { } problem) return Refused(form, null, problem);
        await ChooseWorkspace.Handle(person, new(actor.Tenant, made.Value.Id), db, ct);
        return Flash.To(http, "/", "The workspace was made, and you are in it.");
    }

    static async Task<IResult> Update(HttpContext http, WorkspaceId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var input = new UpdateWorkspace.Input(form.Text("name"), form.Text("sender_name"), form.Text("postal_address"), form.IsTicked("is_archived"));
        var done = await UpdateWorkspace.Handle(actor, id, input, db, clock, ct);
        return done.Problem is { } problem ? Refused(form, id, problem) : Flash.To(http, "/workspaces", "Saved.");
    }

    static IResult Refused(IFormCollection form, WorkspaceId? id, Problem problem) => problem.Kind is ProblemKind.Forbidden or ProblemKind.NotFound
        ? problem.ToPage()
        : Html.Page<WorkspaceEdit>(new
        {
            Id = id, Name = form.Text("name"), SenderName = form.Text("sender_name"), PostalAddress = form.Text("postal_address"), IsArchived = form.IsTicked("is_archived"),
            Errors = problem.ToErrors(),
        }, Answers.Refused);

    // The page one was on may show things of the workspace that was left, so the way leads to its section's start.
    static async Task<IResult> Switch(HttpContext http, SignedIn person, TenantDb db, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var tenant = TenantId.TryParse(form.Text("tenant"), null, out var other) ? other : person.Actor?.Tenant ?? default;
        WorkspaceId? workspace = WorkspaceId.TryParse(form.Text("workspace"), null, out var id) ? id : null;
        var back = form.Text("back");
        var section = PageUrl.IsLocal(back) ? "/" + back.Split('/', '?')[1] : "/";
        return (await ChooseWorkspace.Handle(person, new(tenant, workspace), db, ct)).Match(
            _ => Results.LocalRedirect(section),
            problem => Flash.To(http, "/workspaces", $"{problem.Detail} ({problem.Code})", Tone.Bad));
    }
}
