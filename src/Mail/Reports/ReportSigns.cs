using PenguinMails.Mail.Mime;

namespace PenguinMails.Mail.Reports;

/// <summary>The signs by which a message without report fields is known to be one.</summary>
static class ReportSigns
{
    const int TextLengthMax = 4000;

    static readonly PhraseSet From = Load("from"), Subject = Load("subject"), Text = Load("text"), Delay = Load("delay"), Delivered = Load("delivered");

    /// <summary>Weighs sender, subject, text and what is returned; a person's answer about a bounce is none.</summary>
    public static bool IsReport(MimePart message, ReportText text)
    {
        var subject = (message.Header("Subject") ?? "").Trim();
        if (IsAnswer(subject) && !IsDaemon(message)) return false;
        // Any language knows the refusal of a server: a reply code with an enhanced one (RFC 5321 4.2, RFC 3463 2).
        var says = Any(Text, text.Joined) || ReportCodes.In(text.Joined[..Math.Min(text.Joined.Length, TextLengthMax)]) is ( >= 400, not null);
        var score = (IsDaemon(message) ? 2 : 0) + (IsNullPath(message) ? 1 : 0) + (Any(Subject, subject) ? 2 : 0) + (says ? 2 : 0) + (text.Returned is null ? 0 : 1);
        return score >= 4;
    }

    /// <summary>True when the sender is a mail system by name.</summary>
    public static bool IsDaemon(MimePart message)
    {
        var from = (message.Header("From") ?? "").ToLowerInvariant();
        return from.Replace("<>", "", StringComparison.Ordinal).Trim().Length == 0 || From.Find(" " + from + " ").Count > 0;
    }

    public static bool IsNullPath(MimePart message) => message.Raw("Return-Path")?.Trim() == "<>" || message.Raw("From")?.Trim() == "<>";

    public static bool IsDelay(string subject, string text) => Any(Delay, subject) || Any(Delay, text);

    public static bool IsDelivered(string subject, string text) => Any(Delivered, subject) || Any(Delivered, text);

    public static bool SaysFailure(string text) => Any(Text, text);

    static bool IsAnswer(string subject) =>
        subject.StartsWith("re:", StringComparison.OrdinalIgnoreCase) || subject.StartsWith("aw:", StringComparison.OrdinalIgnoreCase) || subject.StartsWith("fw", StringComparison.OrdinalIgnoreCase);

    static bool Any(PhraseSet set, string text) => set.Find(PhraseSet.Normal(text, TextLengthMax)).Count > 0;

    static PhraseSet Load(string kind) => new([.. EmbeddedTable.Rows("report-signs.tsv").Where(row => row[0] == kind).SelectMany(row => row[1].Split('|'))]);
}
