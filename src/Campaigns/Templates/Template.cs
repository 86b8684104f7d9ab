using Npgsql;
using PenguinMails.Core;
using PenguinMails.Delivery.Content;

namespace PenguinMails.Campaigns.Templates;

/// <summary>A message with merge fields.</summary>
/// <param name="Html">Empty for a text-only message.</param>
/// <param name="Text">Empty: made from the HTML when sent.</param>
public sealed record Template(TemplateId Id, string Name, string Subject, string Html, string Text, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    /// <summary>Merge fields that the program fills in itself.</summary>
    public static readonly IReadOnlySet<string> BuiltIn =
        new HashSet<string>(StringComparer.Ordinal) { "email", "unsubscribe_url", "physical_address", "sender_name", "sender_address", "signature" };

    public static readonly Problem NotFound = new(ProblemKind.NotFound, "template.not_found", "There is no such template in this workspace.");

    internal const string SelectOne = """
        select id, name, subject, html, text, created_at, updated_at
        from campaigns.template
        where tenant_id = $1 and workspace_id = $2 and id = $3
        """;

    /// <summary>The text part as it will be sent.</summary>
    public string TextPart => Text.Length > 0 || Html.Length == 0 ? Text : PlainText.From(Html);

    /// <summary>Fields no contact may lack, over subject, HTML and text; the built-in ones left out.</summary>
    public IReadOnlySet<string> RequiredFields() => Compile().SelectMany(t => t.Required).Where(f => !BuiltIn.Contains(f)).ToHashSet(StringComparer.Ordinal);

    public bool Names(string field) => Compile().Any(t => t.Fields.Contains(field));

    internal static Template Read(NpgsqlDataReader row) => new(new(row.GetGuid(0)), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4),
        row.GetFieldValue<DateTimeOffset>(5), row.GetFieldValue<DateTimeOffset>(6));

    // A stored template was compiled before it was stored.
    List<MergeTemplate> Compile()
    {
        var compiled = new List<MergeTemplate>();
        foreach (var (source, isHtml) in new[] { (Subject, false), (Html, true), (TextPart, false) })
            if (MergeTemplate.TryCompile(source, isHtml, out var template, out _)) compiled.Add(template);
        return compiled;
    }
}
