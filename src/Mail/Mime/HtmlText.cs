using System.Net;
using System.Text;

namespace PenguinMails.Mail.Mime;

/// <summary>The words of an HTML body, for classifying and previewing; not a sanitizer and never shown as HTML.</summary>
static class HtmlText
{
    public static string Of(string html)
    {
        var text = new StringBuilder(html.Length);
        var at = 0;
        while (at < html.Length)
        {
            var open = html.IndexOf('<', at);
            text.Append(html.AsSpan(at, (open < 0 ? html.Length : open) - at));
            if (open < 0) break;
            if (html.AsSpan(open).StartsWith("<!--"))
            {
                var end = html.IndexOf("-->", open, StringComparison.Ordinal);
                at = end < 0 ? html.Length : end + 3;
                continue;
            }
            var close = html.IndexOf('>', open);
            if (close < 0) break;
            var name = Name(html.AsSpan(open + 1, close - open - 1));
            at = close + 1;
            if (name is "script" or "style" or "head" or "title")
            {
                var end = html.IndexOf("</" + name, at, StringComparison.OrdinalIgnoreCase);
                at = end < 0 ? html.Length : end;
            }
            else if (name is "br" or "p" or "/p" or "div" or "/div" or "tr" or "li" or "blockquote" or "/blockquote" or "h1" or "h2" or "h3")
            {
                text.Append('\n');
            }
        }
        return WebUtility.HtmlDecode(text.ToString());
    }

    static string Name(ReadOnlySpan<char> tag)
    {
        var end = tag.IndexOfAny(" \t\r\n");
        var name = (end < 0 ? tag : tag[..end]).TrimEnd('/');
        return name.Length > 12 ? "" : name.ToString().ToLowerInvariant();
    }
}
