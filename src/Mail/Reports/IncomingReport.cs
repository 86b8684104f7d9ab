using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Replies;

namespace PenguinMails.Mail.Reports;

/// <summary>What an incoming message reports.</summary>
public enum ReportKind
{
    /// <summary>Failed, or delayed: the action of each recipient tells which.</summary>
    Bounce,

    /// <summary>A complaint or other feedback.</summary>
    Feedback,

    /// <summary>A machine answered for a recipient.</summary>
    AutoReply,

    /// <summary>Delivered, relayed, or read.</summary>
    Delivered,

    /// <summary>No report.</summary>
    None,
}

/// <summary>The one reading of an incoming message as a report: at most one of the three is set, by <paramref name="Kind"/>.</summary>
/// <param name="Returned">The message it is about, or its header; null when not returned.</param>
public sealed record IncomingReport(ReportKind Kind, DeliveryReport? Delivery, FeedbackReport? Feedback, AutoAnswer? Answer, MimePart? Returned)
{
    /// <summary>Message-ID of the message it is about, without angle brackets: from what is returned, else from the fields that thread answers (RFC 5322 3.6.4). Null when unknown.</summary>
    public string? OriginalMessageId { get; init; }

    /// <summary>True when a person passed the report on, attached or copied into the text: whoever sent the message says so, no mail system.</summary>
    public bool IsForwarded { get; init; }

    /// <summary>Never throws; mail that reports nothing has kind <see cref="ReportKind.None"/>.</summary>
    /// <remarks>A message that is no report itself is searched for one that was passed on; see <see cref="IsForwarded"/>.</remarks>
    public static IncomingReport Read(MimePart message)
    {
        var report = Named(message, Judge(message));
        if (report.Kind != ReportKind.None) return report with { IsForwarded = ForwardedReport.IsPassedOn(message) };
        foreach (var inner in ForwardedReport.Find(message))
            if (Judge(inner) is { Kind: ReportKind.Bounce or ReportKind.Feedback or ReportKind.Delivered } found) return Named(inner, found) with { IsForwarded = true };
        return report;
    }

    static IncomingReport Named(MimePart message, IncomingReport report)
    {
        if (report.Kind == ReportKind.None) return report;
        var named = report.Returned?.Raw("Message-ID") ?? message.Raw("X-Original-Message-ID") ?? message.Raw("In-Reply-To") ?? message.Raw("References")?.Split(' ', StringSplitOptions.RemoveEmptyEntries).LastOrDefault();
        return report with { OriginalMessageId = named?.Trim().TrimStart('<').Split('>')[0] is { Length: > 0 } id ? id : null };
    }

    static IncomingReport Judge(MimePart message)
    {
        var text = ReportText.Of(message);
        if (FeedbackReport.Read(message, text) is { } feedback) return new IncomingReport(ReportKind.Feedback, null, feedback, null, feedback.Returned);
        var report = DeliveryReport.Read(message, text);
        // Words alone are weaker than an absence notice that says what it is.
        var isSure = report is not null && (ReportSigns.IsDaemon(message) || !report.Recipients.All(one => one.IsFromText));
        var answer = isSure ? null : AutoAnswer.Read(message);
        if (report is not null && answer is not { IsAbsence: true })
            return new IncomingReport(report.IsDelivered ? ReportKind.Delivered : ReportKind.Bounce, report, null, null, report.Returned);
        return answer is null
            ? new IncomingReport(ReportKind.None, null, null, null, null)
            : new IncomingReport(ReportKind.AutoReply, null, null, answer, text.Returned);
    }
}
