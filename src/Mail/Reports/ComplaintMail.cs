using System.Net;
using System.Text.RegularExpressions;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Mail.Reports;

/// <summary>Complaints without a feedback part: JMRP, SCOMP and their like send the message back under a telling subject.</summary>
static class ComplaintMail
{
    const RegexOptions Plain = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase;

    static readonly string[] RecipientFields = ["X-HmXmrOriginalRecipient", "X-Original-Rcpt-To", "X-Original-To", "X-Envelope-To", "Envelope-To", "Delivered-To", "To"];

    static readonly Regex Subject = new(
        @"complaint about message|feedback report|abuse report|spam report|feedback loop|spam complaint|email complaint|abuse complaint|\bfbl\b|complaint from|reported as spam|marked as spam|signal[ -]?spam|spam-?beschwerde|signalement|abuse:",
        Plain);

    // RFC 6591 without its fields: some send the same in words.
    static readonly Regex Failure = new(@"\bdmarc\b.{0,40}\b(?:failure|forensic)\b|\b(?:failure|forensic)\b.{0,40}\bdmarc\b", Plain);

    static readonly Regex Words = new(
        @"this is an? (?:e-?mail )?(?:abuse|spam|feedback|complaint)|abuse report for an? e-?mail|complain(?:ed|t) (?:about|of|from|by)|marked (?:the|this|your|following)?.{0,30}(?:as )?(?:spam|junk)|reported .{0,40}(?:as )?(?:spam|junk)|considers? .{0,40}(?:spam|unsolicited)|feedback loop|user has (?:flagged|reported)|a été signalé|als spam (?:gemeldet|markiert)",
        Plain);

    static readonly Regex Sender = new(@"staff@hotmail|scomp@aol|fbl|feedback|complaint|abuse|jmrp|signal-spam|spamreport|arf|loop", Plain);

    static readonly Regex Address = new(@"(?:^|[^0-9.])((?:[0-9]{1,3}\.){3}[0-9]{1,3})(?:[^0-9.]|\.?$|\.[^0-9])", Plain);

    public static FeedbackReport? Read(MimePart message, ReportText text)
    {
        if (text.Returned is { } failed && Failure.IsMatch(message.Header("Subject") ?? "") && text.Joined.Contains("DMARC", StringComparison.OrdinalIgnoreCase))
            return new FeedbackReport("auth-failure", null, DeliveryReport.Address(failed.Raw("Return-Path") ?? failed.Raw("From")), Recipients(failed), Source(message, text), null, failed) { IsFromText = true };
        var xarf = message.Raw("X-XARF") is not null || message.Raw("X-ARF") is not null;
        var score = (Subject.IsMatch(message.Header("Subject") ?? "") ? 1 : 0) + (Sender.IsMatch(message.Header("From") ?? "") ? 1 : 0);
        if (score == 1 && text.Returned is not null && Words.IsMatch(Start(text.Joined))) score++;
        var isHotmail = text.Returned?.Raw("X-HmXmrOriginalRecipient") is not null;
        if (!xarf && !isHotmail && (text.Returned is null || score < 2)) return null;
        var returned = text.Returned;
        return new FeedbackReport("abuse", null, DeliveryReport.Address(returned?.Raw("Return-Path") ?? returned?.Raw("From")), Recipients(returned), Source(message, text), null, returned) { IsFromText = true };
    }

    public static List<EmailAddress> Recipients(MimePart? returned)
    {
        foreach (var name in RecipientFields)
            if (DeliveryReport.Address(returned?.Raw(name)) is { } address)
                return [address];
        return [];
    }

    /// <summary>The address of a Source-IP field, which some write in brackets or with a port or name.</summary>
    public static IPAddress? Ip(string? value)
    {
        var bare = value?.Trim().Trim('[', ']').Split([' ', ',', ';'], 2)[0].Trim('[', ']');
        if (bare?.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase) == true) bare = bare[5..];
        return IPAddress.TryParse(bare, out var address) ? address : null;
    }

    static IPAddress? Source(MimePart message, ReportText text)
    {
        foreach (var told in (string?[])[message.Header("Subject"), Start(text.Joined), text.Returned?.Raw("X-HmXmrOriginalIp"), text.Returned?.Raw("X-Originating-IP"), text.Returned?.Raw("Received")])
            if (told is not null && Address.Match(told) is { Success: true } found && IPAddress.TryParse(found.Groups[1].Value, out var address)) return address;
        return null;
    }

    static string Start(string text) => text.Length > 4000 ? text[..4000] : text;
}
