using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace PenguinMails.Mail.Imap;

/// <summary>What stands next in a response.</summary>
enum ImapToken
{
    End,
    Atom,
    Quoted,
    Literal,
    Open,
    Close,
}

/// <summary>The one tokeniser of responses (RFC 9051 9), pulled token by token; makes no tree, so nesting costs nothing. Garbage yields tokens too, never a throw.</summary>
sealed class ImapTokens(IReadOnlyList<ImapPiece> pieces)
{
    /// <summary>Parentheses inside each other; deeper ones are read as if they were not there.</summary>
    public const int DepthMax = 64;

    int piece;
    int at;

    // Where the last "]" of this stretch is, so that many "[" without one cost nothing.
    int bracketEnd = -2;

    public ImapToken Kind { get; private set; }

    /// <summary>Without quotes and backslashes.</summary>
    public ReadOnlyMemory<byte> Octets { get; private set; }

    /// <summary>Announced length of the literal under the cursor, whose octets are empty when it was thrown away.</summary>
    public long LiteralOctets { get; private set; }

    public int Depth { get; private set; }

    public bool IsNil => Kind == ImapToken.Atom && Is("NIL");

    public bool IsString => Kind is ImapToken.Atom or ImapToken.Quoted or ImapToken.Literal;

    public string Text => Encoding.UTF8.GetString(Octets.Span);

    public bool Is(string word) => Ascii.EqualsIgnoreCase(Octets.Span, word);

    public ulong? Number => Utf8Parser.TryParse(Octets.Span, out ulong number, out var used) && used == Octets.Length && used > 0 ? number : null;

    public uint? Number32 => Number is { } number and <= uint.MaxValue ? (uint)number : null;

    /// <summary>The rest of the line as it stands, for words meant for people.</summary>
    public string Rest()
    {
        var line = pieces[piece].Line.Span;
        return Encoding.UTF8.GetString(at < line.Length ? line[at..].TrimStart((byte)' ') : []);
    }

    public bool Next()
    {
        while (true)
        {
            var line = pieces[piece].Line.Span;
            while (at < line.Length && line[at] is (byte)' ' or (byte)'\t' or (byte)'\r' or 0) at++;
            if (at >= line.Length) return Beyond();
            switch (line[at])
            {
                case (byte)'(':
                    at++;
                    if (Depth >= DepthMax) continue;
                    Depth++;
                    return Set(ImapToken.Open, default);
                case (byte)')':
                    at++;
                    if (Depth == 0) continue;
                    Depth--;
                    return Set(ImapToken.Close, default);
                case (byte)'"':
                    return Set(ImapToken.Quoted, Quoted());
                default:
                    return Set(ImapToken.Atom, AtomEnd(line));
            }
        }
    }

    /// <summary>Goes behind the value that was just read: for "(" behind its ")".</summary>
    public void Skip()
    {
        if (Kind != ImapToken.Open) return;
        for (var depth = Depth; Depth >= depth && Next();) { }
    }

    /// <summary>Words of the list that was just opened; anything that is no word is left out.</summary>
    /// <param name="max">Further ones are left out.</param>
    public List<string> Words(int max)
    {
        var words = new List<string>();
        for (var depth = Depth; Next() && Depth >= depth;)
            if (IsString && words.Count < max) words.Add(Text);
        return words;
    }

    bool Beyond()
    {
        if (pieces[piece].Literal is not { } literal) return Set(ImapToken.End, default) && false;
        LiteralOctets = pieces[piece].LiteralOctets;
        piece++;
        at = 0;
        bracketEnd = -2;
        return Set(ImapToken.Literal, literal);
    }

    bool Set(ImapToken kind, ReadOnlyMemory<byte> octets)
    {
        (Kind, Octets) = (kind, octets);
        return true;
    }

    /// <summary>A missing closing quote ends with the line.</summary>
    ReadOnlyMemory<byte> Quoted()
    {
        var line = pieces[piece].Line;
        var from = ++at;
        var hasEscape = false;
        for (; at < line.Length && line.Span[at] != (byte)'"'; at++)
        {
            if (line.Span[at] != (byte)'\\' || at + 1 >= line.Length) continue;
            hasEscape = true;
            at++;
        }
        var octets = line[from..Math.Min(at, line.Length)];
        at++;
        if (!hasEscape) return octets;
        var bare = new byte[octets.Length];
        var length = 0;
        for (var i = 0; i < octets.Length; i++)
        {
            if (octets.Span[i] == (byte)'\\' && i + 1 < octets.Length) i++;
            bare[length++] = octets.Span[i];
        }
        return bare.AsMemory(0, length);
    }

    /// <summary>An atom as loosely as servers write it; brackets hold blanks and parentheses, as in <c>BODY[HEADER.FIELDS (DATE)]&lt;0&gt;</c>.</summary>
    ReadOnlyMemory<byte> AtomEnd(ReadOnlySpan<byte> line)
    {
        if (bracketEnd == -2) bracketEnd = line.LastIndexOf((byte)']');
        var from = at;
        while (at < line.Length && line[at] is not ((byte)' ' or (byte)'(' or (byte)')' or (byte)'"' or 0))
        {
            if (line[at] == (byte)'[' && bracketEnd > at) at += line[at..].IndexOf((byte)']');
            at++;
        }
        return pieces[piece].Line[from..at];
    }

    /// <summary><c>17-Jul-1996 02:44:25 -0700</c> (RFC 9051 date-time); the day may have a blank before it or one digit.</summary>
    public static DateTimeOffset? Date(string text)
    {
        var bare = text.Trim();
        if (bare.Length > 5 && bare[^5] is '+' or '-') bare = bare[..^2] + ":" + bare[^2..];
        return DateTimeOffset.TryParseExact(bare, "d-MMM-yyyy HH:mm:ss zzz", CultureInfo.InvariantCulture, DateTimeStyles.AllowInnerWhite, out var date) ? date : null;
    }
}
