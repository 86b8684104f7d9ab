using System.Text.RegularExpressions;

namespace PenguinMails.House.Tests.Sql;

/// <summary>Reading SQL closely enough for the rules; the database itself is asked elsewhere.</summary>
static partial class SqlText
{
    /// <summary>True for a query or a change of rows. Keywords in one case only: "Select a plan" is English.</summary>
    public static bool IsStatement(string text) => Statement().IsMatch(Bare(text));

    /// <summary>True also for definitions: tables, grants, bulk copies.</summary>
    public static bool IsSql(string text) => IsStatement(text) || Definition().IsMatch(Bare(text));

    /// <summary>The text with remarks and string values blanked out, every other character where it was.</summary>
    public static string Bare(string text) => RemarkOrValue().Replace(text, found => Blank(found.Value));

    /// <summary>The statement split at its brackets: each level with its inner brackets emptied, the outermost first.</summary>
    public static IReadOnlyList<string> Levels(string bare)
    {
        var levels = new List<System.Text.StringBuilder> { new() };
        var open = new Stack<int>([0]);
        foreach (var c in bare)
        {
            if (c == ')' && open.Count > 1) open.Pop();
            levels[open.Peek()].Append(c);
            if (c != '(') continue;
            open.Push(levels.Count);
            levels.Add(new());
        }
        return [.. levels.Select(level => level.ToString())];
    }

    static string Blank(string text) => NotLineEnd().Replace(text, " ");

    // A value cast to regclass is a table's name and stays.
    [GeneratedRegex(@"--[^\n]*|/\*[\s\S]*?\*/|'(?:[^']|'')*'(?!\s*::\s*reg)")]
    private static partial Regex RemarkOrValue();

    [GeneratedRegex(@"[^\n]")]
    private static partial Regex NotLineEnd();

    [GeneratedRegex("""
        ^\s*(?:
          (?:select|SELECT)\s[\s\S]*?\b(?:from|FROM)\s+[\w.("$]
        | (?:select|SELECT)\s+(?:\d|\$\d|(?:not\s+)?[\w.]+\s*\()
        | (?:insert\s+into|INSERT\s+INTO)\s+[\w."$]+
        | (?:update|UPDATE)\s+(?:only\s+)?[\w."$]+(?:\s+(?:as|AS))?(?:\s+\w+)?\s+(?:set|SET)\b
        | (?:delete\s+from|DELETE\s+FROM)\s+[\w."$]+
        | (?:merge\s+into|MERGE\s+INTO)\s+[\w.]+
        | (?:with|WITH)\s+(?:recursive\s+|RECURSIVE\s+)?\w+\s*(?:\([^)]*\)\s*)?(?:as|AS)\s+(?:(?:not\s+)?materialized\s+)?\(
        )
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Statement();

    [GeneratedRegex(@"^\s*(?:create|alter|drop|grant|revoke|truncate|copy|lock\s+table|comment\s+on|refresh\s+materialized)\s+\w", RegexOptions.IgnoreCase)]
    private static partial Regex Definition();
}
