namespace PenguinMails.Mail.Replies;

/// <summary>Lines that announce a quote: attributions, copied headers, dividers.</summary>
static class QuoteIntro
{
    const int WrapLinesMax = 4;
    const int LengthMax = 400;
    const int HeaderLinesMax = 12;

    /// <summary>Lines of the attribution that begins at a line ("On … wrote:", wrapped over up to four), 0 when none does.</summary>
    /// <param name="isQuoteNext">True when the given line is followed by quoted text: then less proof is asked for.</param>
    public static int Attribution(IReadOnlyList<string> lines, int at, Func<int, bool> isQuoteNext)
    {
        if (!MayStart(lines[at])) return 0;
        var joined = "";
        for (var count = 1; count <= WrapLinesMax && at + count <= lines.Count; count++)
        {
            var line = lines[at + count - 1].Trim();
            // A blank line inside happens when an HTML attribution is turned into text; two do not.
            if (line.Length == 0 && (count == 1 || lines[at + count - 2].Trim().Length == 0)) return 0;
            joined = joined.Length == 0 ? line : line.Length == 0 ? joined : joined + " " + line;
            if (joined.Length > LengthMax) return 0;
            if (line.Length > 0 && IsAttribution(joined, isQuoteNext(at + count - 1))) return count > 1 && HasLaterStart(lines, at, count) ? 0 : count;
        }
        return 0;
    }

    /// <summary>True when a line further down is a whole attribution by itself: then what stands above it is the writer's own.</summary>
    static bool HasLaterStart(IReadOnlyList<string> lines, int at, int count)
    {
        for (var i = at + 1; i < at + count; i++)
        {
            var tail = string.Join(' ', lines.Skip(i).Take(at + count - i).Select(line => line.Trim()));
            if (BeginsWithStart(tail) && tail.Count(char.IsAsciiDigit) >= 3 && IsAttribution(tail, false)) return true;
        }
        return false;
    }

    /// <summary>Lines of a copied header (From, Sent, To, Subject in any language), 0 when there is none.</summary>
    public static int Header(IReadOnlyList<string> lines, int at)
    {
        if (Label(lines[at]) is not { } first || !(ReplyWords.From.Contains(first) || ReplyWords.Sent.Contains(first) || ReplyWords.Subject.Contains(first) || ReplyWords.To.Contains(first))) return 0;
        var (from, other, last) = (0, 0, at);
        for (var i = at; i < Math.Min(lines.Count, at + HeaderLinesMax); i++)
        {
            if (Label(lines[i]) is not { } label)
            {
                if (lines[i].Trim().Length == 0 && i > last + 1) break;
                continue;
            }
            if (ReplyWords.From.Contains(label)) from++;
            else if (ReplyWords.Sent.Contains(label) || ReplyWords.To.Contains(label) || ReplyWords.Subject.Contains(label)) other++;
            else continue;
            last = i;
        }
        if (from >= 1 && other >= 2) return last - at + 1;
        if (from == 1 && other == 0 && IsRunTogether(lines[at])) return 1;
        return from + other == 2 && last == at + 1 && IsDatedPair(lines[at], lines[last]) || from == 1 && other == 0 && IsLoneSender(lines, at) ? last - at + 1 : 0;
    }

    /// <summary>Two fields are a header when one is a date and the other names a mailbox.</summary>
    static bool IsDatedPair(string one, string other)
    {
        static bool IsDate(string line) => Label(line) is { } label && ReplyWords.Sent.Contains(label) && line.Count(char.IsAsciiDigit) >= 6;
        return IsDate(one) && other.Contains('@', StringComparison.Ordinal) || IsDate(other) && one.Contains('@', StringComparison.Ordinal);
    }

    /// <summary>"From: a@b.example Date: Thu, 24 Mar …": fields that lost their line ends.</summary>
    static bool IsRunTogether(string line)
    {
        if (!line.Contains('@', StringComparison.Ordinal) || line.Count(char.IsAsciiDigit) < 6) return false;
        foreach (var label in ReplyWords.Sent)
            if (line.IndexOf(' ' + label, StringComparison.OrdinalIgnoreCase) is > 0 and var at && line.AsSpan(at + 1 + label.Length).TrimStart(" \u00A0*").StartsWith(":")) return true;
        return false;
    }

    /// <summary>"From: a@b.example" alone, set off by blank lines.</summary>
    static bool IsLoneSender(IReadOnlyList<string> lines, int at)
    {
        if (at == 0 || lines[at - 1].Trim().Length > 0 || at + 1 >= lines.Count || lines[at + 1].Trim().Length > 0) return false;
        var value = lines[at][(lines[at].AsSpan().IndexOfAny(':', '：') + 1)..].Trim().TrimEnd('>', ']', '*');
        return value.IndexOf('@', StringComparison.Ordinal) is > 0 and var sign && value.IndexOf(' ', sign) < 0;
    }

    /// <summary>True for "-----Original Message-----" and its like in any language.</summary>
    public static bool IsDivider(string line)
    {
        var bare = line.Trim().Replace("&nbsp;", " ", StringComparison.Ordinal);
        if (bare.Length is < 8 or > 120) return false;
        // Help desks draw a line of their own.
        if (bare.Contains("above this line", StringComparison.OrdinalIgnoreCase) && bare[0] is '#' or '-' or '=' or '*') return true;
        var words = bare.Trim('-', '_', '=', '*', ' ', ':', '：', '>', '<', '—').ToLowerInvariant();
        if (words.Length == 0 || words.Length == bare.Length) return false;
        foreach (var original in ReplyWords.Original)
            if (words.StartsWith(original, StringComparison.Ordinal) && words.Length < original.Length + 40) return true;
        return false;
    }

    /// <summary>True for the line of underscores that Outlook draws above a copied header.</summary>
    public static bool IsRule(string line)
    {
        var bare = line.Trim();
        return bare.Length >= 10 && bare.Trim('_').Length == 0 || bare.Length >= 20 && (bare.Trim('-').Length == 0 || bare.Trim('=').Length == 0 || bare.Trim('*').Length == 0);
    }

    static bool IsAttribution(string text, bool isQuoteNext)
    {
        // Right-to-left lines end in marks of direction.
        var end = text.TrimEnd(' ', '*', '_', '-', '\u200E', '\u200F', '\u202A', '\u202B', '\u202C');
        var hasColon = end.EndsWith(':') || end.EndsWith('：');
        var bare = end.TrimEnd(':', '：', ' ', '\u00A0', '*', '_');
        if (!hasColon && !isQuoteNext && !EndsWithVerb(bare)) return false;
        var digits = text.Count(char.IsAsciiDigit);
        var hasAddress = text.Contains('@', StringComparison.Ordinal);
        var isNamed = bare.EndsWith('>') || bare.EndsWith(')') || bare.EndsWith(']');
        if (HasVerb(bare)) return (hasColon && (hasAddress || digits >= 3)) || (EndsWithVerb(bare) && (digits >= 4 || isQuoteNext)) || (hasColon && isQuoteNext);
        // "2026-03-20 14:04 GMT+01:00 Name <a@b>:", and its forms in Russian and Japanese; above marked lines in any language.
        if (hasColon && digits >= 6 && hasAddress && (isNamed || isQuoteNext)) return true;
        // "2026/4/7 Name <a@b>" or "2026-04-07 17:21 GMT+01:00 Name" above marked lines; "On 7 April 2026, Name said:".
        if (isQuoteNext && digits >= 6 && char.IsAsciiDigit(text[0]) && (hasAddress && isNamed || text.Contains(" GMT", StringComparison.Ordinal))) return true;
        return hasColon && digits >= 4 && BeginsWithStart(text.TrimStart('-', ' ', '*')) && EndsWithOne(ReplyWords.Said, bare);
    }

    /// <summary>Where an attribution begins behind the writer's own words on the same line, 0 when it does not.</summary>
    public static int Inside(string line)
    {
        var end = line.AsSpan().TrimEnd();
        if (end.Length is < 20 or > LengthMax || end[^1] is not (':' or '：') || line.TrimStart().StartsWith('>')) return 0;
        foreach (var start in ReplyWords.Openers)
            for (var at = line.IndexOf(start, StringComparison.Ordinal); at > 0; at = line.IndexOf(start, at + 1, StringComparison.Ordinal))
            {
                var tail = line[at..];
                var date = tail.AsSpan(start.Length, Math.Min(24, tail.Length - start.Length));
                if (line[at - 1] is ' ' or '\t' or '-' && date.IndexOfAnyInRange('0', '9') >= 0 && HasVerb(tail.TrimEnd(' ', ':', '：', '\u00A0')) && IsAttribution(tail, false) && !BeginsWithStart(line.TrimStart(' ', '-', '*'))) return at;
            }
        return 0;
    }

    static bool MayStart(string line)
    {
        var bare = line.TrimStart(' ', '\t', '*', '_', '-', '>', '"', '\u00A0');
        if (line.TrimStart().StartsWith('>') || bare.Length == 0 || bare.Length > LengthMax) return false;
        if (char.IsAsciiDigit(bare[0]) || bare.Contains('@', StringComparison.Ordinal)) return true;
        return BeginsWithStart(bare) || HasVerb(bare.TrimEnd(':', '：', ' ', '\u00A0'));
    }

    static bool BeginsWithStart(string bare)
    {
        foreach (var start in ReplyWords.Starts)
            if (bare.StartsWith(start, StringComparison.OrdinalIgnoreCase) && (bare.Length == start.Length || !char.IsLetter(bare[start.Length]) || start is "在" or "于")) return true;
        return false;
    }

    static bool HasVerb(string bare)
    {
        foreach (var verb in ReplyWords.Wrote)
        {
            var at = bare.LastIndexOf(verb, StringComparison.OrdinalIgnoreCase);
            if (at < 0) continue;
            if (verb[0] > 0x2E80) return true;
            if ((at == 0 || !char.IsLetter(bare[at - 1])) && (at + verb.Length == bare.Length || !char.IsLetter(bare[at + verb.Length]))) return true;
        }
        return false;
    }

    static bool EndsWithVerb(string bare) => EndsWithOne(ReplyWords.Wrote, bare);

    static bool EndsWithOne(string[] verbs, string bare)
    {
        foreach (var verb in verbs)
            if (bare.EndsWith(verb, StringComparison.OrdinalIgnoreCase) && (bare.Length == verb.Length || verb[0] > 0x2E80 || !char.IsLetter(bare[bare.Length - verb.Length - 1]))) return true;
        return false;
    }

    /// <summary>What stands before the colon of a field; null when the line is none.</summary>
    public static string? Label(string line)
    {
        var bare = line.TrimStart(' ', '\t', '*', '>', '_', '\u00A0');
        var colon = bare.AsSpan().IndexOfAny(':', '：');
        return colon is <= 0 or > 24 ? null : bare[..colon].Trim(' ', '*', '_', '\u00A0').Replace("\u00A0", " ", StringComparison.Ordinal);
    }
}
