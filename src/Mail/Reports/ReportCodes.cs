using System.Globalization;
using System.Text.RegularExpressions;

namespace PenguinMails.Mail.Reports;

/// <summary>Reply codes, enhanced codes and the names of servers inside a refusal.</summary>
static class ReportCodes
{
    static readonly Regex Remote = new(
        @"(?:while talking to|\bhost|\bserver|connected to|conversation with|connect to|message to|transferred to|remote mta|remote server)\s+""?([A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)+)",
        RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);

    // "500 MB" or "room 421" is no reply: a code stands at the start, behind a sign, one of these words, or before its enhanced form.
    static readonly string[] Leads = ["said", "returned", "response", "error", "code", "status", "because", "reason", "smtp", "refused", "replied", "was", "with", "message", "reply", "<--", "<<<", "<=", "server", "deferred", "failed", "failure", "==>", "="];

    /// <summary>Reply code, 0 when there is none, and enhanced code, null when there is none. A refusal outweighs the agreement a dialogue had before it.</summary>
    public static (int Code, string? Status) In(string diagnostic)
    {
        var (code, status) = (0, (string?)null);
        (int Code, string? Status)? agreed = null;
        for (var i = 0; i < diagnostic.Length; i++)
        {
            if (!char.IsAsciiDigit(diagnostic[i]))
                continue;
            var isFresh = i == 0 || (!char.IsLetterOrDigit(diagnostic[i - 1]) && diagnostic[i - 1] is not ('.' or '_'));
            if (isFresh && EnhancedAt(diagnostic, i) is { } enhanced)
            {
                if (enhanced[0] == '2') agreed ??= (0, enhanced);
                else status ??= enhanced;
            }
            else if (isFresh && CodeAt(diagnostic, i) is > 0 and var found)
            {
                if (EnhancedAt(diagnostic, AfterCode(diagnostic, i + 3)) is { } paired)
                {
                    if (found >= 400) return (found, paired);
                    agreed = agreed is { Code: > 0 } ? agreed : (found, paired);
                    i += 3;
                }
                if (code == 0 && found >= 400 && IsLed(diagnostic, i)) code = found;
            }
            while (i + 1 < diagnostic.Length && char.IsAsciiDigit(diagnostic[i + 1])) i++;
        }
        return code == 0 && status is null && agreed is { } only ? only : (code, status);
    }

    public static string? StatusIn(string? text) => text is null ? null : In(text).Status;

    /// <summary>The server a text says it spoke with.</summary>
    public static string? RemoteIn(string text)
    {
        for (var match = Remote.Match(text); match.Success; match = match.NextMatch())
            if (match.Groups[1].Value is var name && !name.EndsWith('.') && name.Any(char.IsAsciiLetter)) return name.TrimEnd('.').ToLowerInvariant();
        return null;
    }

    /// <summary>True for a code that only says failed or delayed: x.0.0, or subjects a gateway gives when it has no better.</summary>
    public static bool IsGeneric(string? status) => status is null || status.EndsWith(".0.0", StringComparison.Ordinal) || status[1..] is ".5.0" or ".4.0" or ".3.0" or ".7.0" or ".2.0" or ".1.0";

    /// <summary>An enhanced code at that place (RFC 3463 2): class, subject and detail, and no longer number around it.</summary>
    static string? EnhancedAt(string text, int at)
    {
        if (at + 4 >= text.Length || text[at] is not ('2' or '4' or '5') || text[at + 1] != '.' || !char.IsAsciiDigit(text[at + 2]) || text[at + 3] != '.') return null;
        var end = at + 4;
        while (end < text.Length && char.IsAsciiDigit(text[end])) end++;
        if (end == at + 4 || end > at + 7) return null;
        var goesOn = end + 1 < text.Length && text[end] == '.' && char.IsAsciiDigit(text[end + 1]);
        return goesOn ? null : text[at..end];
    }

    static int CodeAt(string text, int at)
    {
        if (at + 2 >= text.Length || text[at] is not ('2' or '4' or '5') || text[at + 1] is < '0' or > '9' || !char.IsAsciiDigit(text[at + 2])) return 0;
        if (at + 3 < text.Length && (char.IsLetterOrDigit(text[at + 3]) || text[at + 3] is '_' or '%' || (text[at + 3] == '.' && at + 4 < text.Length && char.IsAsciiDigit(text[at + 4])))) return 0;
        return int.Parse(text.AsSpan(at, 3), NumberStyles.None, CultureInfo.InvariantCulture) is > 199 and < 600 and var code ? code : 0;
    }

    static int AfterCode(string text, int at)
    {
        var end = Math.Min(text.Length, at + 4);
        while (at < end && text[at] is ' ' or '-' or '#' or '(' or '\t') at++;
        return at;
    }

    static bool IsLed(string text, int at)
    {
        // IronPort's own word, then what the other server said: "Unknown address error 550-'no such user'".
        if (text.AsSpan(at + 3).StartsWith("-'")) return true;
        var before = text.AsSpan(Math.Max(0, at - 24), at - Math.Max(0, at - 24));
        var bare = before.TrimEnd(" \t\r\n");
        if (bare.IsEmpty || bare[^1] is ':' or ';' or '#' or '(' or '"' or '\'' or '>' or '[' or '|' or '<') return true;
        // A code that begins a line: the line end is still in the text.
        if (before.Length > 0 && before[bare.Length..].Contains('\n')) return true;
        if (bare.EndsWith("],")) return true;
        foreach (var lead in Leads)
            if (bare.EndsWith(lead, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }
}
