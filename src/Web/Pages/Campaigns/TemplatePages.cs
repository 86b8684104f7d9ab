using PenguinMails.Campaigns.Contacts;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Campaigns;

/// <summary>Messages with merge fields: list, write, preview.</summary>
static class TemplatePages
{
    // The e-mail's own HTML: no script, no form, nothing from our site; only this page may frame it.
    const string PreviewPolicy = "sandbox; default-src 'none'; img-src data: https:; style-src 'unsafe-inline'; frame-ancestors 'self'";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/templates").RequireFormToken();
        pages.MapGet("", async (HttpContext http, Actor actor, TenantDb db, CancellationToken ct) =>
            (await ListTemplates.Handle(actor, http.Asked("after"), null, db, ct)).ToPage(page => Html.Page<TemplateList>(new { Rows = page })));
        pages.MapGet("/new", (HttpContext http) => http.May(Permissions.TemplatesWrite)
            ? Html.Page<TemplateEdit>(new { Sent = TemplateEdit.Start })
            : Results.StatusCode(StatusCodes.Status403Forbidden));
        pages.MapPost("", (HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => Save(http, null, actor, db, clock, ct));
        pages.MapGet("/{id}", async (TemplateId id, Actor actor, TenantDb db, CancellationToken ct) =>
            (await ListTemplates.One(actor, id, db, ct)).ToPage(t => Html.Page<TemplateEdit>(new { Id = id, Sent = new SaveTemplate.Input(t.Name, t.Subject, t.Html, t.Text) })));
        pages.MapPost("/{id}", (HttpContext http, TemplateId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => Save(http, id, actor, db, clock, ct));
        pages.MapGet("/{id}/preview", Preview);
        pages.MapGet("/{id}/preview.html", PreviewHtml);
    }

    static async Task<IResult> Save(HttpContext http, TemplateId? id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var input = new SaveTemplate.Input(form.Text("name"), form.Text("subject"), form.Text("html"), form.Text("text"));
        return (await SaveTemplate.Handle(actor, id, input, db, clock, ct)).Match(
            saved => Flash.To(http, $"/templates/{saved.Id}/preview", $"{saved.Name} was saved."),
            problem => problem.Kind is ProblemKind.Forbidden or ProblemKind.NotFound
                ? problem.ToPage()
                : Html.Page<TemplateEdit>(new { Id = id, Sent = input, Errors = problem.ToErrors() }, Answers.Refused));
    }

    static async Task<IResult> Preview(HttpContext http, TemplateId id, Actor actor, TenantDb db, CancellationToken ct)
    {
        var template = await ListTemplates.One(actor, id, db, ct);
        if (template.Problem is { } problem) return problem.ToPage();
        var contacts = (await ListContacts.Handle(actor, new(), db, ct)).Match(page => page.Items, _ => []);
        return (await PreviewTemplate.Handle(actor, new(id, Contact(http)), db, ct)).ToPage(shown =>
            Html.Page<TemplatePreview>(new { Template = template.Value, Shown = shown, Contacts = contacts }));
    }

    static async Task<IResult> PreviewHtml(HttpContext http, TemplateId id, Actor actor, TenantDb db, CancellationToken ct) =>
        (await PreviewTemplate.Handle(actor, new(id, Contact(http)), db, ct)).ToPage(shown =>
        {
            http.Response.Headers.ContentSecurityPolicy = PreviewPolicy;
            return Results.Content(shown.Html, "text/html; charset=utf-8");
        });

    static ContactId? Contact(HttpContext http) => ContactId.TryParse(http.Asked("contact"), null, out var id) ? id : null;
}
