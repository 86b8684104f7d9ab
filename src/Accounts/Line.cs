namespace PenguinMails.Accounts;

/// <summary>Text that a person typed into one field: trimmed, no controls, no half characters, so that it can be stored and shown anywhere.</summary>
static class Line
{
    /// <param name="max">UTF-16 code units.</param>
    public static bool TryParse(string? text, int max, out string line) => TryParse(text, 1, max, breaks: false, out line);

    /// <summary>Several lines; ends of line become LF. May be empty.</summary>
    public static bool TryParseBlock(string? text, int max, out string block) =>
        TryParse(text?.ReplaceLineEndings("\n"), 0, max, breaks: true, out block);

    static bool TryParse(string? text, int min, int max, bool breaks, out string line)
    {
        line = text?.Trim() ?? "";
        if (line.Length < min || line.Length > max || !IsUnicode(line)) return false;
        foreach (var c in line)
            if (char.IsControl(c) && !(breaks && c == '\n')) return false;
        return true;
    }

    /// <summary>False when a surrogate stands alone: such text has no UTF-8 form.</summary>
    public static bool IsUnicode(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 >= text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return false;
            i++;
        }

        return true;
    }
}
