using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Secrets.Accesses;
using PenguinMails.Secrets.BreakGlass;
using PenguinMails.Secrets.Entries;
using PenguinMails.Secrets.Store;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Secrets;

/// <summary>Break-glass: ask, agree, read, close.</summary>
static class BreakGlassPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/secrets/break-glass").RequireFormToken();
        pages.MapGet("", async (HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await ListGrants.Handle(actor, http.Asked("after"), null, db, clock, ct)).ToPage(page => Html.Page<GrantList>(new { Rows = page })));
        pages.MapGet("/new", (HttpContext http, Actor actor, TenantDb db, CancellationToken ct) => Ask(http.Asked("secret"), actor, null, null, db, ct));
        pages.MapPost("", Send);
        pages.MapGet("/{id}", async (GrantId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            await Show(await ListGrants.One(actor, id, db, clock, ct), actor, null, db, ct));
        pages.MapPost("/{id}/approve", async (HttpContext http, GrantId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await DecideBreakGlass.Approve(actor, id, db, clock, ct)).ToFlash(http, $"/secrets/break-glass/{id}", "You agreed. The time runs from now."));
        pages.MapPost("/{id}/refuse", async (HttpContext http, GrantId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await DecideBreakGlass.Refuse(actor, id, db, clock, ct)).ToFlash(http, $"/secrets/break-glass/{id}", "You refused."));
        pages.MapPost("/{id}/close", async (HttpContext http, GrantId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await DecideBreakGlass.Close(actor, id, db, clock, ct)).ToFlash(http, $"/secrets/break-glass/{id}", "Closed. Nothing can be read under it any more."));
        pages.MapPost("/{id}/read", Read);
    }

    static async Task<IResult> Ask(string? secret, Actor actor, IFormCollection? sent, FormErrors? errors, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.SecretsBreakGlass)) return Results.StatusCode(StatusCodes.Status403Forbidden);
        return SecretId.TryParse(secret, null, out var id)
            ? (await ListSecrets.One(actor, id, db, ct)).ToPage(found => Html.Page<GrantNew>(new { Entry = found.Secret, Sent = sent, Errors = errors }, errors is null ? StatusCodes.Status200OK : Answers.Refused))
            : Results.StatusCode(StatusCodes.Status404NotFound);
    }

    static async Task<IResult> Send(HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        if (!SecretId.TryParse(form.Text("secret"), null, out var id)) return Results.StatusCode(StatusCodes.Status404NotFound);
        var asked = await RequestBreakGlass.Handle(actor, new(id, form.Text("reason").ReplaceLineEndings(" "), form.Number("minutes")), db, clock, ct);
        return asked.Problem is { } problem
            ? problem.Kind == ProblemKind.Forbidden ? problem.ToPage() : await Ask(form.Text("secret"), actor, form, problem.ToErrors(), db, ct)
            : Flash.To(http, $"/secrets/break-glass/{asked.Value.Id}", "Asked. Somebody else has to agree.");
    }

    // The answer to the button shows the value itself, so it is never in an address, a cookie or a second page.
    static async Task<IResult> Read(HttpContext http, GrantId id, Actor actor, ISecretStore store, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        var read = await ReadBehindGlass.Handle(actor, id, SecretAccess.Of(http), store, db, clock, ct);
        return read.Problem is null ? await Show(await ListGrants.One(actor, id, db, clock, ct), actor, read.Value, db, ct) : read.ToFlash(http, $"/secrets/break-glass/{id}", "");
    }

    static async Task<IResult> Show(Result<Grant> found, Actor actor, ReadBehindGlass.Output? shown, TenantDb db, CancellationToken ct)
    {
        if (found.Problem is { } problem) return problem.ToPage();
        return (await ListAccesses.Handle(actor, new(found.Value.Path, null, 10), db, ct)).ToPage(accesses =>
            Html.Page<GrantOne>(new { Grant = found.Value, Accesses = accesses with { NextCursor = null }, shown?.Fields, Version = shown?.Version ?? 0 }));
    }
}
