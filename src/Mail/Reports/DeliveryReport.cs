using System.Globalization;
using System.Text.RegularExpressions;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Mail.Reports;

/// <summary>What happened to one recipient (RFC 3464 2.3.3).</summary>
public enum ReportAction
{
    Failed,
    Delayed,
    Delivered,
    Relayed,
    Expanded,
}

/// <summary>One recipient of a delivery report.</summary>
/// <param name="Final">Where the mail went last; null when the report names nobody.</param>
/// <param name="Original">As the sender wrote it, when the report says so.</param>
/// <param name="Code">Reply code found in the diagnostic, 0 without one.</param>
/// <param name="Status">The more telling of the Status field and the code inside the diagnostic; <c>0.0.0</c> when there is none.</param>
/// <param name="Diagnostic">The remote server's words, from the field or else from the text for people; at most 2000 characters.</param>
/// <param name="IsFromText">True when no machine-readable field named the recipient.</param>
public sealed record RecipientReport(
    EmailAddress? Final, EmailAddress? Original, ReportAction Action, int Code, string Status, string Diagnostic, bool IsFromText)
{
    /// <summary>The class of the failure. A failure with a 4.x.x status is one that ran out of time (RFC 3464 2.3.4).</summary>
    public BounceVerdict Classify()
    {
        var verdict = BounceClassifier.Classify(Code, Status == "0.0.0" ? null : Status, Diagnostic);
        var isExpiry = Action == ReportAction.Failed && Status.StartsWith('4') && verdict.Category is BounceCategory.Uncategorized or BounceCategory.NoAnswer or BounceCategory.Connection or BounceCategory.Greylisted;
        return isExpiry ? verdict with { Class = BounceClass.Soft, Category = BounceCategory.Expired, Blame = BounceBlame.Infrastructure } : verdict;
    }
}

/// <summary>A delivery status notification (RFC 3464), or a bounce that says the same in words only.</summary>
/// <param name="OriginalEnvelopeId">ENVID as we gave it, when returned.</param>
/// <param name="Returned">The message it is about, or its header; null when not returned.</param>
public sealed record DeliveryReport(string? ReportingMta, string? OriginalEnvelopeId, IReadOnlyList<RecipientReport> Recipients, MimePart? Returned)
{
    const int RecipientsMax = 1000;

    static readonly Regex ReplyInText = new(
        @"\b([245][0-5][0-9])[ -]+(?:#?([245]\.[0-9]{1,3}\.[0-9]{1,3})\b)?", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    static readonly Regex StatusInText = new(@"(?:^|[^0-9.])([245]\.[0-9]{1,3}\.[0-9]{1,3})(?:[^0-9.]|$)", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    static readonly Regex AddressInText = new(@"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    static readonly Regex BounceSubject = new(
        @"undeliver|delivery (status|failure|has failed|notification|incomplete)|failure notice|returned (mail|to sender)|mail delivery (failed|system)|unzustellbar|non remis|no entregado|rejected|could not be delivered",
        RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    /// <summary>Null when the message is not a report about delivery.</summary>
    public static DeliveryReport? Read(MimePart message)
    {
        var all = message.All().ToList();
        var status = all.Find(part => part.MediaType is "message/delivery-status" or "message/global-delivery-status");
        var returned = all.Find(part => part.MediaType is "message/rfc822" or "text/rfc822-headers" or "message/global" or "message/rfc822-headers" or "message/global-headers")?.FirstPart;
        return status is null ? FromText(message, returned) : FromFields(message, status, returned);
    }

    static DeliveryReport FromFields(MimePart message, MimePart status, MimePart? returned)
    {
        var limits = new MimeLimits();
        var rest = status.Content().AsSpan();
        var text = message.ReadableText();
        var perMessage = MimeReader.ReadHeaders(rest, limits, out var used);
        rest = rest[used..];
        var recipients = new List<RecipientReport>();
        if (perMessage.Any(field => field.Name.Equals("Final-Recipient", StringComparison.OrdinalIgnoreCase))) recipients.Add(Recipient(perMessage, text));
        while (!rest.IsEmpty && recipients.Count < RecipientsMax)
        {
            var fields = MimeReader.ReadHeaders(rest, limits, out used);
            if (used == 0) break;
            rest = rest[used..];
            if (fields.Count > 0) recipients.Add(Recipient(fields, text));
        }
        return new DeliveryReport(Typed(Field(perMessage, "Reporting-MTA")), Field(perMessage, "Original-Envelope-Id"), recipients, returned);
    }

    static RecipientReport Recipient(IReadOnlyList<MimeHeader> fields, string text)
    {
        var final = Address(Field(fields, "Final-Recipient"));
        var action = Enum.TryParse<ReportAction>(Field(fields, "Action")?.Split(' ', '(')[0], true, out var read) ? read : ReportAction.Failed;
        var status = StatusInText.Match(Field(fields, "Status") ?? "") is { Success: true } found ? found.Groups[1].Value : "0.0.0";
        // Exim gives Status 5.0.0 and keeps the reason for the people's part.
        var diagnostic = Typed(Field(fields, "Diagnostic-Code")) ?? Near(text, final?.Text) ?? "";
        var (code, inner) = Codes(diagnostic);
        if (status.EndsWith(".0.0", StringComparison.Ordinal) && inner is not null) status = inner;
        return new RecipientReport(final, Address(Field(fields, "Original-Recipient")), action, code, status, Cut(diagnostic), false);
    }

    static DeliveryReport? FromText(MimePart message, MimePart? returned)
    {
        var from = message.Header("From") ?? "";
        var isDaemon = from.Contains("mailer-daemon", StringComparison.OrdinalIgnoreCase) || from.Contains("postmaster", StringComparison.OrdinalIgnoreCase)
            || message.Raw("Return-Path") == "<>";
        var failed = message.Raw("X-Failed-Recipients");
        if (failed is null && !(isDaemon && BounceSubject.IsMatch(message.Header("Subject") ?? ""))) return null;
        var text = message.ReadableText();
        var own = Address(message.Raw("To"))?.Normal;
        var named = failed ?? AddressInText.Matches(Cut(text)).Select(match => match.Value).FirstOrDefault(value => !value.Equals(own, StringComparison.OrdinalIgnoreCase)) ?? "";
        var recipients = new List<RecipientReport>();
        foreach (var one in named.Split(',', RecipientsMax).Select(piece => Address(piece)).OfType<EmailAddress>())
        {
            var diagnostic = Near(text, one.Text) ?? Cut(text);
            var (code, status) = Codes(diagnostic);
            var isDelay = status?.StartsWith('4') == true && (message.Header("Subject") ?? "").Contains("delay", StringComparison.OrdinalIgnoreCase);
            recipients.Add(new RecipientReport(one, null, isDelay ? ReportAction.Delayed : ReportAction.Failed, code, status ?? "0.0.0", diagnostic, true));
        }
        return new DeliveryReport(null, null, recipients, returned);
    }

    /// <summary>The paragraph that names the address, read as one line.</summary>
    static string? Near(string text, string? address)
    {
        if (address is null) return null;
        var at = text.IndexOf(address, StringComparison.OrdinalIgnoreCase);
        if (at < 0) return null;
        var plain = text[at..Math.Min(text.Length, at + (2 * BounceClassifier.TextLengthMax))].Replace("\r", "", StringComparison.Ordinal);
        var end = plain.IndexOf("\n\n", StringComparison.Ordinal);
        return Cut(string.Join(' ', (end < 0 ? plain : plain[..end]).Split([' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries)));
    }

    static (int Code, string? Status) Codes(string diagnostic)
    {
        var reply = ReplyInText.Match(diagnostic);
        var status = StatusInText.Match(diagnostic);
        return (reply.Success ? int.Parse(reply.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : 0,
            reply.Groups[2].Success ? reply.Groups[2].Value : status.Success ? status.Groups[1].Value : null);
    }

    static string? Field(IReadOnlyList<MimeHeader> fields, string name) =>
        fields.FirstOrDefault(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Value;

    // "rfc822; user@example.com", "smtp; 550 ...": the type before the semicolon tells nothing more (RFC 3464 2.1.2).
    internal static string? Typed(string? value) => value is null ? null : value[(value.IndexOf(';', StringComparison.Ordinal) + 1)..].Trim();

    internal static EmailAddress? Address(string? value)
    {
        var text = Typed(value)?.Trim() ?? "";
        var open = text.LastIndexOf('<');
        if (open >= 0) text = text[(open + 1)..].Split('>')[0];
        return EmailAddress.TryParse(text, out var address, out _) ? address : null;
    }

    static string Cut(string text) => text.Length > BounceClassifier.TextLengthMax ? text[..BounceClassifier.TextLengthMax] : text;
}
