using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Mail.Reports;

/// <summary>A delivery status notification (RFC 3464), or a bounce that says the same in words only.</summary>
/// <param name="OriginalEnvelopeId">ENVID as we gave it, when returned.</param>
/// <param name="Returned">The message it is about, or its header; null when not returned.</param>
/// <param name="Recipients">At most 1000; empty when a report names nobody.</param>
public sealed record DeliveryReport(string? ReportingMta, string? OriginalEnvelopeId, IReadOnlyList<RecipientReport> Recipients, MimePart? Returned)
{
    const int ReturnedDepthMax = 3;
    const int ReasonLinesMax = 10;

    /// <summary>True when every recipient got the message.</summary>
    public bool IsDelivered => Recipients.Count > 0 && Recipients.All(one => one.Action is ReportAction.Delivered or ReportAction.Relayed or ReportAction.Expanded);

    /// <summary>Null when the message is not a report about delivery.</summary>
    public static DeliveryReport? Read(MimePart message) => Read(message, ReportText.Of(message));

    internal static DeliveryReport? Read(MimePart message, ReportText text)
    {
        if (ReportText.Outer(message).Any(part => part.MediaType == "message/feedback-report")) return null;
        if (StatusFields(message, text) is { } groups) return FromFields(groups, message, text);
        if (Disposition(message, text) is { } read) return read;
        return message.Raw("X-Failed-Recipients") is not null || ReportSigns.IsReport(message, text) ? FromText(message, text) : null;
    }

    /// <summary>The report's field groups, from its own part or from wherever a system put them; null without any.</summary>
    static List<ReportFields>? StatusFields(MimePart message, ReportText text)
    {
        var parts = ReportText.Outer(message).ToList();
        foreach (var part in parts.Where(part => part.MediaType is "message/delivery-status" or "message/global-delivery-status" || part.MediaType.Contains("delivery-status", StringComparison.Ordinal)))
            if (Groups(Octets(part)) is { } groups) return groups;
        if (Groups(text.Lines) is { } inText) return inText;
        // Wrong type: the fields come as plain text or as octets beside the text for people.
        foreach (var part in parts.Where(part => part.Parts.Count == 0 && part != message && part.Body.Length < ReportText.CharactersMax && !ForwardedReport.IsNamedMessage(part) && !part.MediaType.StartsWith("image/", StringComparison.Ordinal)))
            if (Groups(Octets(part)) is { } groups) return groups;
        return null;
    }

    static string[] Octets(MimePart part)
    {
        var octets = part.Content();
        return Lines.EndedByFeeds(Charsets.Text(octets.AsSpan(0, Math.Min(octets.Length, ReportText.CharactersMax)), null)).Split('\n');
    }

    static List<ReportFields>? Groups(IReadOnlyList<string> lines)
    {
        var start = 0;
        while (start < lines.Count && !IsStart(lines[start])) start++;
        if (start == lines.Count) return null;
        var groups = ReportFields.Groups(lines.Skip(start));
        return groups.Exists(group => group.NamesRecipient && (group.Has("Action") || group.Has("Status") || group.Has("Diagnostic-Code"))) ? groups : null;
    }

    static bool IsStart(string line) =>
        line.StartsWith("Final-Recipient:", StringComparison.OrdinalIgnoreCase) || line.StartsWith("Original-Recipient:", StringComparison.OrdinalIgnoreCase)
        || line.StartsWith("Reporting-MTA:", StringComparison.OrdinalIgnoreCase) || line.StartsWith("X-Actual-Recipient:", StringComparison.OrdinalIgnoreCase);

    static DeliveryReport FromFields(List<ReportFields> groups, MimePart message, ReportText text)
    {
        var whole = groups.Find(group => group.Has("Reporting-MTA"));
        var named = groups.FindAll(group => group.NamesRecipient);
        var recipients = named.Select(group => FieldRecipient.Read(group, message, text, named.Count == 1)).ToList();
        return new DeliveryReport(whole?.Typed("Reporting-MTA"), whole?["Original-Envelope-Id"], recipients, Innermost(text.Returned));
    }

    /// <summary>A bounce of a bounce returns the report, which returns the message.</summary>
    static MimePart? Innermost(MimePart? returned)
    {
        for (var depth = 0; depth < ReturnedDepthMax && returned is { MediaType: "multipart/report" }; depth++)
        {
            if (ReportText.Of(returned).Returned is not { } inner) break;
            returned = inner;
        }
        return returned;
    }

    /// <summary>RFC 8098 3.2.6: read or deleted is delivered; denied, failed and error say that something went wrong.</summary>
    static DeliveryReport? Disposition(MimePart message, ReportText text)
    {
        var part = ReportText.Outer(message).FirstOrDefault(part => part.MediaType is "message/disposition-notification" or "message/global-disposition-notification");
        if (part is null) return null;
        var fields = ReportFields.Groups(Octets(part)).FirstOrDefault(group => group.Has("Disposition"));
        if (fields is null) return null;
        var type = (fields["Disposition"] ?? "").Split(';')[^1].Trim().ToLowerInvariant();
        var action = type.StartsWith("failed", StringComparison.Ordinal) || type.Contains("error", StringComparison.Ordinal) ? ReportAction.Failed : ReportAction.Delivered;
        var said = fields["Failure"] ?? fields["Error"] ?? type;
        // A filter's refusal after acceptance (RFC 5429 2.1.2): deleted by itself, and the text says why.
        if (type == "deleted" && (fields["Disposition"] ?? "").StartsWith("automatic-action", StringComparison.OrdinalIgnoreCase) && ReportSigns.SaysFailure(text.Joined))
            (action, said) = (ReportAction.Failed, string.Join(' ', text.Lines.Take(ReasonLinesMax).Select(line => line.Trim())).Trim());
        var (final, original) = (fields.Typed("Final-Recipient"), fields.Typed("Original-Recipient"));
        var one = new RecipientReport(Address(final), Address(original), action, 0, action == ReportAction.Failed ? "5.0.0" : "2.0.0", said, false) { Named = final, NamedOriginal = original };
        return new DeliveryReport(fields.Typed("Reporting-UA"), null, [one], text.Returned);
    }

    static DeliveryReport FromText(MimePart message, ReportText text)
    {
        var failed = message.Raw("X-Failed-Recipients");
        var all = failed is null ? TextRecipients.Find(message, text) : Listed(failed, text);
        var recipients = all.Select(one => FieldRecipient.FromText(one, all, message, text)).ToList();
        return new DeliveryReport(null, null, recipients, text.Returned);
    }

    static List<TextRecipient> Listed(string failed, ReportText text) =>
        [.. failed.Split(',', ReportFields.GroupsMax).Select(piece => piece.Trim().Trim('<', '>')).Where(piece => piece.Length > 0)
            .Distinct(StringComparer.OrdinalIgnoreCase).Select(piece => new TextRecipient(piece, LineOf(text.Lines, piece), 9))];

    static int LineOf(IReadOnlyList<string> lines, string piece)
    {
        for (var i = 0; i < lines.Count; i++)
            if (lines[i].Contains(piece, StringComparison.OrdinalIgnoreCase)) return i;
        return -1;
    }

    // "rfc822; user@example.com": the type before the semicolon tells nothing more (RFC 3464 2.1.2).
    internal static EmailAddress? Address(string? value)
    {
        var text = value is null ? "" : value[(value.IndexOf(';', StringComparison.Ordinal) + 1)..].Trim();
        var open = text.LastIndexOf('<');
        if (open >= 0) text = text[(open + 1)..].Split('>')[0];
        return EmailAddress.TryParse(text, out var address, out _) ? address : null;
    }
}
