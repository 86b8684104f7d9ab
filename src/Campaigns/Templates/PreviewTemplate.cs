using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Campaigns.Contacts;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Content;

namespace PenguinMails.Campaigns.Templates;

/// <summary>A template as one contact would get it. Sends nothing.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>template.not_found</c> or <c>contact.not_found</c>.</remarks>
public static class PreviewTemplate
{
    /// <param name="Contact">Null: a made-up contact.</param>
    public sealed record Input(TemplateId Id, ContactId? Contact = null);

    /// <param name="Missing">Merge fields without fallback that this contact lacks.</param>
    public sealed record Output(string To, string Subject, string Html, string Text, IReadOnlyList<string> Missing);

    static readonly Dictionary<string, string> Example = new(StringComparer.Ordinal)
    {
        ["email"] = "anna.meyer@example.com", ["first_name"] = "Anna", ["last_name"] = "Meyer", ["company"] = "Example Industries",
    };

    public static async Task<Result<Output>> Handle(Actor actor, Input input, TenantDb db, CancellationToken ct)
    {
        var template = await ListTemplates.One(actor, input.Id, db, ct);
        if (template.Problem is { } problem) return problem;
        var fields = new Dictionary<string, string>(Example, StringComparer.Ordinal);
        if (input.Contact is { } id)
        {
            var contact = await ListContacts.One(actor, id, db, ct);
            if (contact.Problem is { } missing) return missing;
            fields = contact.Value.MergeFields();
        }

        return Render(template.Value, fields);
    }

    static Output Render(Template template, Dictionary<string, string> fields)
    {
        var lacks = template.RequiredFields().Where(f => !fields.ContainsKey(f)).Order(StringComparer.Ordinal).ToList();
        fields["unsubscribe_url"] = "https://track.example.com/u/preview";
        fields["physical_address"] = "The postal address of this workspace";
        fields["sender_name"] = "The sender's name";
        fields["sender_address"] = "sender@example.com";
        fields["signature"] = "The signature of the mailbox";
        return new Output(fields["email"], Part(template.Subject, false, fields), Part(template.Html, true, fields), Part(template.TextPart, false, fields), lacks);
    }

    static string Part(string source, bool isHtml, Dictionary<string, string> fields) =>
        MergeTemplate.TryCompile(source, isHtml, out var template, out var fault) ? template.Render(fields) : fault.Detail;

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/templates/{id}/preview",
        async (Actor actor, TemplateId id, ContactId? contact, TenantDb db, CancellationToken ct) => (await Handle(actor, new Input(id, contact), db, ct)).ToHttp());
}
