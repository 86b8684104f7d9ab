using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace PenguinMails.Mail.Mime;

/// <summary>A value and the text of its parameters, not yet read (RFC 2045 5.1).</summary>
readonly record struct StructuredValue(string Value, string Parameters)
{
    /// <summary>Comments before and behind the value are left out; a missing semicolon behind it is put up with.</summary>
    public static StructuredValue Of(string? header)
    {
        if (string.IsNullOrEmpty(header)) return new StructuredValue("", "");
        var at = HeaderParameters.SkipBlank(header, 0);
        var end = header.AsSpan(at).IndexOfAny(HeaderParameters.TokenEnd);
        end = end < 0 ? header.Length : at + end;
        var value = header[at..end];
        // "text / plain", as Perl's and some phones' writers split it.
        var next = HeaderParameters.SkipBlank(header, end);
        if (next < header.Length && (header[next] == '/' || value.EndsWith('/')))
        {
            var from = header[next] == '/' ? HeaderParameters.SkipBlank(header, next + 1) : next;
            var stop = header.AsSpan(from).IndexOfAny(HeaderParameters.TokenEnd);
            stop = stop < 0 ? header.Length : from + stop;
            value = value.TrimEnd('/') + "/" + header[from..stop];
            next = stop;
        }
        return new StructuredValue(value, header[next..]);
    }
}

/// <summary>Parameters (RFC 2045 5.1) with continuations and charsets of RFC 2231 undone, and with what is sent instead of them.</summary>
static class HeaderParameters
{
    const int ParametersMax = 64;
    const int SectionsMax = 500;

    static readonly IReadOnlyDictionary<string, string> None = FrozenDictionary<string, string>.Empty;
    public static readonly SearchValues<char> TokenEnd = SearchValues.Create("; \t(,\"");

    static readonly SearchValues<char> Upper = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    static readonly string[] Types = ["text/plain", "text/html", "multipart/alternative", "multipart/mixed", "multipart/related", "message/rfc822", "image/png", "image/jpeg", "application/pdf"];

    /// <summary>The value with its parameters, names in lower case.</summary>
    public static (string Value, IReadOnlyDictionary<string, string> Parameters) Parse(string header)
    {
        var value = StructuredValue.Of(header);
        return (value.Value, Of(value.Parameters));
    }

    public static bool IsMediaType(string value)
    {
        var slash = value.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash < value.Length - 1;
    }

    public static string Lower(string value)
    {
        if (!value.AsSpan().ContainsAny(Upper))
        {
            foreach (var type in Types)
                if (type == value) return type;
            return value;
        }
        return value.ToLowerInvariant();
    }

    public static IReadOnlyDictionary<string, string> Of(string text)
    {
        if (text.Length == 0) return None;
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        Dictionary<string, SortedDictionary<int, (string Text, bool IsEncoded)>>? sections = null;
        var (at, sectionCount) = (0, 0);
        while (found.Count < ParametersMax && sectionCount < SectionsMax && Next(text, ref at, out var name, out var value))
        {
            var star = name.IndexOf('*', StringComparison.Ordinal);
            if (star < 0)
            {
                found.TryAdd(name, EncodedWordReader.Decode(value));
                continue;
            }
            var number = name[(star + 1)..].TrimEnd('*');
            if (!int.TryParse(number.Length == 0 ? "0" : number, NumberStyles.None, CultureInfo.InvariantCulture, out var index)) continue;
            sections ??= new Dictionary<string, SortedDictionary<int, (string, bool)>>(StringComparer.Ordinal);
            if (!sections.TryGetValue(name[..star], out var list)) sections[name[..star]] = list = [];
            if (list.TryAdd(index, (value, name.EndsWith('*')))) sectionCount++;
        }
        // RFC 2231 wins over the plain twin that writers add for old readers.
        if (sections is not null)
            foreach (var (name, list) in sections) found[name] = Rfc2231.Joined(list.Values);
        return found;
    }

    /// <summary>The next name and value; what is no parameter is passed over.</summary>
    static bool Next(string text, ref int at, out string name, out string value)
    {
        while (true)
        {
            (name, value) = ("", "");
            while (at < text.Length && (text[at] is ';' or ' ' or '\t' or ',' || text[at] == '(')) at = text[at] == '(' ? SkipBlank(text, at) : at + 1;
            if (at >= text.Length) return false;
            var stop = text.AsSpan(at).IndexOfAny('=', ';');
            if (stop < 0) return false;
            if (text[at + stop] == ';')
            {
                at += stop;
                continue;
            }
            name = Lower(text[at..(at + stop)].Trim());
            // "charset utf-8" without its equals sign swallows what follows; the last word is the name that counts.
            var blank = name.LastIndexOfAny([' ', '\t']);
            if (blank >= 0) name = name[(blank + 1)..];
            at = SkipSpace(text, at + stop + 1);
            value = at < text.Length && text[at] == '"' ? Quoted(text, ref at) : Bare(text, ref at, name.StartsWith("name", StringComparison.Ordinal) || name.StartsWith("filename", StringComparison.Ordinal));
            if (name.Length > 0) return true;
        }
    }

    /// <param name="isFileName">Names of files contain blanks and brackets, quoted or not.</param>
    static string Bare(string text, ref int at, bool isFileName)
    {
        var stop = text.IndexOf(';', at);
        if (stop < 0) stop = text.Length;
        var value = text[at..stop];
        at = stop;
        if (isFileName) return value.Trim();
        var comment = value.AsSpan().IndexOfAny(' ', '\t');
        if (comment > 0 && value.AsSpan(comment).TrimStart(" \t") is { IsEmpty: false } rest && (rest[0] == '(' || rest.Contains('='))) value = value[..comment];
        return value.Trim();
    }

    static string Quoted(string text, ref int at)
    {
        var i = at + 1;
        var plain = text.AsSpan(i).IndexOfAny('"', '\\');
        if (plain >= 0 && text[i + plain] == '"')
        {
            at = text.IndexOf(';', i + plain) is >= 0 and var semi ? semi : text.Length;
            return text.Substring(i, plain);
        }
        var content = new StringBuilder();
        for (; i < text.Length && text[i] != '"'; i++)
        {
            // Only what needs it is unescaped: a path of Windows keeps its backslashes.
            if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] is '"' or '\\') i++;
            content.Append(text[i]);
        }
        if (i >= text.Length)
        {
            // Never closed: it ends where the next parameter begins.
            var semicolon = text.IndexOf(';', at);
            var end = semicolon < 0 ? text.Length : semicolon;
            var cut = text[(at + 1)..end];
            at = end;
            return cut.Trim();
        }
        var next = text.IndexOf(';', i);
        at = next < 0 ? text.Length : next;
        return content.ToString();
    }

    static int SkipSpace(string text, int at)
    {
        while (at < text.Length && text[at] is ' ' or '\t') at++;
        return at;
    }

    /// <summary>Past blanks and comments.</summary>
    public static int SkipBlank(string text, int at)
    {
        var depth = 0;
        for (; at < text.Length; at++)
        {
            var c = text[at];
            if (c == '\\' && depth > 0) at++;
            else if (c == '(') depth++;
            else if (c == ')' && depth > 0) depth--;
            else if (depth == 0 && c is not (' ' or '\t')) break;
        }
        return Math.Min(at, text.Length);
    }
}
