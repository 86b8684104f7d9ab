using System.Text;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Servers;
using PenguinMails.Secrets;
using PenguinMails.Web.Parts;

namespace PenguinMails.Web.Pages.Fleet;

/// <summary>Mail servers that somebody runs already, and the queue and log of any.</summary>
static class ServerStackPages
{
    const int LogLines = 200;

    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.MapGet("/connect", (HttpContext http) => Form(http, null, null));
        pages.MapPost("/connect", Connect);
        pages.MapGet("/{id}/mail", Mail);
        pages.MapPost("/{id}/files", Files);
        pages.MapPost("/{id}/stack-token", Token);
        pages.MapPost("/{id}/apply", async (HttpContext http, ServerId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await ApplyStack.Handle(actor, id, db, clock, ct)).ToFlash(http, $"/servers/{id}", "The server is being brought up to date."));
    }

    static IResult Form(HttpContext http, FormErrors? errors, IFormCollection? sent) => http.May(Permissions.ServersManage)
        ? Html.Page<ServerConnect>(new { Errors = errors, Sent = sent }, errors is null ? StatusCodes.Status200OK : Answers.Refused)
        : Results.StatusCode(StatusCodes.Status403Forbidden);

    static async Task<IResult> Connect(HttpContext http, Actor actor, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var input = new ConnectStack.Input(form.Text("name"), form.Text("host_name"), form.Text("url"), form.Text("token"), form.Text("addresses").Split([',', ' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries));
        var connected = await ConnectStack.Handle(actor, input, db, reach, clock, ct);
        if (connected.Problem is { Kind: not ProblemKind.Forbidden } problem) return Form(http, problem.ToErrors(), form);
        return connected.ToPage(made => Flash.To(http, $"/servers/{made.Id}", $"{StackWords.Kind(made.StackKind, made.StackVersion)} answered. Nothing was changed there; choose this server for a domain to begin."));
    }

    static async Task<IResult> Mail(ServerId id, Actor actor, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct)
    {
        var server = await ListServers.One(actor, id, db, ct);
        if (server.Problem is { } missing) return missing.ToPage();
        var queue = await CompareStack.Queue(actor, id, db, reach, clock, ct);
        if (queue.Problem is { Kind: ProblemKind.Forbidden } refused) return refused.ToPage();
        // A server that is not reached for the one is not asked for the other.
        var log = queue.Problem is { Kind: ProblemKind.Unavailable } silent ? silent : await CompareStack.Log(actor, id, LogLines, db, reach, clock, ct);
        return Html.Page<ServerMail>(new
        {
            Server = server.Value,
            Queue = queue.IsOk ? queue.Value : null,
            QueueProblem = queue.Problem?.Detail,
            Log = log.IsOk ? log.Value : null,
            LogProblem = log.Problem?.Detail,
        });
    }

    static async Task<IResult> Files(HttpContext http, ServerId id, Actor actor, TenantDb db, SealedBox box, TimeProvider clock, CancellationToken ct)
    {
        var isImport = (await http.Request.ReadFormAsync(ct)).Text("file") == "import";
        var files = await ReadStackFiles.Handle(actor, id, db, box, clock, ct);
        if (files.Problem is not null) return files.ToFlash(http, $"/servers/{id}", "");
        http.Response.Headers.CacheControl = "no-store";
        return Results.File(Encoding.UTF8.GetBytes(isImport ? files.Value.Import : files.Value.Environment), isImport ? "application/yaml" : "text/plain", isImport ? "mail-config.yml" : "mailu.env.txt");
    }

    static async Task<IResult> Token(HttpContext http, ServerId id, Actor actor, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct) =>
        (await RenewStackToken.Handle(actor, id, new((await http.Request.ReadFormAsync(ct)).Text("token")), db, reach, clock, ct)).ToFlash(http, $"/servers/{id}", "The new token is in use.");
}
