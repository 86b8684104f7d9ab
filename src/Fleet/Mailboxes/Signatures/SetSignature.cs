using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Mailboxes.Signatures;

/// <summary>What stands for <c>{{signature}}</c> in messages from a mailbox.</summary>
/// <param name="Text">For the text part; empty makes it from the HTML.</param>
/// <param name="Html">For the HTML part, cleaned; empty makes it from the text.</param>
public sealed record Signature(string Text, string Html)
{
    internal static Signature Read(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1));
}

/// <summary>Sets the signature of a mailbox, or takes it away, and reads it. Messages that are sent from then on have it. Of the HTML only plain, safe elements are kept.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>mailbox.not_found</c> or <c>signature.invalid</c>.</remarks>
public static class SetSignature
{
    /// <param name="Text">At most 2,000 characters.</param>
    /// <param name="Html">At most 10,000 characters; text, lists, a plain table, links (http, https, mailto, tel) and pictures by https.</param>
    public sealed record Input(string Text = "", string Html = "");

    /// <param name="Removed">What of the HTML was taken out: <c>script</c>, <c>a onclick</c>.</param>
    public sealed record Output(string Text, string Html, IReadOnlyList<string> Removed);

    public const int TextLengthMax = 2_000;
    public const int HtmlLengthMax = 10_000;
    const int CleanLengthMax = 20_000; // Escaping makes text longer.

    const string Save = "update fleet.mailbox set signature_text = $4, signature_html = $5 where tenant_id = $1 and workspace_id = $2 and id = $3";

    const string Select = "select signature_text, signature_html from fleet.mailbox where tenant_id = $1 and workspace_id = $2 and id = $3";

    public static async Task<Result<Output>> Handle(Actor actor, MailboxId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        var text = input.Text.ReplaceLineEndings("\n").Trim();
        if (Faults(text, input.Html).ToArray() is { Length: > 0 } faults) return Problem.Invalid("signature.invalid", faults);
        var (html, removed) = CleanHtml.Of(input.Html);
        if (html.Length > CleanLengthMax) return Problem.Invalid("signature.invalid", new FieldProblem("html", "Too long once its characters are escaped. Shorten it."));

        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Execute(Save, ct, actor.Tenant, workspace, id, text, html) == 0) return ListMailboxes.NotFound;
        await tx.Append(actor, "mailbox.signature_set", id.ToString(), new { text = text.Length, html = html.Length }, clock.GetUtcNow(), ct);
        await tx.Commit(ct);
        return new Output(text, html, removed);
    }

    public static async Task<Result<Signature>> Read(Actor actor, MailboxId id, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesRead)) return Actor.Forbidden(Permissions.MailboxesRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await tx.Maybe(Select, Signature.Read, ct, actor.Tenant, workspace, id) is { } found ? found : ListMailboxes.NotFound;
    }

    static IEnumerable<FieldProblem> Faults(string text, string html)
    {
        if (text.Length > TextLengthMax) yield return new("text", $"At most {TextLengthMax:N0} characters.");
        if (html.Length > HtmlLengthMax) yield return new("html", $"At most {HtmlLengthMax:N0} characters.");
        foreach (var (field, value) in new[] { ("text", text), ("html", html) })
        {
            if (value.Any(letter => char.IsControl(letter) && letter is not ('\n' or '\r' or '\t'))) yield return new(field, "Control characters cannot be sent. Remove them.");
            if (value.Contains("{{", StringComparison.Ordinal)) yield return new(field, "Merge fields are not filled in inside a signature. Write them into the template.");
        }
    }

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapPut("/mailboxes/{id}/signature", async (Actor actor, MailboxId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, input, db, clock, ct)).ToHttp());
        api.MapGet("/mailboxes/{id}/signature", async (Actor actor, MailboxId id, TenantDb db, CancellationToken ct) => (await Read(actor, id, db, ct)).ToHttp());
    }
}
