using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Secrets.Accesses;
using PenguinMails.Secrets.BreakGlass;
using PenguinMails.Secrets.Entries;
using PenguinMails.Secrets.Rotations;
using PenguinMails.Secrets.Store;
using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Secrets;

/// <summary>Secrets by name: list, one, add, write anew, plan, rotate; calendar and accesses. Never a value.</summary>
static class SecretPages
{
    const string WrittenHere = "changed on its page";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/secrets").RequireFormToken();
        pages.MapGet("", List);
        pages.MapGet("/new", (HttpContext http) => http.May(Permissions.SecretsManage) ? Html.Page<SecretNew>() : Results.StatusCode(StatusCodes.Status403Forbidden));
        pages.MapPost("", Add);
        pages.MapGet("/rotation", async (HttpContext http, Actor actor, Rotators rotators, TenantDb db, CancellationToken ct) =>
            (await ListRotations.Handle(actor, http.Asked("after"), null, db, ct)).ToPage(page => Html.Page<RotationCalendar>(new { Rows = page, Automatic = RotationKinds.All.Where(kind => rotators.Find(kind) is not null).ToList() })));
        pages.MapGet("/accesses", async (HttpContext http, Actor actor, TenantDb db, CancellationToken ct) =>
            (await ListAccesses.Handle(actor, new(http.Asked("path"), http.Asked("after")), db, ct)).ToPage(page => Html.Page<AccessList>(new { Rows = page })));
        pages.MapGet("/{id}", (SecretId id, Actor actor, Rotators rotators, TenantDb db, CancellationToken ct) => Show(id, actor, rotators, null, null, null, db, ct));
        pages.MapPost("/{id}", Write);
        pages.MapPost("/{id}/plan", Plan);
        pages.MapPost("/{id}/rotate", async (HttpContext http, SecretId id, Actor actor, Rotators rotators, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await StartRotation.Handle(actor, id, new("asked for on its page"), rotators, db, clock, ct)).ToFlash(http, $"/secrets/{id}", "The rotation has begun. The old value stays valid until the new one has proven itself."));
        pages.MapPost("/{id}/resume", Resume);
        pages.MapPost("/{id}/destroy", async (HttpContext http, SecretId id, Actor actor, ISecretStore store, TenantDb db, CancellationToken ct) =>
            (await ChangeVersion.Destroy(actor, id, new((await http.Request.ReadFormAsync(ct)).Number("version", 0), WrittenHere), SecretAccess.Of(http), store, db, ct)).ToFlash(http, $"/secrets/{id}", "The version was destroyed."));
        pages.MapPost("/{id}/remove", async (HttpContext http, SecretId id, Actor actor, ISecretStore store, TenantDb db, CancellationToken ct) =>
            (await ChangeVersion.Remove(actor, id, new(WrittenHere), SecretAccess.Of(http), store, db, ct)).ToFlash(http, "/secrets", "The secret was removed with all its versions."));
    }

    static async Task<IResult> List(HttpContext http, Actor actor, ISecretStore store, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var rows = await ListSecrets.Handle(actor, new(http.Asked("q"), http.Asked("after")), db, ct);
        if (rows.Problem is { } problem) return problem.ToPage();
        var open = (await ListGrants.Handle(actor, null, Cursor.LimitMax, db, clock, ct)).Match(page => page.Items.Where(grant => grant.State is GrantState.Open or GrantState.Requested).ToList(), _ => []);
        return (await ReadStatus.Handle(actor, store, db, clock, ct)).ToPage(status => Html.Page<SecretList>(new { Rows = rows.Value, Status = status, Open = open }));
    }

    static async Task<IResult> Show(SecretId id, Actor actor, Rotators rotators, IFormCollection? sent, FormErrors? errors, FormErrors? planErrors, TenantDb db, CancellationToken ct)
    {
        var found = await ListSecrets.One(actor, id, db, ct);
        if (found.Problem is { } problem) return problem.ToPage();
        var (detail, kind) = (found.Value, found.Value.Secret.Kind);
        return (await ListAccesses.Handle(actor, new(detail.Secret.Path, null, 10), db, ct)).ToPage(accesses => Html.Page<SecretOne>(new
        {
            Detail = detail, Accesses = accesses with { NextCursor = null }, CanRotate = kind is not null && rotators.Find(kind) is not null, Sent = sent, Errors = errors, PlanErrors = planErrors,
        }, errors is null && planErrors is null ? StatusCodes.Status200OK : Answers.Refused));
    }

    static async Task<IResult> Add(HttpContext http, Actor actor, ISecretStore store, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var input = new WriteSecret.Input(form.Text("path").Trim(), new Dictionary<string, string> { [form.Text("field").Trim()] = form.Text("fields") }, form.Text("reason"), 0, form.Optional("kind"));
        return (await WriteSecret.Handle(actor, input, SecretAccess.Of(http), store, db, clock, ct)).Match(
            made => Flash.To(http, $"/secrets/{made.Id}", "The secret is sealed."),
            problem => problem.Kind == ProblemKind.Forbidden ? problem.ToPage() : Html.Page<SecretNew>(new { Sent = form, Errors = problem.ToErrors() }, Answers.Refused));
    }

    static async Task<IResult> Write(HttpContext http, SecretId id, Actor actor, Rotators rotators, ISecretStore store, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var found = await ListSecrets.One(actor, id, db, ct);
        if (found.Problem is { } missing) return missing.ToPage();
        var fields = new Dictionary<string, string> { [form.Text("field").Trim()] = form.Text("fields") };
        var written = await WriteSecret.Handle(actor, new(found.Value.Secret.Path, fields, form.Text("reason"), form.Number("expected_version")), SecretAccess.Of(http), store, db, clock, ct);
        return written.Problem is { } problem
            ? problem.Kind == ProblemKind.Forbidden ? problem.ToPage() : await Show(id, actor, rotators, form, problem.ToErrors(), null, db, ct)
            : Flash.To(http, $"/secrets/{id}", $"Version {written.Value.Version} is sealed and current.");
    }

    static async Task<IResult> Plan(HttpContext http, SecretId id, Actor actor, Rotators rotators, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        int? days = form.Optional("period_days") is null ? null : form.Number("period_days");
        var planned = await PlanRotation.Handle(actor, id, new(form.Text("kind"), days, form.Number("overlap_hours")), db, clock, ct);
        return planned.Problem is { } problem
            ? problem.Kind == ProblemKind.Invalid ? await Show(id, actor, rotators, null, null, problem.ToErrors(), db, ct) : problem.ToPage()
            : Flash.To(http, $"/secrets/{id}", "The plan was saved.");
    }

    static async Task<IResult> Resume(HttpContext http, SecretId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var found = await ListSecrets.One(actor, id, db, ct);
        if (found.Problem is { } missing) return missing.ToPage();
        if (found.Value.Secret.RotationId is not { } run) return Results.StatusCode(StatusCodes.Status404NotFound);
        return (await ResumeRotation.Handle(actor, run, new(form.IsTicked("rolls_back")), db, clock, ct)).ToFlash(http, $"/secrets/{id}", "The rotation goes on.");
    }
}
