using System.Net;
using System.Text;

namespace PenguinMails.Mail.Replies;

/// <summary>HTML as lines, those of quotes and signatures marked by the containers mail programs put them in.</summary>
sealed class HtmlReply
{
    const int DepthMax = 500;

    static readonly string[] SplitIds = ["divrplyfwdmsg", "appendonsend", "olk_src_body_section", "mail-editor-reference-message-container", "isreplycontent", "yahoo_quoted_", "replysplit", "reply-intro", "ms-outlook-mobile-reference-message"];
    static readonly string[] SplitClasses = ["outlookmessageheader", "yahoo_quoted", "protonmail_quote", "zmail_extra", "ms-outlook-mobile-reference-message", "moz-forward-container", "tutanota_quote", "freebirdanalyticsviewquestion", "mail_quote", "mailspring-quote", "gmail_quote_container_split", "front-blockquote", "__zmquote"];
    static readonly string[] QuoteClasses = ["gmail_attr", "moz-cite-prefix", "moz-email-headers-table", "apple-mail-attribution", "quote-attribution", "tb-quote", "cite", "gmail_default_quote"];
    static readonly string[] SignatureMarks = ["gmail_signature", "moz-signature", "applemailsignature", "protonmail_signature", "ymail_android_signature", "ms-outlook-mobile-signature", "ms-outlook-ios-signature", "lineBreakAtBeginningOfSignature", "yahoo-signature", "zmail_signature", "mail-signature", "email-signature", "x-signature", "mobilesignature"];

    readonly record struct Open(string Name, bool IsQuote, bool IsSignature);

    readonly StringBuilder _made = new(), _line = new();
    readonly Stack<Open> _open = new();
    readonly Dictionary<string, int> _openByName = new(StringComparer.Ordinal);
    int _quotes, _signatures, _skipped;
    bool _isBare;

    public static ReplyText Of(string html)
    {
        if (html.Length > ReplyText.CharactersMax * 4) html = html[..(ReplyText.CharactersMax * 4)];
        var reader = new HtmlReply();
        reader.Read(html);
        reader.EndLine(false);
        return ReplyText.Marked(reader._made.ToString());
    }

    void Read(string html)
    {
        var at = 0;
        while (at < html.Length)
        {
            var open = html.IndexOf('<', at);
            Text(html.AsSpan(at, (open < 0 ? html.Length : open) - at));
            if (open < 0) return;
            if (html.AsSpan(open).StartsWith("<!--"))
            {
                var end = html.IndexOf("-->", open, StringComparison.Ordinal);
                at = end < 0 ? html.Length : end + 3;
                continue;
            }
            // "<3" and "a < b" are text.
            if (open + 1 >= html.Length || !(char.IsAsciiLetter(html[open + 1]) || html[open + 1] is '/' or '!' or '?'))
            {
                _line.Append('<');
                at = open + 1;
                continue;
            }
            var close = html.IndexOf('>', open);
            if (close < 0) return;
            Tag(html.AsSpan(open + 1, close - open - 1));
            at = close + 1;
        }
    }

    void Text(ReadOnlySpan<char> text)
    {
        if (_skipped > 0 || text.IsEmpty) return;
        var plain = WebUtility.HtmlDecode(text.ToString());
        foreach (var c in plain)
        {
            if (c is ReplyText.QuoteMark or ReplyText.BareMark or ReplyText.SignatureMark or ReplyText.SplitMark or '\u200B' or '\uFEFF') continue;
            if (c is ' ' or '\n' or '\r' or '\t' or '\u00A0')
            {
                if (_line.Length > 0 && _line[^1] != ' ') _line.Append(' ');
            }
            else
            {
                _line.Append(c);
            }
        }
    }

    void Tag(ReadOnlySpan<char> tag)
    {
        var isEnd = tag.StartsWith("/");
        var body = isEnd ? tag[1..] : tag;
        var stop = body.IndexOfAny(" \t\r\n/");
        var name = (stop < 0 ? body : body[..stop]).ToString().ToLowerInvariant();
        if (name is "script" or "style" or "head" or "title")
        {
            _skipped = Math.Max(0, _skipped + (isEnd ? -1 : tag.EndsWith("/") ? 0 : 1));
            return;
        }
        if (_skipped > 0 && name is "body") _skipped = 0;
        if (name == "br") EndLine(true);
        else if (name is "div" or "tr" or "li" or "table" or "p" or "blockquote" or "hr" or "ul" or "ol" or "h1" or "h2" or "h3" or "h4" or "pre" or "section" or "article" or "center" or "dl" or "dd" or "dt") EndLine(false);
        if (name is "p" or "h1" or "h2" or "h3" or "ul" or "ol" && isEnd && _made.Length > 0) Blank();
        if (isEnd) Close(name);
        else if (name is not ("br" or "hr" or "img" or "meta" or "link" or "input" or "col" or "wbr" or "o:p") && !tag.EndsWith("/")) Begin(name, body.ToString());
        else if (name == "hr") Split(body.ToString());
    }

    void Begin(string name, string tag)
    {
        Split(tag);
        if (_open.Count >= DepthMax) return;
        var marks = Attribute(tag, "class") + " " + Attribute(tag, "id");
        var isQuote = name == "blockquote" && !marks.Contains("gmail_default", StringComparison.Ordinal) || Has(QuoteClasses, marks) || Attribute(tag, "name") == "quote";
        var isSignature = !isQuote && (Has(SignatureMarks, marks) || Attribute(tag, "id") == "signature" || Attribute(tag, "data-smartmail") == "gmail_signature");
        if (isQuote || isSignature) EndLine(false);
        if (isQuote && _quotes++ == 0) _isBare = tag.Length == name.Length;
        if (isSignature) _signatures++;
        _open.Push(new Open(name, isQuote, isSignature));
        _openByName[name] = _openByName.GetValueOrDefault(name) + 1;
    }

    void Split(string tag)
    {
        var (id, style) = (Attribute(tag, "id"), Attribute(tag, "style").Replace(" ", "", StringComparison.Ordinal));
        var isSplit = Has(SplitIds, id) || Has(SplitClasses, Attribute(tag, "class")) || id is "stopspelling" || Attribute(tag, "data-marker") == "__quoted_text__"
            || (style.Contains("border-top:solid#e1e1e1", StringComparison.Ordinal) || style.Contains("border-top:solid#b5c4df", StringComparison.Ordinal)) && style.Contains("border:none", StringComparison.Ordinal);
        if (!isSplit || _quotes > 0) return;
        EndLine(false);
        _made.Append(ReplyText.SplitMark).Append('\n');
    }

    void Close(string name)
    {
        // An end tag nobody opened is left out; one that skips others closes them.
        if (_openByName.GetValueOrDefault(name) == 0) return;
        while (_open.TryPop(out var open))
        {
            _openByName[open.Name]--;
            if (open.IsQuote || open.IsSignature) EndLine(false);
            if (open.IsQuote) _quotes--;
            if (open.IsSignature) _signatures--;
            if (open.Name == name) return;
        }
    }

    void EndLine(bool isBreak)
    {
        var text = _line.ToString().Trim();
        _line.Clear();
        if (text.Length == 0 && !isBreak) return;
        if (text.Length == 0 && _made.Length == 0) return;
        if (_quotes > 0) _made.Append(_isBare ? ReplyText.BareMark : ReplyText.QuoteMark);
        else if (_signatures > 0) _made.Append(ReplyText.SignatureMark);
        _made.Append(text).Append('\n');
    }

    void Blank()
    {
        if (_quotes == 0 && _signatures == 0 && _made[^1] == '\n' && (_made.Length < 2 || _made[^2] != '\n')) _made.Append('\n');
    }

    static bool Has(string[] known, string marks)
    {
        if (marks.Length == 0) return false;
        foreach (var mark in known)
            if (marks.Contains(mark, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    /// <summary>The value in lower case; empty without one.</summary>
    static string Attribute(string tag, string name)
    {
        var at = tag.IndexOf(name + "=", StringComparison.OrdinalIgnoreCase);
        if (at <= 0 || !char.IsWhiteSpace(tag[at - 1]) && tag[at - 1] is not ('"' or '\'')) return "";
        var value = tag.AsSpan(at + name.Length + 1).TrimStart();
        if (value.IsEmpty) return "";
        var end = value[0] is '"' or '\'' ? value[1..].IndexOf(value[0]) : value.IndexOfAny(" \t\r\n>");
        if (value[0] is '"' or '\'') value = value[1..];
        return (end < 0 ? value : value[..end]).ToString().ToLowerInvariant();
    }
}
