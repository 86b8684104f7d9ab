using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace PenguinMails.Delivery.Content;

/// <summary>Why a template does not compile.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
public sealed record TemplateFault(int Line, int Column, string Detail);

/// <summary>A template with merge fields: <c>{{first_name}}</c>, <c>{{first_name|there}}</c> with a fallback, <c>{{#if company}} … {{else}} … {{/if}}</c>.</summary>
/// <remarks>A small safe part of Handlebars: no loops, partials, raw output or code, so a render ends and stays small. An <c>if</c>, <c>else</c> or end of it alone on a line takes the line with it.
/// In HTML every value is escaped but for <c>{{signature}}</c>, which is HTML of a mailbox, cleaned when it was stored: whoever renders sets it. A field that is missing or empty renders its fallback, or nothing.</remarks>
public sealed class MergeTemplate
{
    /// <summary>Characters of a template.</summary>
    public const int SourceLengthMax = 200_000;

    /// <summary>Tags in a template.</summary>
    public const int TagsMax = 500;

    /// <summary>The one field whose value is HTML in HTML.</summary>
    public const string Signature = "signature";

    readonly Piece[] _pieces;
    readonly bool _isHtml;
    readonly int _literal; // Characters of fixed text.

    MergeTemplate(Piece[] pieces, bool isHtml, IReadOnlySet<string> fields, IReadOnlySet<string> required) =>
        (_pieces, _isHtml, _literal, Fields, Required) = (pieces, isHtml, pieces.Sum(piece => piece.Kind == PieceKind.Literal ? piece.Text.Length : 0), fields, required);

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
        template = new MergeTemplate([.. reader.Pieces], isHtml, reader.Fields, reader.Required);
        return true;
    }

    public string Render(IReadOnlyDictionary<string, string> fields)
    {
        var output = new ArrayBufferWriter<char>(_literal + 64);
        Render(fields, output);
        return new string(output.WrittenSpan);
    }

    /// <summary>Appends what it renders to <paramref name="output"/>.</summary>
    public void Render(IReadOnlyDictionary<string, string> fields, IBufferWriter<char> output)
    {
        for (var at = 0; at < _pieces.Length; at++)
        {
            var piece = _pieces[at];
            switch (piece.Kind)
            {
                case PieceKind.Literal: output.Write(piece.Text); break;
                case PieceKind.Skip: at = piece.To; break;
                case PieceKind.If: at = Value(piece).Length > 0 ? at : piece.To; break;
                case PieceKind.Field: Write(output, piece, Value(piece)); break;
            }
        }

        string Value(Piece piece) => fields.GetValueOrDefault(piece.Text) ?? "";
    }

    void Write(IBufferWriter<char> output, Piece piece, string value)
    {
        var isRaw = piece.IsRaw && value.Length > 0; // Its fallback is not.
        if (value.Length == 0) value = piece.Fallback;
        if (_isHtml && !isRaw) Escape(output, value);
        else output.Write(value);
    }

    // Everything that could end an attribute, in quotes or without, or begin a tag or a reference.
    static void Escape(IBufferWriter<char> output, ReadOnlySpan<char> value)
    {
        for (int at; (at = value.IndexOfAny(ToEscape)) >= 0; value = value[(at + 1)..])
        {
            output.Write(value[..at]);
            output.Write(value[at] switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '"' => "&quot;",
                '\'' => "&#x27;",
                '`' => "&#x60;",
                _ => "&#x3D;",
            });
        }

        output.Write(value);
    }

    static readonly SearchValues<char> ToEscape = SearchValues.Create("&<>\"'`=");
}
