using System.Text.RegularExpressions;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Mail.Reports;

/// <summary>Recipients a system names by their mailbox alone, as AOL and GroupWise do for their own: they live in the domain that reports.</summary>
static class LocalRecipients
{
    const int NamesMax = 100;

    static readonly Regex Name = new(@"^\s+([A-Za-z0-9][A-Za-z0-9._+-]{0,63})\s*(?:\(.*)?$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    /// <summary>Indented names below a line that announces them; empty when the reporting domain is unknown.</summary>
    public static List<TextRecipient> Find(MimePart message, ReportText text)
    {
        var from = message.Header("From") ?? "";
        var at = from.LastIndexOf('@');
        var domain = at < 0 ? "" : from[(at + 1)..].Split(['>', ' ', '(', '"'], 2)[0].Trim();
        var found = new List<TextRecipient>();
        if (!domain.Contains('.', StringComparison.Ordinal)) return found;
        for (var i = 0; i < text.Lines.Count && found.Count == 0; i++)
        {
            if (!text.Lines[i].AsSpan().TrimEnd().EndsWith(':') || !TextRecipients.Announces.IsMatch(text.Lines[i])) continue;
            for (var k = i + 1; k < text.Lines.Count && found.Count < NamesMax; k++)
            {
                if (Name.Match(text.Lines[k]) is { Success: true } named) found.Add(new TextRecipient($"{named.Groups[1].Value}@{domain}", k, 3));
                else if (!string.IsNullOrWhiteSpace(text.Lines[k])) break;
            }
        }
        return found;
    }
}
