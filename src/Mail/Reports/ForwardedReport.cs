using System.Text;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Replies;

namespace PenguinMails.Mail.Reports;

/// <summary>A report that a person passed on: as an attached message, or copied into the text below a header that the mail program writes.</summary>
static class ForwardedReport
{
    const int MessagesMax = 10;
    const int LinesMax = 4000;

    // "Re:" in the languages of mail programs: an answer quotes a report, it does not pass one on.
    static readonly string[] Answers = ["re:", "aw:", "sv:", "antw:", "odp:", "ynt:", "回复", "回覆", "答复", "отв:"];

    static readonly string[] Forwards = ["fw:", "fwd:", "wg:", "tr:", "rv:", "enc:", "vs:", "vb:", "pd:", "i:", "转发", "轉寄"];

    /// <summary>True when a person says by the subject that the message is another's.</summary>
    public static bool IsPassedOn(MimePart message)
    {
        var subject = (message.Header("Subject") ?? "").TrimStart();
        return Array.Exists(Forwards, word => subject.StartsWith(word, StringComparison.OrdinalIgnoreCase)) && !ReportSigns.IsDaemon(message);
    }

    /// <summary>The messages passed on that may be reports, attached ones first.</summary>
    public static IEnumerable<MimePart> Find(MimePart message)
    {
        foreach (var attached in ReportText.Outer(message).Select(Attached).OfType<MimePart>().Take(MessagesMax)) yield return attached;
        var subject = (message.Header("Subject") ?? "").TrimStart();
        if (Array.Exists(Answers, word => subject.StartsWith(word, StringComparison.OrdinalIgnoreCase))) yield break;
        if (Copied(message.ReadableText()) is { } copied && ReportSigns.IsDaemon(copied)) yield return copied;
    }

    static MimePart? Attached(MimePart part)
    {
        if (part.MediaType is "message/rfc822" or "message/global") return part.FirstPart;
        return part.Parts.Count == 0 && IsNamedMessage(part) ? MimeReader.Read(part.Content(), new MimeLimits()) : null;
    }

    /// <summary>An attached message whose type does not say so.</summary>
    public static bool IsNamedMessage(MimePart part) => part.FileName?.EndsWith(".eml", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>The text below the first copied header, as a message of its own; null without one.</summary>
    static MimePart? Copied(string text)
    {
        var lines = text.Replace("\r", "", StringComparison.Ordinal).Split('\n', LinesMax);
        for (var at = 0; at < lines.Length; at++)
        {
            var count = QuoteIntro.Header(lines, at);
            if (count == 0) continue;
            var lead = lines[at].TrimStart().StartsWith('>') ? lines[at][..(lines[at].IndexOf('>', StringComparison.Ordinal) + 1)] : "";
            var made = new StringBuilder();
            foreach (var line in lines.AsSpan(at, count)) made.Append(Field(line));
            made.Append("\r\n");
            foreach (var line in lines.AsSpan(at + count)) made.Append(Bare(line, lead)).Append("\r\n");
            return MimeReader.Read(Encoding.UTF8.GetBytes(made.ToString()), new MimeLimits());
        }

        return null;
    }

    /// <summary>A copied field by its English name, with its line end; empty for what is none of them.</summary>
    static string Field(string line)
    {
        var colon = line.AsSpan().IndexOfAny(':', '：');
        if (colon < 0 || QuoteIntro.Label(line) is not { } label) return "";
        var name = ReplyWords.From.Contains(label) ? "From" : ReplyWords.Subject.Contains(label) ? "Subject" : ReplyWords.To.Contains(label) ? "To" : ReplyWords.Sent.Contains(label) ? "Date" : "";
        // Stars are what bold type becomes in plain text; "[mailto:a@b]" is Outlook's way to write "<a@b>".
        var value = line[(colon + 1)..].Trim(' ', '*', '\t', '\u00A0').Replace("[mailto:", "<", StringComparison.OrdinalIgnoreCase).Replace(']', '>');
        return name.Length == 0 ? "" : $"{name}: {value}\r\n";
    }

    static string Bare(string line, string lead)
    {
        if (lead.Length == 0 || !line.StartsWith(lead, StringComparison.Ordinal)) return line;
        return line.Length > lead.Length && line[lead.Length] == ' ' ? line[(lead.Length + 1)..] : line[lead.Length..];
    }
}
