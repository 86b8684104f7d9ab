using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using HandlebarsDotNet;

namespace PenguinMails.Delivery.Content;

/// <summary>Why a template does not compile.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
public sealed record TemplateFault(int Line, int Column, string Detail);

/// <summary>A template with merge fields: <c>{{first_name}}</c>, <c>{{first_name|there}}</c> with a fallback, <c>{{#if company}} … {{else}} … {{/if}}</c>.</summary>
/// <remarks>A small safe part of Handlebars: no loops, partials, raw output or code, so a render ends and stays small.
/// In HTML every value is escaped but for <c>{{signature}}</c>, which is HTML of a mailbox, cleaned when it was stored: whoever renders sets it. A field that is missing or empty renders its fallback, or nothing.</remarks>
public sealed partial class MergeTemplate
{
    /// <summary>Characters of a template.</summary>
    public const int SourceLengthMax = 200_000;

    /// <summary>Tags in a template.</summary>
    public const int TagsMax = 500;

    /// <summary>The one field whose value is HTML in HTML.</summary>
    public const string Signature = "signature";

    readonly HandlebarsTemplate<object, object> _render;

    MergeTemplate(HandlebarsTemplate<object, object> render, IReadOnlySet<string> fields, IReadOnlySet<string> required) =>
        (_render, Fields, Required) = (render, fields, required);

    /// <summary>Every field the template names.</summary>
    public IReadOnlySet<string> Fields { get; }

    /// <summary>Fields that appear without a fallback and outside an <c>if</c> on themselves: a contact without them gets a hole in the text.</summary>
    public IReadOnlySet<string> Required { get; }

    /// <param name="isHtml">True escapes values for HTML; false leaves them as they are.</param>
    public static bool TryCompile(string source, bool isHtml, [NotNullWhen(true)] out MergeTemplate? template, [NotNullWhen(false)] out TemplateFault? fault)
    {
        template = null;
        if (source.Length > SourceLengthMax)
        {
            fault = new(1, 1, $"The template has {source.Length:N0} characters; {SourceLengthMax:N0} is the limit.");
            return false;
        }

        var reader = new TemplateReader(source, isHtml);
        if (!reader.TryRead(out fault)) return false;
        var engine = Handlebars.Create(new HandlebarsConfiguration { NoEscape = !isHtml });
        engine.RegisterHelper("default", (output, context, arguments) =>
        {
            var value = arguments[0] as string;
            output.Write(string.IsNullOrEmpty(value) ? arguments[1] as string ?? "" : value);
        });
        template = new MergeTemplate(engine.Compile(reader.Rewritten), reader.Fields, reader.Required);
        return true;
    }

    public string Render(IReadOnlyDictionary<string, string> fields) => _render(fields);

    /// <summary>The first place in a template where a tag begins and does not end, is of an unknown kind, or does not match.</summary>
    sealed class TemplateReader(string source, bool isHtml)
    {
        readonly HashSet<string> _fields = new(StringComparer.Ordinal);
        readonly HashSet<string> _required = new(StringComparer.Ordinal);
        readonly Stack<string> _open = new();
        readonly System.Text.StringBuilder _rewritten = new(source.Length + 64);

        public IReadOnlySet<string> Fields => _fields;
        public IReadOnlySet<string> Required => _required;
        public string Rewritten => _rewritten.ToString();

        public bool TryRead([NotNullWhen(false)] out TemplateFault? fault)
        {
            var (position, tags) = (0, 0);
            while (source.IndexOf("{{", position, StringComparison.Ordinal) is var start && start >= 0)
            {
                _rewritten.Append(source, position, start - position);
                var end = source.IndexOf("}}", start, StringComparison.Ordinal);
                if (end < 0) return Fail(start, "This tag is not closed. Add }} after the field's name.", out fault);
                if (++tags > TagsMax) return Fail(start, $"More than {TagsMax} tags.", out fault);
                if (Tag(source[(start + 2)..end].Trim()) is { } detail) return Fail(start, detail, out fault);
                position = end + 2;
            }

            _rewritten.Append(source, position, source.Length - position);
            if (_open.Count > 0) return Fail(source.Length, $"{{{{#if {_open.Peek()}}}}} is not closed. Add {{{{/if}}}}.", out fault);
            fault = null;
            return true;
        }

        /// <summary>Null when the tag is fine.</summary>
        string? Tag(string tag)
        {
            if (tag == "else") return _open.Count > 0 ? Take("{{else}}") : "{{else}} stands outside an {{#if …}}.";
            if (tag == "/if") return _open.TryPop(out _) ? Take("{{/if}}") : "{{/if}} closes nothing.";
            if (IfTag().Match(tag) is { Success: true } condition) return Open(condition.Groups[1].Value);
            if (FieldTag().Match(tag) is { Success: true } field) return Field(field);
            return $"{{{{{tag}}}}} is not understood. Use {{{{field}}}}, {{{{field|fallback}}}} or {{{{#if field}}}} … {{{{/if}}}}; names have letters, digits and _.";
        }

        string? Open(string name)
        {
            _fields.Add(name);
            _open.Push(name);
            return Take($"{{{{#if {name}}}}}");
        }

        string? Field(Match field)
        {
            var name = field.Groups[1].Value;
            _fields.Add(name);
            if (isHtml && name == Signature) return Take(field.Groups[2].Success ? $"{{{{#if {name}}}}}{{{{{{{name}}}}}}}{{{{else}}}}{Escaped(field.Groups[2].Value)}{{{{/if}}}}" : $"{{{{{{{name}}}}}}}");
            if (field.Groups[2].Success) return Take($"{{{{default {name} \"{field.Groups[2].Value.Trim().Replace('"', '”')}\"}}}}");
            if (!_open.Contains(name)) _required.Add(name);
            return Take($"{{{{{name}}}}}");
        }

        static string Escaped(string fallback) => System.Net.WebUtility.HtmlEncode(fallback.Trim());

        string? Take(string text)
        {
            _rewritten.Append(text);
            return null;
        }

        bool Fail(int offset, string detail, out TemplateFault fault)
        {
            var before = source.AsSpan(0, offset);
            fault = new(before.Count('\n') + 1, offset - before.LastIndexOf('\n'), detail);
            return false;
        }
    }

    [GeneratedRegex(@"^#if\s+([a-z_][a-z0-9_]{0,63})$", RegexOptions.CultureInvariant)]
    private static partial Regex IfTag();

    [GeneratedRegex(@"^([a-z_][a-z0-9_]{0,63})\s*(?:\|([^{}|]{0,200}))?$", RegexOptions.CultureInvariant)]
    private static partial Regex FieldTag();
}
