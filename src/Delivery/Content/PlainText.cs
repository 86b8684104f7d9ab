using System.Text;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace PenguinMails.Delivery.Content;

/// <summary>Makes the text part of a message from its HTML part.</summary>
public static class PlainText
{
    static readonly HashSet<string> Blocks = new(StringComparer.Ordinal)
    {
        "address", "article", "blockquote", "div", "dl", "fieldset", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "ol", "p", "pre",
        "section", "table", "tr", "ul",
    };

    /// <summary>Paragraphs apart by an empty line, list items with a dash, links as <c>words (address)</c>; tags are kept as they are.</summary>
    public static string From(string html)
    {
        var document = new HtmlParser().ParseDocument(html);
        var text = new StringBuilder();
        if (document.Body is { } body) Write(body, text);
        return Tidy(text.ToString());
    }

    static void Write(INode node, StringBuilder text)
    {
        foreach (var child in node.ChildNodes)
        {
            if (child is IText words) text.Append(string.Join(' ', words.Data.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)) is { Length: > 0 } joined ? Spaced(words.Data, joined) : " ");
            if (child is IElement element) Element(element, text);
        }
    }

    static string Spaced(string original, string joined) =>
        (char.IsWhiteSpace(original[0]) ? " " : "") + joined + (char.IsWhiteSpace(original[^1]) ? " " : "");

    static void Element(IElement element, StringBuilder text)
    {
        var name = element.LocalName;
        if (name is "script" or "style" or "head" or "title") return;
        if (name == "br") text.Append('\n');
        if (Blocks.Contains(name)) text.Append(name is "li" or "tr" ? "\n" : "\n\n");
        if (name == "li") text.Append("- ");
        Write(element, text);
        if (name == "a" && element.GetAttribute("href") is { } href && !href.StartsWith('#') && href != element.TextContent.Trim()) text.Append(" (").Append(href).Append(')');
        if (Blocks.Contains(name) && name is not ("li" or "tr")) text.Append("\n\n");
    }

    static string Tidy(string text)
    {
        var tidy = new StringBuilder();
        var empty = 0;
        foreach (var line in text.Split('\n').Select(l => l.Trim()))
        {
            empty = line.Length == 0 ? empty + 1 : 0;
            if (empty < 2) tidy.Append(line).Append('\n');
        }

        return tidy.ToString().Trim('\n') + "\n";
    }
}
