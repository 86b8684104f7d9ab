using System.Buffers;

namespace PenguinMails.Mail.Replies;

/// <summary>Where the signature begins in lines that hold no quote.</summary>
static class SignatureLines
{
    const int BlockLinesMax = 12;
    const int SentFromLengthMax = 90;

    static readonly SearchValues<char> Vowels = SearchValues.Create("aeiouyAEIOUY");

    /// <summary>The first line of the signature, or the number of lines when there is none.</summary>
    public static int Start(IReadOnlyList<string> lines)
    {
        var start = lines.Count;
        for (var i = 0; i < lines.Count; i++)
        {
            if (!IsDelimiter(lines[i]) && !IsDrawn(lines, i) && !IsSentFrom(lines[i]) && !IsDisclaimer(lines, i)) continue;
            start = i;
            break;
        }
        return Closing(lines, start) ?? Dashed(lines, start) ?? start;
    }

    /// <summary>RFC 3676 4.3 asks for "-- "; many systems lose the blank, some use longer lines.</summary>
    public static bool IsDelimiter(string line) => line.TrimEnd() is "--" or "—" or "––" or "---" or "__" or "___" or "-- --" || QuoteIntro.IsRule(line);

    /// <summary>A drawn line above a block of short lines that are no sentences.</summary>
    static bool IsDrawn(IReadOnlyList<string> lines, int at)
    {
        var bare = lines[at].Trim();
        if (bare.Length < 3 || bare.Trim('—', '–', '─', '━').Length > 0) return false;
        var under = lines.Skip(at + 1).Select(line => line.Trim()).Where(line => line.Length > 0).Take(BlockLinesMax + 1).ToList();
        return under.Count is > 0 and <= BlockLinesMax && !under.Exists(line => line.Length > 60 || line[^1] is '.' or '?' or '!' or '。' or ':');
    }

    /// <summary>"Sent from my iPhone" and its like: short, one line, nothing behind it but the device.</summary>
    public static bool IsSentFrom(string line)
    {
        var bare = line.Trim().Trim('*', '_', '[', '-', '<').TrimStart();
        if (bare.Length is 0 or > SentFromLengthMax) return false;
        foreach (var phrase in ReplyWords.SentFrom)
        {
            if (phrase[0] > 0x2E80 || !phrase.Contains(' ', StringComparison.Ordinal)
                ? !bare.Contains(phrase, StringComparison.OrdinalIgnoreCase)
                : !bare.StartsWith(phrase, StringComparison.OrdinalIgnoreCase)) continue;
            // "Sent from my desk, it is easier": a sentence goes on.
            var rest = bare[Math.Min(bare.Length, phrase.Length)..];
            return !rest.Contains(", ", StringComparison.Ordinal) && rest.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length <= 9 && !rest.Contains('?', StringComparison.Ordinal);
        }
        return false;
    }

    static bool IsDisclaimer(IReadOnlyList<string> lines, int at)
    {
        var bare = lines[at].TrimStart(' ', '\t', '*', '_', '-', '[', '\u00A0');
        if (bare.Length < 8 || (at > 0 && lines[at - 1].Trim().Length > 0)) return false;
        foreach (var phrase in ReplyWords.Disclaimers)
            if (bare.StartsWith(phrase, StringComparison.OrdinalIgnoreCase)) return IsLegal(lines, at);
        return false;
    }

    // The opening words alone are everyday words: the paragraph must also speak of law, secrecy or paper.
    static bool IsLegal(IReadOnlyList<string> lines, int at)
    {
        var paragraph = string.Join(' ', lines.Skip(at).Take(20)).ToLowerInvariant();
        foreach (var word in (string[])["confiden", "intended", "privileged", "recipient", "vertraulich", "empfänger", "destinata", "riservat", "vertrouwelijk", "konfiden", "fortrolig", "poufn", "конфиденц", "保密", "機密", "environment", "print", "imprim", "virus", "disclaimer", "unauthori", "liab", "fortroligt"])
            if (paragraph.Contains(word, StringComparison.Ordinal)) return true;
        return false;
    }

    /// <summary>A closing phrase on its own line with a block of short lines under it: a name and more, or a formal phrase and a name.</summary>
    static int? Closing(IReadOnlyList<string> lines, int end)
    {
        for (var i = end - 1; i >= Math.Max(0, end - (BlockLinesMax * 2)); i--)
        {
            var bare = Words(lines[i]);
            if (!ReplyWords.Closings.Contains(bare)) continue;
            var under = Enumerable.Range(i + 1, end - i - 1).Select(k => lines[k].Trim()).Where(line => line.Length > 0).ToList();
            if (under.Count == 0 || under.Count > BlockLinesMax || under.Exists(line => line.Length > 80 || line.EndsWith('?'))) return null;
            // "mvh" and "MfG" are nothing but closings.
            var isFormal = bare.Contains(' ', StringComparison.Ordinal) || bare.Length > 8 || bare.AsSpan().IndexOfAny(Vowels) < 0 && char.IsAscii(bare[0]);
            var isThanks = bare.StartsWith("thank", StringComparison.OrdinalIgnoreCase);
            var isName = under.Count == 1 && under[0].Split(' ').Length <= 4 && !under[0].EndsWith('.');
            return under.Count >= 2 || (isFormal && isName && !isThanks) ? i : null;
        }
        return null;
    }

    /// <summary>Without the punctuation and pictures behind.</summary>
    static string Words(string line)
    {
        var end = line.Length;
        while (end > 0 && !char.IsLetterOrDigit(line[end - 1]) && line[end - 1] is not ')') end--;
        return line[..end].TrimStart();
    }

    /// <summary>"-Name", "- Name" or "/Name" as the last line.</summary>
    static int? Dashed(IReadOnlyList<string> lines, int end)
    {
        var last = end - 1;
        while (last >= 0 && lines[last].Trim().Length == 0) last--;
        if (last <= 0) return null;
        var line = lines[last].Trim();
        if (line.Length is < 3 or > 40 || line[0] is not ('-' or '–' or '—' or '/')) return null;
        var name = line.TrimStart('-', '–', '—', '/').TrimStart();
        var isName = name.Length > 1 && char.IsUpper(name[0]) && name.Split(' ').Length <= 3 && name.All(c => char.IsLetter(c) || c is ' ' or '.' or '\'' or '-');
        // A list item has a neighbour of its kind.
        return isName && !lines[last - 1].TrimStart().StartsWith('-') ? last : null;
    }
}
