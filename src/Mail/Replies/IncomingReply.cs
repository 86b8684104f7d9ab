using PenguinMails.Mail.Mime;

namespace PenguinMails.Mail.Replies;

/// <summary>Who or what wrote back.</summary>
public enum ReplyKind
{
    /// <summary>A person, as far as anything shows.</summary>
    Human,

    /// <summary>An absence notice: the person exists and will be back, or left for good.</summary>
    OutOfOffice,

    /// <summary>A machine's answer of another kind.</summary>
    AutoReply,

    /// <summary>A report about delivery or feedback: see <see cref="Reports.DeliveryReport"/>.</summary>
    Report,
}

/// <summary>An incoming message seen as an answer.</summary>
/// <param name="Reason">The header or rule that decided, for showing.</param>
/// <param name="InReplyTo">Null when absent or unreadable.</param>
/// <param name="References">Oldest first, at most 100.</param>
/// <param name="Text">What the writer added, without quotes and signature; trimmed.</param>
public sealed record IncomingReply(ReplyKind Kind, string Reason, MessageId? InReplyTo, IReadOnlyList<MessageId> References, string Text)
{
    const int ReferencesMax = 100;

    /// <summary>The answer taken apart: <see cref="Text"/> is its reply.</summary>
    public ReplyText Parts { get; init; } = new("", null, null);

    /// <summary>What a machine said, null for a person or a report.</summary>
    public AutoAnswer? Answer { get; init; }

    public static IncomingReply Read(MimePart message)
    {
        var parts = Body(message);
        var answer = message.MediaType == "multipart/report" ? null : AutoAnswer.Read(message);
        var (kind, reason) = message.MediaType == "multipart/report" ? (ReplyKind.Report, "multipart/report")
            : answer is null ? (ReplyKind.Human, "nothing automatic")
            : (answer.IsAbsence ? ReplyKind.OutOfOffice : ReplyKind.AutoReply, answer.Rule);
        var parent = MessageId.TryParse(Ids(message.Raw("In-Reply-To")).FirstOrDefault(), out var found, out _) ? found : null;
        var references = new List<MessageId>();
        foreach (var text in Ids(message.Raw("References")).Take(ReferencesMax))
            if (MessageId.TryParse(text, out var id, out _)) references.Add(id);
        return new IncomingReply(kind, reason, parent, references, parts.Reply) { Parts = parts, Answer = answer };
    }

    /// <summary>The plain text where there is one; else the HTML, whose containers tell quotes apart.</summary>
    static ReplyText Body(MimePart message)
    {
        var shown = Shown(message).ToList();
        if (shown.Find(part => part.MediaType == "text/plain") is { } plain && plain.Text() is var text && !string.IsNullOrWhiteSpace(text)) return ReplyText.Of(text);
        return shown.Find(part => part.MediaType == "text/html") is { } html ? HtmlReply.Of(html.Text()) : ReplyText.Of(message.ReadableText());
    }

    static IEnumerable<MimePart> Shown(MimePart part)
    {
        if (part.IsAttachment || part.MediaType is "message/rfc822" or "text/rfc822-headers") yield break;
        if (part.Parts.Count == 0) yield return part;
        foreach (var inner in part.Parts)
            foreach (var shown in Shown(inner))
                yield return shown;
    }

    static IEnumerable<string> Ids(string? header) => (header ?? "").Split([' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries);
}
