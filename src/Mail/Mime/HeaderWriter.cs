using System.Buffers;
using System.Text;

namespace PenguinMails.Mail.Mime;

/// <summary>Writes header fields with folding: soft limit 78, and no token long enough to pass 998 (RFC 5322 2.1.1).</summary>
/// <remarks>Callers pass only characters of typed values; as the last wall, a control character here throws.</remarks>
struct HeaderWriter(IBufferWriter<byte> output, bool isUtf8)
{
    public const int LineSoftMax = 78;

    // RFC 2047 2: a line that carries an encoded word stops at 76.
    const int EncodedLineMax = 76;
    const int TokenMax = 900;
    const int NameMax = 60;
    int column;

    public void Begin(string name)
    {
        Raw(name);
        Raw(":");
    }

    public void End()
    {
        output.Write("\r\n"u8);
        column = 0;
    }

    /// <summary>A field of one token.</summary>
    public void Field(string name, string value)
    {
        Begin(name);
        Token(value);
        End();
    }

    /// <summary>The name parameter of a content type: plain, or encoded words in quotes, which no standard allows and every reader knows.</summary>
    public void NameParameter(string value)
    {
        if (isUtf8 || (Ascii.IsValid(value) && !value.Contains('\t', StringComparison.Ordinal) && value.Length <= NameMax && !value.Contains("=?", StringComparison.Ordinal)))
        {
            foreach (var piece in Rfc2231.Parameter("name", value, isUtf8)) Token(piece);
            return;
        }
        var rest = value.AsSpan();
        var before = "name=\"";
        while (!rest.IsEmpty)
        {
            var (word, taken) = EncodedWord.First(rest, EncodedWord.LengthMax - before.Length - 1);
            rest = rest[taken..];
            Token(before + word + (rest.IsEmpty ? "\"" : ""));
            before = "";
        }
    }

    /// <summary>One space, or a fold, then the token.</summary>
    public void Token(string token) => Spaced(" ", token, LineSoftMax);

    /// <summary>Unstructured text (RFC 5322 2.2.1): as it is when it unfolds to itself, encoded words otherwise.</summary>
    public void Unstructured(string value)
    {
        if (value.Length == 0) return;
        if (!IsPlain(value))
        {
            Encoded(value);
            return;
        }
        var start = 0;
        while (start < value.Length)
        {
            var blank = start;
            while (value[blank] is ' ' or '\t') blank++;
            var end = value.AsSpan(blank).IndexOfAny(' ', '\t');
            end = end < 0 ? value.Length : blank + end;
            var gap = start == 0 ? " " : value[start..blank];
            Spaced(gap, value[blank..end], LineSoftMax);
            start = end;
        }
    }

    /// <summary>A phrase (RFC 5322 3.2.5): bare atoms, a quoted string, or encoded words.</summary>
    public void Phrase(string value)
    {
        var isAscii = (isUtf8 || Ascii.IsValid(value)) && !value.Contains('\t', StringComparison.Ordinal);
        if (!isAscii || value.Length > 60 || value.Contains("=?", StringComparison.Ordinal))
        {
            Encoded(value);
            return;
        }
        var isAtoms = !value.AsSpan().ContainsAnyExcept(EncodedWord.AtomOrSpace) && value.Length > 0
            && value[0] != ' ' && value[^1] != ' ' && !value.Contains("  ", StringComparison.Ordinal);
        Token(isAtoms ? value : Quoted(value));
    }

    public static string Quoted(string value) =>
        "\"" + value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";

    /// <summary>Text right behind what stands, with no place to fold.</summary>
    public void Raw(string text)
    {
        if (text.AsSpan().IndexOfAny('\r', '\n', '\0') >= 0) throw new ArgumentException("A line end or NUL in a header.", nameof(text));
        var length = Encoding.UTF8.GetBytes(text, output.GetSpan(text.Length * 3));
        output.Advance(length);
        column += length;
    }

    void Encoded(string value)
    {
        var rest = value.AsSpan();
        while (!rest.IsEmpty)
        {
            var room = EncodedLineMax - column - 1;
            if (room < EncodedWord.LengthMin) room = EncodedLineMax - 1;
            var (word, taken) = EncodedWord.First(rest, Math.Min(room, EncodedWord.LengthMax));
            Spaced(" ", word, EncodedLineMax);
            rest = rest[taken..];
        }
    }

    void Spaced(string gap, string token, int lineMax)
    {
        var length = isUtf8 ? Encoding.UTF8.GetByteCount(token) : token.Length;
        if (column + gap.Length + length > lineMax && column > 1)
        {
            output.Write("\r\n"u8);
            column = 0;
        }
        Raw(gap);
        Raw(token);
    }

    readonly bool IsPlain(string value)
    {
        if (!(isUtf8 || Ascii.IsValid(value)) || value.Contains("=?", StringComparison.Ordinal)) return false;
        if (value[0] is ' ' or '\t' || value[^1] is ' ' or '\t') return false;
        var run = 0;
        var gap = 0;
        foreach (var c in value)
        {
            var isBlank = c is ' ' or '\t';
            // Three octets at most for a UTF-16 unit.
            run = isBlank ? 0 : run + (c < 0x80 ? 1 : 3);
            gap = isBlank ? gap + 1 : 0;
            if (run > TokenMax || gap > 60) return false;
        }
        return true;
    }
}
