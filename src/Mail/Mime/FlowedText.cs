using System.Text;

namespace PenguinMails.Mail.Mime;

/// <summary>Joins the lines of text that may flow (RFC 3676, format=flowed, delsp).</summary>
static class FlowedText
{
    public static bool IsFlowed(MimeHead head) => head.MediaType == "text/plain" && head.TypeParameters.TryGetValue("format", out var format)
        && format.Equals("flowed", StringComparison.OrdinalIgnoreCase);

    /// <summary>The text as it is when the part does not say that it flows.</summary>
    public static string Of(MimePart part, string text) => IsFlowed(part.Head)
        ? Joined(text, part.TypeParameters.TryGetValue("delsp", out var answer) && answer.Equals("yes", StringComparison.OrdinalIgnoreCase))
        : text;

    /// <summary>Paragraphs as one line each; quoted ones behind ">" by depth and one space; CRLF between lines where the text has it.</summary>
    public static string Joined(string text, bool deletesSpace)
    {
        var joined = new StringBuilder(text.Length);
        var end = text.Contains('\r', StringComparison.Ordinal) ? "\r\n" : "\n";
        var (depthBefore, isOpen, isFirst) = (0, false, true);
        // The last line end ends a line and begins none.
        var tail = text.EndsWith("\r\n", StringComparison.Ordinal) ? 2 : text.EndsWith('\n') ? 1 : 0;
        foreach (var found in text.AsSpan(0, text.Length - tail).EnumerateLines())
        {
            var line = found;
            var depth = 0;
            while (depth < line.Length && line[depth] == '>') depth++;
            line = line[depth..];
            if (line.StartsWith(" ")) line = line[1..]; // 4.4: space-stuffing
            var isSignature = line is "-- ";
            // 4.5: a paragraph ends where the quote depth changes, and at the signature (4.3).
            if (!isOpen || depth != depthBefore || isSignature)
            {
                if (!isFirst) joined.Append(end);
                if (depth > 0) joined.Append('>', depth).Append(line.IsEmpty ? "" : " ");
            }
            isOpen = line.EndsWith(" ") && !isSignature;
            joined.Append(isOpen && deletesSpace ? line[..^1] : line);
            (depthBefore, isFirst) = (depth, false);
        }
        return joined.Append(text.AsSpan(text.Length - tail)).ToString();
    }
}
