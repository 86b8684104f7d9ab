using System.Text;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Mail.Reports;

/// <summary>What a report says to people, and the message it returns, told apart wherever the system put them.</summary>
sealed class ReportText
{
    /// <summary>Characters read of the text; a returned message inside it may be long.</summary>
    public const int CharactersMax = 128 * 1024;

    const int LinesMax = 2000;
    const int HeaderWindow = 40;

    static readonly string[] Trace = ["Received", "Return-Path", "MIME-Version", "DKIM-Signature", "X-Mailer", "Content-Type", "Delivered-To", "X-Originating-IP"];
    static readonly string[] Known = [.. Trace, "Message-ID", "From", "To", "Subject", "Date", "Cc", "Reply-To", "Sender", "Content-Transfer-Encoding", "User-Agent", "References"];

    ReportText(IReadOnlyList<string> lines, MimePart? returned)
    {
        Lines = lines;
        Returned = returned;
        Joined = string.Join('\n', lines);
    }

    /// <summary>The text for people, without what is returned.</summary>
    public IReadOnlyList<string> Lines { get; }

    public string Joined { get; }

    /// <summary>The message the report is about, or its header.</summary>
    public MimePart? Returned { get; }

    public static ReportText Of(MimePart message)
    {
        var returned = Outer(message).Select(Inside).FirstOrDefault(part => part is not null);
        var all = Collect(message);
        var lines = all.Split('\n', LinesMax);
        var start = HeaderStart(lines);
        if (start < 0) return new ReportText(lines, returned);
        // A summary of the fields is no returned header: the addresses that failed stand below it.
        if (!IsDivided(lines, start) && !lines[..start].Any(line => line.Contains('@', StringComparison.Ordinal)) && lines[start..].Any(line => line.Contains('@', StringComparison.Ordinal)) && Array.TrueForAll(lines[..start], line => !ReportSigns.SaysFailure(line))) return new ReportText(lines, returned);
        return new ReportText(lines[..start], returned ?? FromLines(lines[start..]));
    }

    /// <summary>A line of dashes above says that the message itself follows.</summary>
    static bool IsDivided(string[] lines, int start)
    {
        while (start > 0 && string.IsNullOrWhiteSpace(lines[start - 1])) start--;
        return start > 0 && lines[start - 1].StartsWith("---", StringComparison.Ordinal);
    }

    /// <summary>Parts of the report itself: not those of a message inside it.</summary>
    internal static IEnumerable<MimePart> Outer(MimePart message)
    {
        yield return message;
        if (IsMessage(message)) yield break;
        foreach (var part in message.Parts)
            foreach (var inner in Outer(part))
                yield return inner;
    }

    static bool IsMessage(MimePart part) =>
        part.MediaType is "message/rfc822" or "text/rfc822-headers" or "message/global" or "message/rfc822-headers" or "message/global-headers" or "text/rfc822-header" or "message/partial" or "text/rfc822";

    static MimePart? Inside(MimePart part)
    {
        if (!IsMessage(part)) return null;
        var inside = part.FirstPart ?? MimeReader.Read(part.Content(), new MimeLimits());
        return inside.Headers.Count > 0 ? inside : null;
    }

    static string Collect(MimePart message)
    {
        var texts = Outer(message).Where(part => part.Parts.Count == 0 && !IsMessage(part)).ToList();
        var shown = texts.FindAll(part => part.MediaType is "text/plain" or "text" or "text/text" || part == message && !part.MediaType.StartsWith("text/html", StringComparison.Ordinal));
        var made = new StringBuilder();
        foreach (var part in shown) Append(made, part.Text());
        if (string.IsNullOrWhiteSpace(made.ToString()))
            foreach (var part in texts.Where(part => part.MediaType == "text/html")) Append(made, HtmlText.Of(part.Text()));
        return made.ToString();
    }

    static void Append(StringBuilder made, string text)
    {
        var room = CharactersMax - made.Length;
        if (room > 0) made.Append(Mime.Lines.EndedByFeeds(text.Length <= room ? text : text[..room])).Append('\n');
    }

    /// <summary>The first line of a run of header fields that only a returned message has; -1 without one.</summary>
    static int HeaderStart(string[] lines)
    {
        for (var i = 0; i < lines.Length; i++)
        {
            if (Field(lines[i]) is not { } first || !Known.Contains(first, StringComparer.OrdinalIgnoreCase)) continue;
            var (traces, fields, seen) = (0, 0, new HashSet<string>(StringComparer.OrdinalIgnoreCase));
            for (var k = i; k < Math.Min(lines.Length, i + HeaderWindow) && !string.IsNullOrWhiteSpace(lines[k]); k++)
            {
                if (Field(lines[k]) is not { } name || !Known.Contains(name, StringComparer.OrdinalIgnoreCase) || !seen.Add(name)) continue;
                fields++;
                if (Trace.Contains(name, StringComparer.OrdinalIgnoreCase)) traces++;
            }
            if ((fields >= 3 && traces >= 1) || (fields >= 5 && seen.Contains("From") && seen.Contains("Date") && seen.Contains("Message-ID"))) return i;
        }
        return -1;
    }

    static string? Field(string line)
    {
        var bare = line.AsSpan().TrimStart("> \t|");
        var colon = bare.IndexOf(':');
        if (colon is <= 1 or > 40) return null;
        foreach (var c in bare[..colon])
            if (!char.IsAsciiLetterOrDigit(c) && c != '-')
                return null;
        return bare[..colon].ToString();
    }

    static MimePart FromLines(string[] lines)
    {
        var lead = lines[0][..^lines[0].AsSpan().TrimStart("> \t|").Length];
        var bare = lines.Select(line => lead.Length > 0 && line.StartsWith(lead, StringComparison.Ordinal) ? line[lead.Length..] : line);
        return MimeReader.Read(Encoding.UTF8.GetBytes(string.Join("\r\n", bare)), new MimeLimits());
    }
}
