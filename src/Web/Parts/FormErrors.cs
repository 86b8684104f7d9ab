namespace PenguinMails.Web.Parts;

/// <summary>What the server refused: a sentence for each field, and one for the whole form under the empty name.</summary>
public sealed class FormErrors
{
    readonly List<(string Field, string Text)> lines = [];

    /// <summary>In the order they were added.</summary>
    public IReadOnlyList<(string Field, string Text)> Lines => lines;

    public bool IsEmpty => lines.Count == 0;

    /// <param name="field">The name of the field, or "" for the form as a whole.</param>
    /// <param name="text">What is wrong and what to do: "Enter the domain without https://, for example acme.com."</param>
    public FormErrors Add(string field, string text)
    {
        lines.Add((field, text));
        return this;
    }

    /// <summary>The first sentence for that field, or null.</summary>
    public string? Of(string field) => lines.Find(l => l.Field == field).Text;

    /// <summary>The id of a field's control, so that summaries link to it.</summary>
    public static string IdOf(string field) => "f-" + field;
}
