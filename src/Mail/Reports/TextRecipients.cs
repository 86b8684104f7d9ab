using System.Text.RegularExpressions;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Mail.Reports;

/// <summary>An address a report names in its text for people, and where.</summary>
sealed record TextRecipient(string Address, int Line, int Score);

/// <summary>Finds the failed addresses in a report's text by how they stand there, and by what the returned message was addressed to.</summary>
static class TextRecipients
{
    const int RecipientsMax = 100;
    const int BlockLinesMax = 25;
    const int AddressedScore = 4;
    const int OwnPenalty = 6;
    const RegexOptions Plain = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    static readonly Regex InLine = new(@"(?:""[^""\s]{1,64}""|[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+)@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", Plain);

    static readonly Regex Introduces = new(
        @"(?:rcpt to|recipient|recipients?|address(?:es)?|user|mailbox|unknown|undeliverable|failed|deliver(?:ed|y)?|to|for|account|destinataire|destinatario|empfänger|empfaenger|an|à|宛先|収件人|收件人|адресат|получател[ьюя]|odbiorca|ontvanger|mottagare|modtager)\s*(?:\(s\))?\s*(?:is|was|are)?\s*[:：;=]?\s*(?:rfc822;|smtp:)?\s*[<\[(""']*$",
        Plain | RegexOptions.IgnoreCase);

    static readonly Regex Asks = new(
        @"contact|please (?:e-?mail|send|write|forward|call)|postmaster|mailer-daemon|help|support|questions|assistance|mailto:|https?://|from\b|sender|return-path|message-id|abuse|hostmaster|for (?:more|further) information|regards|administrator|veuillez|bitte wenden|reply to",
        Plain | RegexOptions.IgnoreCase);

    internal static readonly Regex Announces = new(
        @"following|recipient|deliver|failed|reach|below|address|unknown|returned|error|empfänger|adress|destinat|siguiente|seguent|suivant|folgende|следующ|以下|下記|次の|below", Plain | RegexOptions.IgnoreCase);

    /// <summary>The most likely failed addresses, in order of the text.</summary>
    public static List<TextRecipient> Find(MimePart message, ReportText text)
    {
        var own = Own(message, text.Returned);
        var addressed = Addressed(text.Returned);
        var best = new Dictionary<string, TextRecipient>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < text.Lines.Count && best.Count < RecipientsMax; i++)
        {
            var line = text.Lines[i];
            if (!line.Contains('@', StringComparison.Ordinal) || line.Length > 2000) continue;
            foreach (Match match in InLine.Matches(line))
            {
                var address = match.Value.Trim('\'', '.', '`');
                if (IsMachine(address) || line.AsSpan(0, match.Index).EndsWith("mailto:", StringComparison.OrdinalIgnoreCase)) continue;
                var score = Score(text.Lines, i, match) + (addressed.Contains(address) ? AddressedScore : 0) - (own.Contains(address) ? OwnPenalty : 0);
                if (!best.TryGetValue(address, out var known) || score > known.Score) best[address] = new TextRecipient(address, known is null ? i : Math.Min(i, known.Line), score);
            }
        }
        var likely = best.Values.Where(one => one.Score >= 3).ToList();
        // Beside one the message was for, another must stand there at least as plainly.
        if (likely.FindAll(one => addressed.Contains(one.Address)) is { Count: > 0 } sure) likely = likely.FindAll(one => addressed.Contains(one.Address) || one.Score >= 5 || one.Score >= sure.Min(known => known.Score) - AddressedScore);
        if (likely.Count == 0) likely = LocalRecipients.Find(message, text);
        if (likely.Count == 0) likely = [.. best.Values.Where(one => one.Score > 0).OrderByDescending(one => one.Score).Take(1)];
        if (likely.Count == 0 && addressed.Count > 0) likely = [new TextRecipient(addressed.First(), -1, 1)];
        // A gateway may tell the recipient what it kept from them.
        if (likely.Count == 0) likely = [.. best.Values.Where(one => one.Score > OwnPenalty * -1 && own.Contains(one.Address)).OrderByDescending(one => one.Score).Take(1)];
        return [.. likely.OrderBy(one => one.Line)];
    }

    /// <summary>The lines that belong to one address, as one line.</summary>
    public static string Block(ReportText text, TextRecipient one, IReadOnlyList<TextRecipient> all)
    {
        if (one.Line < 0) return "";
        var lines = new List<string>();
        for (var i = one.Line; i < text.Lines.Count && lines.Count < BlockLinesMax; i++)
        {
            if (i > one.Line && all.Any(other => other.Line == i && other != one)) break;
            var line = text.Lines[i].Trim();
            // An empty line ends the block once it said something beside the address.
            if (line.Length == 0 && lines.Count > 0 && lines.Sum(said => said.Length) > one.Address.Length + 12) break;
            if (line.StartsWith("---", StringComparison.Ordinal) && lines.Count > 0) break;
            if (line.Length > 0) lines.Add(line);
        }
        return Flat(lines);
    }

    /// <summary>Lines elsewhere that quote the dialogue about an address: sendmail's transcript, Exchange's part for administrators.</summary>
    public static string Dialogue(ReportText text, string address, bool isOnly)
    {
        var lines = new List<string>();
        for (var i = 0; i < text.Lines.Count && lines.Count < BlockLinesMax; i++)
        {
            var line = text.Lines[i].Trim();
            if (line.StartsWith("<<<", StringComparison.Ordinal) && (isOnly || line.Contains(address, StringComparison.OrdinalIgnoreCase))) lines.Add(line[3..].Trim());
            else if (line.Contains(address, StringComparison.OrdinalIgnoreCase) && ReportCodes.In(line).Code > 0) lines.Add(line);
            else if (line.Contains(address, StringComparison.OrdinalIgnoreCase) && i + 1 < text.Lines.Count && text.Lines[i + 1].Length < 500 && ReportCodes.In(text.Lines[i + 1].Trim()) is ( > 0, _) or (_, not null)) lines.Add(text.Lines[i + 1].Trim());
            else if (isOnly && line.Length < 500 && ReportCodes.In(line) is ( > 0, _)) lines.Add(line + (i + 1 < text.Lines.Count ? " " + text.Lines[i + 1].Trim() : ""));
        }
        return Flat(lines);
    }

    /// <summary>The line that announces a list of addresses gives the reason of them all.</summary>
    public static string Announcement(ReportText text, IReadOnlyList<TextRecipient> all) =>
        all.Min(one => one.Line) is > 0 and var first && Above(text.Lines, first) is var said && said.AsSpan().TrimEnd().EndsWith(':') ? said : "";

    public static string Flat(IEnumerable<string> lines)
    {
        var joined = string.Join(' ', string.Join(' ', lines).Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries));
        return joined.Length > BounceClassifier.TextLengthMax ? joined[..BounceClassifier.TextLengthMax] : joined;
    }

    static int Score(IReadOnlyList<string> lines, int at, Match match)
    {
        var line = lines[at];
        var before = line[..match.Index];
        var after = line[(match.Index + match.Length)..];
        var score = 0;
        var leads = before.Trim(' ', '\t', '<', '>', '"', '\'', '*', '-', '(', '[', '|', '=', '・', '・', ',').Length == 0;
        if (leads) score += 3;
        if (leads && (after.Trim(' ', '>', '"', '\'', ')', ']', '\r', ',', ';').Length == 0 || after.TrimStart('>', ' ', ')').StartsWith(':') || after.TrimStart('>', ' ').StartsWith("...", StringComparison.Ordinal))) score += 1;
        if (before.Length < 120 && Introduces.IsMatch(before.Length > 60 ? before[^60..] : before)) score += 2;
        var near = line + " " + Flat(lines.Skip(at + 1).Take(3));
        if (ReportCodes.In(near) is ( > 0, _) or (_, not null) || ReportSigns.SaysFailure(near)) score += 2;
        if (Announces.IsMatch(Above(lines, at) + " " + before)) score += 1;
        if (Asks.IsMatch(before)) score -= leads ? 1 : 4;
        if (IsSummary(lines, at)) score -= 4;
        return score;
    }

    /// <summary>A summary of the message it is about ("To: … Subject: …") says whom it was for, not who failed.</summary>
    static bool IsSummary(IReadOnlyList<string> lines, int at)
    {
        if (!lines[at].AsSpan().TrimStart().StartsWith("To:", StringComparison.OrdinalIgnoreCase)) return false;
        for (var i = at + 1; i < lines.Count && i <= at + 2; i++)
            if (lines[i].AsSpan().TrimStart() is var next && (next.StartsWith("Subject:", StringComparison.OrdinalIgnoreCase) || next.StartsWith("Sent:", StringComparison.OrdinalIgnoreCase))) return true;
        return false;
    }

    /// <summary>The two written lines above, looked for in ten.</summary>
    static string Above(IReadOnlyList<string> lines, int at)
    {
        var (said, count) = ("", 0);
        for (var i = at - 1; i >= 0 && i >= at - 10 && count < 2; i--)
        {
            if (lines[i].Length > 500 || lines[i].AsSpan().IsWhiteSpace()) continue;
            said = lines[i].Trim() + " " + said;
            count++;
        }
        return said;
    }

    static bool IsMachine(string address) =>
        address.StartsWith("postmaster@", StringComparison.OrdinalIgnoreCase) || address.StartsWith("mailer-daemon@", StringComparison.OrdinalIgnoreCase) || address.StartsWith("abuse@", StringComparison.OrdinalIgnoreCase);

    static HashSet<string> Own(MimePart message, MimePart? returned)
    {
        var own = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in (string[])["To", "From", "Delivered-To", "Reply-To", "X-Original-To", "Sender", "Message-ID"]) Add(own, message.Raw(name));
        foreach (var name in (string[])["From", "Return-Path", "Sender", "Reply-To", "Message-ID", "Errors-To"]) Add(own, returned?.Raw(name));
        return own;
    }

    /// <summary>Whom the returned message was for.</summary>
    public static HashSet<string> Addressed(MimePart? returned)
    {
        var addressed = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in (string[])["X-Failed-Recipients", "Delivered-To", "X-Original-To", "X-Envelope-To", "Envelope-To", "X-Rcpt-To", "To", "Cc", "Bcc"]) Add(addressed, returned?.Raw(name));
        return addressed;
    }

    static void Add(HashSet<string> set, string? header)
    {
        if (header is null) return;
        foreach (Match match in InLine.Matches(header.Length > 8000 ? header[..8000] : header))
            if (set.Count < RecipientsMax) set.Add(match.Value);
    }
}
