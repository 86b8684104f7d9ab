using System.Globalization;
using System.Text.RegularExpressions;

namespace PenguinMails.Mail.Reports;

/// <summary>Reply codes, enhanced codes and the names of servers inside a refusal.</summary>
static class ReportCodes
{
    const RegexOptions Plain = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    // A code stands at the start, behind a sign or word of dialogue, or before its enhanced form; "500 MB" or "room 421" do not count.
    static readonly Regex Reply = new(@"(?:^|[\s#:;<(\[""'=])([245][0-5][0-9])(?:[- ]+#?|\s*\(?#)([245]\.[0-9]{1,3}\.[0-9]{1,3})(?:[^0-9.]|$)", Plain);
    static readonly Regex Lead = new(@"(?:^|said:?\s+|returned:?\s+|<<<\s*|<--\s*|<=\s*|response:?\s+|error:?\s+|code:?\s+|code\s*=\s*|status:?\s+|because:?\s+|reason:?\s+|smtp;\s*|smtp:\s*|#|refused:?\s+|replied:?\s+|was:?\s+|:\s+|message\s+""?|\(|\n\s*)([45][0-5][0-9])(?:[\s\-#:;,.)""]|$)", Plain | RegexOptions.IgnoreCase);
    static readonly Regex Enhanced = new(@"(?:^|[^0-9.])([245]\.[0-9]\.[0-9]{1,3})(?:[^0-9.]|\.(?:[^0-9]|$)|$)", Plain);

    static readonly Regex Remote = new(
        @"(?:while talking to|\bhost|\bserver|connected to|conversation with|connect to|message to|transferred to|remote mta|remote server)\s+""?([A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)+)",
        Plain | RegexOptions.IgnoreCase);

    /// <summary>Reply code, 0 when there is none, and enhanced code, null when there is none.</summary>
    public static (int Code, string? Status) In(string diagnostic)
    {
        var both = Reply.Match(diagnostic);
        if (both.Success) return (Number(both.Groups[1]), both.Groups[2].Value);
        var lead = Lead.Match(diagnostic);
        var status = StatusIn(diagnostic);
        return (lead.Success ? Number(lead.Groups[1]) : 0, status);
    }

    public static string? StatusIn(string? text) => text is not null && Enhanced.Match(text) is { Success: true } found ? found.Groups[1].Value : null;

    /// <summary>The server a text says it spoke with.</summary>
    public static string? RemoteIn(string text)
    {
        for (var match = Remote.Match(text); match.Success; match = match.NextMatch())
            if (match.Groups[1].Value is var name && !name.EndsWith('.') && name.Any(char.IsAsciiLetter)) return name.TrimEnd('.').ToLowerInvariant();
        return null;
    }

    /// <summary>True for a code that only says failed or delayed: x.0.0, or subjects a gateway gives when it has no better.</summary>
    public static bool IsGeneric(string? status) => status is null || status.EndsWith(".0.0", StringComparison.Ordinal) || status[1..] is ".5.0" or ".4.0" or ".3.0" or ".7.0" or ".2.0" or ".1.0";

    static int Number(Group group) => int.Parse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
}
