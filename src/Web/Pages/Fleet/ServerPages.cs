using System.Globalization;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Servers;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Fleet;

/// <summary>Machines that carry mail: what there is, what it costs, what is wrong; new ones, own or ordered.</summary>
static class ServerPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/servers").RequireFormToken();
        pages.MapGet("", List);
        pages.MapGet("/new", (HttpContext http, Actor actor, TenantDb db, ServerReach reach, CancellationToken ct) => ServerNewPages.Show(http, null, null, actor, db, reach, ct));
        pages.MapPost("", ServerNewPages.Add);
        pages.MapPost("/order", ServerNewPages.Order);
        pages.MapGet("/hosts", (HttpContext http, Actor actor, TenantDb db, CancellationToken ct) => ServerNewPages.Hosts(http, null, null, actor, db, ct));
        pages.MapPost("/hosts", ServerNewPages.Connect);
        pages.MapGet("/budget", (HttpContext http, Actor actor, TenantDb db, CancellationToken ct) => Budget(http, null, null, actor, db, ct));
        pages.MapPost("/budget", SetBudget);
        ServerStackPages.Map(pages);
        pages.MapGet("/{id}", (ServerId id, Actor actor, TenantDb db, CancellationToken ct) => Show(id, null, actor, db, ct));
        pages.MapPost("/{id}/check", async (HttpContext http, ServerId id, Actor actor, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct) =>
            (await CheckServer.Handle(actor, id, db, reach, clock, ct)).Match(
                found => Flash.To(http, $"/servers/{id}", found.State == ServerState.Ready ? (found.StackUrl is null ? "The machine answers and is fit for mail." : "The mail server answers.") : "The check found something; below is what to do.", found.State == ServerState.Ready ? Tone.Good : Tone.Warn),
                problem => Back(http, id, problem)));
        pages.MapPost("/{id}/host-key", async (HttpContext http, ServerId id, Actor actor, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct) =>
            (await ConfirmHostKey.Handle(actor, id, new((await http.Request.ReadFormAsync(ct)).Text("fingerprint")), db, reach, clock, ct)).ToFlash(http, $"/servers/{id}", "The new host key is pinned."));
        pages.MapPost("/{id}/ptr", async (HttpContext http, ServerId id, Actor actor, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct) =>
            (await SetServerPtr.Handle(actor, id, new((await http.Request.ReadFormAsync(ct)).Optional("ip")), db, reach, clock, ct)).ToFlash(http, $"/servers/{id}", "Reverse DNS is set. It can take a day to be seen everywhere."));
        pages.MapPost("/{id}/destroy", Destroy);
    }

    static async Task<IResult> List(HttpContext http, Actor actor, TenantDb db, CancellationToken ct)
    {
        var rows = await ListServers.Handle(actor, http.Asked("after"), null, db, ct);
        if (rows.Problem is { } refused) return refused.ToPage();
        return (await SetServerBudget.Look(actor, db, ct)).ToPage(budget => Html.Page<ServerList>(new { Rows = rows.Value, Budget = budget }));
    }

    static async Task<IResult> Show(ServerId id, FormErrors? errors, Actor actor, TenantDb db, CancellationToken ct)
    {
        var server = await ListServers.One(actor, id, db, ct);
        if (server.Problem is { } missing) return missing.ToPage();
        var users = await DestroyServer.UsedBy(actor, id, db, ct);
        return users.ToPage(used => Html.Page<ServerOne>(new { Server = server.Value, UsedBy = used, Errors = errors }, errors is null ? StatusCodes.Status200OK : Answers.Refused));
    }

    static async Task<IResult> Destroy(HttpContext http, ServerId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var destroyed = await DestroyServer.Handle(actor, id, new(form.Text("confirm"), form.IsTicked("also_used")), db, clock, ct);
        if (destroyed.Problem is not { Kind: ProblemKind.Conflict } problem) return destroyed.ToFlash(http, $"/servers/{id}", "The server is being given up. This page follows it.");
        return await Show(id, new FormErrors().Add(problem.Code == "server.in_use" ? "also_used" : "confirm", problem.Detail), actor, db, ct);
    }

    static async Task<IResult> Budget(HttpContext http, FormErrors? errors, IFormCollection? sent, Actor actor, TenantDb db, CancellationToken ct)
    {
        if (!http.May(Permissions.ServersManage)) return Results.StatusCode(StatusCodes.Status403Forbidden);
        return (await SetServerBudget.Look(actor, db, ct)).ToPage(budget => Html.Page<ServerBudgetPage>(new { Budget = budget, Errors = errors, Sent = sent }, errors is null ? StatusCodes.Status200OK : Answers.Refused));
    }

    static async Task<IResult> SetBudget(HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        // What is no number is refused at its field, as one outside the range.
        var most = decimal.TryParse(form.Text("monthly_max"), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) ? amount : -1;
        var set = await SetServerBudget.Handle(actor, new(form.Number("servers_max"), most, form.Text("currency")), db, clock, ct);
        if (set.Problem is not { Kind: ProblemKind.Invalid or ProblemKind.Conflict } problem) return set.ToFlash(http, "/servers", "The budget is set.");
        return await Budget(http, problem.ToErrors(), form, actor, db, ct);
    }

    static IResult Back(HttpContext http, ServerId id, Problem problem) => Result(problem).ToFlash(http, $"/servers/{id}", "");

    static Result<Done> Result(Problem problem) => problem;
}
