using System.Text;

namespace PenguinMails.Mail.Mime;

/// <summary>Sorts the parts of a message into what a person reads in it and what is attached to it.</summary>
/// <remarks>
/// Of alternatives (RFC 2046 5.1.4) the first plain text and the first HTML count; of related parts (RFC 2387) the root;
/// of a mixture every text without a name, in order. A message inside is one attachment, and what is in it is not looked at.
/// </remarks>
sealed class MessageBodies
{
    // Kinds of text that are files to a person, not something to read.
    static readonly HashSet<string> Files = new(StringComparer.Ordinal)
    {
        "text/calendar", "text/vcard", "text/x-vcard", "text/directory", "text/csv", "text/css", "text/xml", "text/x-amp-html", "text/javascript",
        "text/rtf", "text/rfc822-headers", "text/x-patch", "text/x-diff", "text/x-log", "text/x-python", "text/tab-separated-values", "text/watch-html",
    };

    public List<MimePart> Texts { get; } = [];

    public List<MimePart> Htmls { get; } = [];

    public List<MimePart> Attachments { get; } = [];

    public static MessageBodies Of(MimePart message)
    {
        var bodies = new MessageBodies();
        bodies.Sort(message, true, true);
        return bodies;
    }

    /// <param name="isFirst">True while nothing came before the part that a person would read.</param>
    /// <param name="isRoot">False for what only decorates its neighbour.</param>
    void Sort(MimePart part, bool isFirst, bool isRoot)
    {
        if (part.Head.IsMultipart && part.Parts.Count > 0)
        {
            if (part.MediaType == "multipart/alternative") Alternatives(part, isFirst, isRoot);
            else if (part.MediaType == "multipart/related") Related(part, isFirst, isRoot);
            else
                foreach (var inner in part.Parts) Sort(inner, isFirst && Texts.Count + Htmls.Count == 0, isRoot);
            return;
        }
        if (!isRoot || !IsBody(part, isFirst && Attachments.Count + Texts.Count + Htmls.Count == 0)) Attachments.Add(part);
        else if (part.MediaType == "text/html") Htmls.Add(part);
        else Texts.Add(part);
    }

    void Alternatives(MimePart part, bool isFirst, bool isRoot)
    {
        var (texts, htmls) = (Texts.Count, Htmls.Count);
        var (hasText, hasHtml) = (false, false);
        foreach (var inner in part.Parts)
        {
            var (before, beforeHtml) = (Texts.Count, Htmls.Count);
            Sort(inner, isFirst && texts + htmls == 0, isRoot);
            // A second version of the same text is no second text.
            if (hasText) Texts.RemoveRange(before, Texts.Count - before);
            if (hasHtml) Htmls.RemoveRange(beforeHtml, Htmls.Count - beforeHtml);
            hasText |= Texts.Count > texts;
            hasHtml |= Htmls.Count > htmls;
        }
    }

    void Related(MimePart part, bool isFirst, bool isRoot)
    {
        var start = part.TypeParameters.GetValueOrDefault("start")?.Trim('<', '>');
        var root = start is null ? part.Parts[0] : part.Parts.FirstOrDefault(inner => inner.Head.ContentId == start) ?? part.Parts[0];
        foreach (var inner in part.Parts)
        {
            // A text between related parts that nothing can refer to is one a mailer put there to be read.
            var isLoose = inner.Head.ContentId is null && inner.FileName is null && (inner.Head.IsMultipart || inner.MediaType is "text/plain" or "text/html");
            Sort(inner, isFirst && inner == root, isRoot && (inner == root || isLoose));
        }
    }

    static bool IsBody(MimePart part, bool isFirst)
    {
        if (part.IsAttachment) return false;
        // Not one delimiter was found: what is there is read as text.
        if (part.Head.IsMultipart) return true;
        if (!part.MediaType.StartsWith("text/", StringComparison.Ordinal) || Files.Contains(part.MediaType)) return false;
        // A named text is a file, unless the message begins with it.
        return part.FileName is null || isFirst;
    }

    /// <summary>The texts one below the other, lines ended by LF; null when there is none.</summary>
    public static string? Joined(List<MimePart> parts, MimeDefects defects)
    {
        if (parts.Count == 0) return null;
        if (parts.Count == 1) return One(parts[0], defects);
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            if (text.Length > 0 && text[^1] != '\n') text.Append('\n');
            text.Append(One(part, defects));
        }
        return text.ToString();
    }

    static string One(MimePart part, MimeDefects defects)
    {
        var text = FlowedText.Of(part, part.Text(defects));
        return text.Contains('\r', StringComparison.Ordinal) ? text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n') : text;
    }
}
