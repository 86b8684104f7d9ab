using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace PenguinMails.Delivery.Content;

enum PieceKind
{
    /// <summary>Fixed text.</summary>
    Literal,

    /// <summary>The value of a field, or its fallback.</summary>
    Field,

    /// <summary>Goes on if the field has a value, else behind <see cref="Piece.To"/>.</summary>
    If,

    /// <summary>Goes on behind <see cref="Piece.To"/>.</summary>
    Skip,
}

/// <summary>One step of a template, in the order of the text.</summary>
/// <param name="Text">Of a literal, else the field's name.</param>
/// <param name="IsRaw">The value is HTML already.</param>
readonly record struct Piece(PieceKind Kind, string Text, string Fallback = "", bool IsRaw = false, int To = 0);

/// <summary>Reads a template up to the first place where a tag begins and does not end, is of an unknown kind, or does not match.</summary>
sealed partial class TemplateReader(string source, bool isHtml)
{
    readonly HashSet<string> _fields = new(StringComparer.Ordinal);
    readonly HashSet<string> _required = new(StringComparer.Ordinal);
    readonly Stack<Block> _open = new();
    readonly List<Piece> _pieces = [];

    /// <param name="At">The piece that skips to the end of what is read.</param>
    sealed record Block(string Name, int At, bool HasElse);

    public IReadOnlySet<string> Fields => _fields;
    public IReadOnlySet<string> Required => _required;
    public IReadOnlyList<Piece> Pieces => _pieces;

    public bool TryRead([NotNullWhen(false)] out TemplateFault? fault)
    {
        var (position, tags) = (0, 0);
        while (source.IndexOf("{{", position, StringComparison.Ordinal) is var start && start >= 0)
        {
            var end = source.IndexOf("}}", start, StringComparison.Ordinal);
            if (end < 0) return Fail(start, "This tag is not closed. Add }} after the field's name.", out fault);
            if (++tags > MergeTemplate.TagsMax) return Fail(start, $"More than {MergeTemplate.TagsMax} tags.", out fault);
            var tag = source[(start + 2)..end].Trim();
            var (from, to) = FieldTag().IsMatch(tag) && tag != "else" ? (start, end + 2) : Line(start, end + 2);
            if (from > position) _pieces.Add(new(PieceKind.Literal, source[position..from]));
            if (Tag(tag) is { } detail) return Fail(start, detail, out fault);
            position = to;
        }

        if (position < source.Length) _pieces.Add(new(PieceKind.Literal, source[position..]));
        if (_open.Count > 0) return Fail(source.Length, $"{{{{#if {_open.Peek().Name}}}}} is not closed. Add {{{{/if}}}}.", out fault);
        fault = null;
        return true;
    }

    // The whole line where nothing else stands on it, so that a condition leaves no empty line behind.
    (int From, int To) Line(int start, int end)
    {
        var (from, to) = (start, end);
        while (from > 0 && source[from - 1] is ' ' or '\t') from--;
        while (to < source.Length && source[to] is ' ' or '\t') to++;
        var isAlone = (from == 0 || source[from - 1] == '\n') && (to == source.Length || source[to] is '\r' or '\n');
        if (!isAlone) return (start, end);
        if (to < source.Length && source[to] == '\r') to++;
        if (to < source.Length && source[to] == '\n') to++;
        return (from, to);
    }

    /// <summary>Null when the tag is fine.</summary>
    string? Tag(string tag)
    {
        if (tag == "else") return Else();
        if (tag == "/if") return Close();
        if (IfTag().Match(tag) is { Success: true } condition) return Open(condition.Groups[1].Value);
        if (FieldTag().Match(tag) is { Success: true } field) return Field(field.Groups[1].Value, field.Groups[2]);
        return $"{{{{{tag}}}}} is not understood. Use {{{{field}}}}, {{{{field|fallback}}}} or {{{{#if field}}}} … {{{{/if}}}}; names have letters, digits and _.";
    }

    string? Open(string name)
    {
        _fields.Add(name);
        _open.Push(new(name, _pieces.Count, false));
        _pieces.Add(new(PieceKind.If, name));
        return null;
    }

    string? Else()
    {
        if (!_open.TryPop(out var block)) return "{{else}} stands outside an {{#if …}}.";
        if (block.HasElse) return $"This {{{{#if {block.Name}}}}} has an {{{{else}}}} already.";
        _open.Push(new(block.Name, _pieces.Count, true));
        _pieces.Add(new(PieceKind.Skip, ""));
        Land(block);
        return null;
    }

    string? Close()
    {
        if (!_open.TryPop(out var block)) return "{{/if}} closes nothing.";
        Land(block);
        return null;
    }

    // Where it skips to: the last piece so far.
    void Land(Block block) => _pieces[block.At] = _pieces[block.At] with { To = _pieces.Count - 1 };

    string? Field(string name, Group fallback)
    {
        _fields.Add(name);
        if (!fallback.Success && !_open.Any(block => block.Name == name) && !(isHtml && name == MergeTemplate.Signature)) _required.Add(name);
        _pieces.Add(new(PieceKind.Field, name, fallback.Value.Trim(), isHtml && name == MergeTemplate.Signature));
        return null;
    }

    bool Fail(int offset, string detail, out TemplateFault fault)
    {
        var before = source.AsSpan(0, offset);
        fault = new(before.Count('\n') + 1, offset - before.LastIndexOf('\n'), detail);
        return false;
    }

    [GeneratedRegex(@"^#if\s+([a-z_][a-z0-9_]{0,63})$", RegexOptions.CultureInvariant)]
    private static partial Regex IfTag();

    [GeneratedRegex(@"^([a-z_][a-z0-9_]{0,63})\s*(?:\|([^{}|]{0,200}))?$", RegexOptions.CultureInvariant)]
    private static partial Regex FieldTag();
}
