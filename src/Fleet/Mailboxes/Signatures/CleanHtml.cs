using System.Collections.Frozen;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace PenguinMails.Fleet.Mailboxes.Signatures;

/// <summary>Leaves of HTML what a signature may hold: text, paragraphs, lists, a plain table, links and pictures. Everything is forbidden that is not named here.</summary>
static class CleanHtml
{
    static readonly FrozenSet<string> Elements = new[]
    {
        "a", "b", "br", "div", "em", "hr", "i", "img", "li", "ol", "p", "small", "span", "strong", "table", "tbody", "td", "tr", "u", "ul",
    }.ToFrozenSet(StringComparer.Ordinal);

    // What stands inside is no text for people. Others that are not allowed are taken off, and their text stays.
    static readonly FrozenSet<string> Emptied = new[]
    {
        "applet", "audio", "base", "button", "canvas", "embed", "form", "frame", "frameset", "iframe", "input", "link", "listing", "math", "meta", "noembed", "noframes", "noscript",
        "object", "plaintext", "script", "select", "style", "svg", "template", "textarea", "title", "video", "xmp",
    }.ToFrozenSet(StringComparer.Ordinal);

    static readonly FrozenSet<string> LinkSchemes = new[] { "http", "https", "mailto", "tel" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    const int SizeMax = 1000; // Pixels of a picture.

    /// <returns>The HTML that is left, and the names of what was taken out, each once.</returns>
    public static (string Html, IReadOnlyList<string> Removed) Of(string html)
    {
        var removed = new SortedSet<string>(StringComparer.Ordinal);
        if (new HtmlParser().ParseDocument("<!doctype html><body>" + html).Body is not { } body) return ("", []);
        Clean(body, removed);
        return (body.InnerHtml.Trim(), [.. removed]);
    }

    static void Clean(INode node, SortedSet<string> removed)
    {
        foreach (var child in node.ChildNodes.ToArray())
        {
            if (child is IText) continue;
            if (child is not IElement element)
            {
                node.RemoveChild(child); // Comments and the like.
                continue;
            }

            if (element.NamespaceUri != "http://www.w3.org/1999/xhtml" || Emptied.Contains(element.LocalName))
            {
                removed.Add(element.LocalName);
                node.RemoveChild(element);
                continue;
            }

            Clean(element, removed);
            if (Elements.Contains(element.LocalName)) Attributes(element, removed);
            else
            {
                removed.Add(element.LocalName);
                foreach (var inner in element.ChildNodes.ToArray()) node.InsertBefore(inner, element);
                node.RemoveChild(element);
            }
        }
    }

    static void Attributes(IElement element, SortedSet<string> removed)
    {
        foreach (var attribute in element.Attributes.ToArray())
        {
            if (IsAllowed(element.LocalName, attribute.Name, attribute.Value)) continue;
            removed.Add($"{element.LocalName} {attribute.Name}");
            element.RemoveAttribute(attribute.NamespaceUri, attribute.LocalName);
            element.RemoveAttribute(attribute.Name);
        }
    }

    static bool IsAllowed(string element, string attribute, string value) => (element, attribute) switch
    {
        ("a", "href") => IsAddress(value, LinkSchemes.Contains),
        ("img", "src") => IsAddress(value, scheme => scheme.Equals("https", StringComparison.OrdinalIgnoreCase)),
        ("img", "alt") or ("a", "title") => true,
        ("img", "width" or "height") => int.TryParse(value, out var pixels) && pixels is > 0 and <= SizeMax,
        _ => false,
    };

    static bool IsAddress(string value, Func<string, bool> isKnown) =>
        Uri.TryCreate(value, UriKind.Absolute, out var address) && isKnown(address.Scheme) && value.StartsWith(address.Scheme + ":", StringComparison.OrdinalIgnoreCase) && !value.Any(char.IsControl);
}
