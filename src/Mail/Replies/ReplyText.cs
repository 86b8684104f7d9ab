using System.Text;

namespace PenguinMails.Mail.Replies;

/// <summary>An answer taken apart.</summary>
/// <param name="Reply">What the writer added, trimmed; answers between quotes are all kept, in order. Empty when there is none.</param>
/// <param name="Signature">Name block, device line, disclaimer; null without one.</param>
/// <param name="Quoted">The quoted mail with its introduction, as it stood; null without one.</param>
public sealed record ReplyText(string Reply, string? Signature, string? Quoted)
{
    /// <summary>Characters looked at; what follows counts as quoted.</summary>
    public const int CharactersMax = 1024 * 1024;

    // Marks that HtmlReply puts before lines; they are taken out of what comes from outside.
    internal const char QuoteMark = '\uE001', SignatureMark = '\uE002', SplitMark = '\uE003', BareMark = '\uE004';

    enum Kind
    {
        Own,
        Quote,
        Signature,
    }

    /// <summary>Reply and signature together.</summary>
    public string Whole => Signature is null ? Reply : Reply + "\n" + Signature;

    /// <summary>Takes plain text apart. Line ends may be of any kind.</summary>
    public static ReplyText Of(string text) => Marked(text.Replace(QuoteMark, ' ').Replace(SignatureMark, ' ').Replace(SplitMark, ' ').Replace(BareMark, ' '));

    internal static ReplyText Marked(string text)
    {
        if (text.Length > CharactersMax) text = text[..CharactersMax];
        var lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Split('\n');
        lines = Apart(Bare(lines));
        var kinds = new Kind[lines.Length];
        Mark(lines, kinds);
        MarkSignatures(lines, kinds);
        string Part(Kind kind) => Tidy(Enumerable.Range(0, lines.Length).Where(i => kinds[i] == kind).Select(i => lines[i].TrimStart(QuoteMark, SignatureMark, SplitMark)));
        var (signature, quoted) = (Part(Kind.Signature), Part(Kind.Quote));
        return new ReplyText(Part(Kind.Own), signature.Length == 0 ? null : signature, quoted.Length == 0 ? null : quoted);
    }

    /// <summary>An attribution that shares its line with the answer gets a line of its own.</summary>
    static string[] Apart(string[] lines)
    {
        if (!Array.Exists(lines, line => QuoteIntro.Inside(line) > 0)) return lines;
        return [.. lines.SelectMany<string, string>(line => QuoteIntro.Inside(line) is > 0 and var at ? [line[..at].TrimEnd(' ', '-'), line[at..]] : [line])];
    }

    /// <summary>A block quote without any attribute that stands above the attribution is the writer's citation; elsewhere it is the quote.</summary>
    static string[] Bare(string[] lines)
    {
        if (!Array.Exists(lines, line => line.StartsWith(BareMark))) return lines;
        bool IsQuoteNext(int at) => lines.Skip(at + 1).FirstOrDefault(line => line.Trim().Length > 0) is { } next && next[0] is QuoteMark or BareMark;
        var first = 0;
        while (first < lines.Length && QuoteIntro.Attribution(lines, first, IsQuoteNext) == 0) first++;
        return [.. lines.Select((line, i) => !line.StartsWith(BareMark) ? line : i < first && first < lines.Length ? line[1..] : QuoteMark + line[1..])];
    }

    static void Mark(string[] lines, Kind[] kinds)
    {
        bool IsQuote(int i) => lines[i].AsSpan().TrimStart().StartsWith(">") || lines[i].StartsWith(QuoteMark);
        bool IsQuoteNext(int i)
        {
            for (i++; i < lines.Length; i++)
                if (lines[i].Trim().Length > 0) return IsQuote(i);
            return false;
        }

        for (var i = 0; i < lines.Length; i++)
        {
            if (kinds[i] != Kind.Own) continue;
            if (IsQuote(i) || IsWrapped(lines, i, IsQuote)) kinds[i] = Kind.Quote;
            // Marked lines under a divider end with their marks; what stands below them is the writer's own again.
            else if (QuoteIntro.IsDivider(lines[i]) && IsQuoteNext(i)) kinds[i] = Kind.Quote;
            else if (IsEnd(lines, i))
            {
                // Everything below a copied header is the old mail.
                while (i < lines.Length) kinds[i++] = Kind.Quote;
            }
            else if (QuoteIntro.Attribution(lines, i, IsQuoteNext) is > 0 and var count)
            {
                for (var k = 0; k < count; k++) kinds[i + k] = Kind.Quote;
                var isMarked = IsQuoteNext(i + count - 1);
                i += count - 1;
                // Without marks on the quoted lines nothing tells where the quote ends.
                if (!isMarked && HasText(lines, i + 1))
                    while (++i < lines.Length) kinds[i] = Kind.Quote;
            }
        }
    }

    static bool IsEnd(string[] lines, int at)
    {
        if (lines[at].StartsWith(SplitMark) || QuoteIntro.IsDivider(lines[at]) || QuoteIntro.Header(lines, at) > 0) return true;
        if (!QuoteIntro.IsRule(lines[at])) return false;
        var next = at + 1;
        while (next < lines.Length && lines[next].Trim().Length == 0) next++;
        return next < lines.Length && (QuoteIntro.Header(lines, next) > 0 || QuoteIntro.IsDivider(lines[next]));
    }

    // A quoted line that was broken on its way leaves its tail without a mark between two marked lines.
    static bool IsWrapped(string[] lines, int at, Func<int, bool> isQuote)
    {
        if (at == 0 || at + 1 >= lines.Length || !isQuote(at - 1) || !isQuote(at + 1) || lines[at].Length == 0) return false;
        if (lines[at - 1].Length >= 60 && lines[at].Length < 30 && char.IsLower(lines[at][0])) return true;
        // A link in brackets that was broken, or moved to a line of its own.
        var (before, bare) = (lines[at - 1], lines[at].TrimStart());
        return bare.StartsWith("(http", StringComparison.Ordinal) || bare.StartsWith("<http", StringComparison.Ordinal)
            || before.LastIndexOf("(http", StringComparison.Ordinal) is >= 0 and var round && before.IndexOf(')', round) < 0 && bare.Contains(')', StringComparison.Ordinal)
            || before.LastIndexOf("<http", StringComparison.Ordinal) is >= 0 and var angle && before.IndexOf('>', angle) < 0 && bare.Contains('>', StringComparison.Ordinal);
    }

    static bool HasText(string[] lines, int from)
    {
        for (var i = from; i < lines.Length; i++)
            if (lines[i].Trim().Length > 0) return true;
        return false;
    }

    /// <summary>A signature ends an answer: it stands above the quote, or at the very end.</summary>
    static void MarkSignatures(string[] lines, Kind[] kinds)
    {
        for (var i = 0; i < lines.Length; i++)
            if (kinds[i] == Kind.Own && lines[i].StartsWith(SignatureMark)) kinds[i] = Kind.Signature;
        var at = 0;
        while (at < lines.Length)
        {
            if (kinds[at] != Kind.Own)
            {
                at++;
                continue;
            }
            var end = at;
            while (end < lines.Length && kinds[end] == Kind.Own) end++;
            var run = new ArraySegment<string>(lines, at, end - at);
            for (var i = at + SignatureLines.Start(run); i < end; i++) kinds[i] = Kind.Signature;
            at = end;
        }
    }

    static string Tidy(IEnumerable<string> lines)
    {
        var made = new StringBuilder();
        var blanks = 0;
        foreach (var line in lines)
        {
            var bare = line.TrimEnd();
            blanks = bare.Length == 0 ? blanks + 1 : 0;
            if (blanks < 2) made.Append(bare).Append('\n');
        }
        return made.ToString().Trim();
    }
}
