using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Content;

namespace PenguinMails.Campaigns.Templates;

/// <summary>Creates a template or changes one. What a launched campaign sends was copied at launch and does not change.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>template.invalid</c>, <c>template.name_taken</c> or <c>template.not_found</c>.</remarks>
public static class SaveTemplate
{
    /// <param name="Html">May be empty when there is a text.</param>
    /// <param name="Text">May be empty when there is HTML: the text part is then made from it.</param>
    public sealed record Input(string Name, string Subject, string Html = "", string Text = "");

    const int NameLengthMax = 100;
    const int SubjectLengthMax = 500;

    const string Insert = """
        insert into campaigns.template (tenant_id, id, workspace_id, name, subject, html, text, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $8)
        on conflict on constraint template_once do nothing
        """;

    const string Update = """
        update campaigns.template
        set name = $4, subject = $5, html = $6, text = $7, updated_at = $8
        where tenant_id = $1 and workspace_id = $2 and id = $3
          and not exists (select 1 from campaigns.template t where t.tenant_id = $1 and t.workspace_id = $2 and t.name = $4 and t.id <> $3)
        """;

    static readonly Problem NameTaken = new(ProblemKind.Conflict, "template.name_taken", "Another template has this name.") { Fields = [new("name", "Another template has this name.")] };

    /// <param name="id">Null creates a template.</param>
    public static async Task<Result<Template>> Handle(Actor actor, TemplateId? id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.TemplatesWrite)) return Actor.Forbidden(Permissions.TemplatesWrite);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        var faults = Faults(input).ToArray();
        if (faults.Length > 0) return Problem.Invalid("template.invalid", faults);

        await using var tx = await db.Begin(actor.Tenant, ct);
        var now = clock.GetUtcNow();
        var kept = id ?? TypedId.New<TemplateId>(now);
        if (id is null)
        {
            if (await tx.Execute(Insert, ct, actor.Tenant, kept, workspace, input.Name.Trim(), input.Subject.Trim(), input.Html, input.Text, now) == 0) return NameTaken;
        }
        else
        {
            if (await tx.Maybe(Template.SelectOne, Template.Read, ct, actor.Tenant, workspace, kept) is null) return Template.NotFound;
            if (await tx.Execute(Update, ct, actor.Tenant, workspace, kept, input.Name.Trim(), input.Subject.Trim(), input.Html, input.Text, now) == 0) return NameTaken;
        }

        await tx.Append(actor, id is null ? "template.created" : "template.changed", kept.ToString(), new { }, now, ct);
        var saved = await tx.One(Template.SelectOne, Template.Read, ct, actor.Tenant, workspace, kept);
        await tx.Commit(ct);
        return saved;
    }

    static IEnumerable<FieldProblem> Faults(Input input)
    {
        if (input.Name.Trim().Length is 0 or > NameLengthMax || input.Name.Any(char.IsControl)) yield return new("name", $"1 to {NameLengthMax} characters.");
        if (input.Subject.Trim().Length is 0 or > SubjectLengthMax || input.Subject.Any(char.IsControl)) yield return new("subject", $"1 to {SubjectLengthMax} characters on one line.");
        if (input.Html.Trim().Length == 0 && input.Text.Trim().Length == 0) yield return new("html", "Write the message, as HTML or as text.");
        foreach (var (field, source, isHtml) in new[] { ("subject", input.Subject, false), ("html", input.Html, true), ("text", input.Text, false) })
        {
            if (source.Contains('\0', StringComparison.Ordinal)) yield return new(field, "A NUL character cannot be sent. Remove it.");
            else if (!MergeTemplate.TryCompile(source, isHtml, out _, out var fault)) yield return new(field, $"Line {fault.Line}, column {fault.Column}: {fault.Detail}");
        }
    }

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/templates", async (Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, null, input, db, clock, ct)).ToHttp(made => TypedResults.Created($"/api/v1/templates/{made.Id}", made)));
        api.MapPut("/templates/{id}", async (Actor actor, TemplateId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, id, input, db, clock, ct)).ToHttp());
    }
}
