namespace PenguinMails.Mail.Mime;

/// <summary>Identifiers in Message-ID, In-Reply-To and References as others write them (RFC 5322 3.6.4 and 4.5.4: phrases in between).</summary>
static class MessageIds
{
    /// <summary>The first in angle brackets, else the text itself; null when there is none.</summary>
    public static string? First(string? field)
    {
        foreach (var id in All(field)) return id;
        return null;
    }

    /// <summary>What stands in angle brackets, blanks in it removed; without any brackets the words of the text.</summary>
    public static IEnumerable<string> All(string? field)
    {
        if (string.IsNullOrWhiteSpace(field)) yield break;
        var open = field.IndexOf('<', StringComparison.Ordinal);
        if (open < 0)
        {
            foreach (var word in field.Split([' ', '\t', ',', ';'], StringSplitOptions.RemoveEmptyEntries)) yield return word;
            yield break;
        }
        while (open >= 0)
        {
            var close = field.IndexOf('>', open);
            var id = close < 0 ? field[open..] : field[open..(close + 1)];
            if (id.AsSpan().IndexOfAny(' ', '\t') >= 0) id = id.Replace(" ", "", StringComparison.Ordinal).Replace("\t", "", StringComparison.Ordinal);
            if (id.Length > 2) yield return id;
            if (close < 0) yield break;
            open = field.IndexOf('<', close);
        }
    }
}
