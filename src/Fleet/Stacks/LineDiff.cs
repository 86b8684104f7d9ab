namespace PenguinMails.Fleet.Stacks;

/// <summary>A diff for a person: the lines that go and come, with one line of context, at most 200 lines.</summary>
static class LineDiff
{
    const int LinesMax = 2000, ShownMax = 200;

    /// <returns>Lines that begin with "-", "+" or a blank; null when either text is longer than 2,000 lines.</returns>
    public static string? Of(string before, string after)
    {
        var (old, made) = (Lines(before), Lines(after));
        if (old.Length > LinesMax || made.Length > LinesMax) return null;
        var marked = Mark(old, made, Common(old, made));
        var shown = marked.Where((_, at) => Enumerable.Range(Math.Max(0, at - 1), 3).Any(near => near < marked.Count && marked[near][0] != ' ')).ToList();
        return string.Join('\n', shown.Count <= ShownMax ? shown : [.. shown.Take(ShownMax - 1), $"… {shown.Count - ShownMax + 1} more lines"]);
    }

    static string[] Lines(string text) => text.Length == 0 ? [] : text.TrimEnd('\n').Split('\n');

    // Length of the longest common run of lines behind each pair of places.
    static int[,] Common(string[] old, string[] made)
    {
        var common = new int[old.Length + 1, made.Length + 1];
        for (var i = old.Length - 1; i >= 0; i--)
        {
            for (var j = made.Length - 1; j >= 0; j--) common[i, j] = old[i] == made[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        }

        return common;
    }

    static List<string> Mark(string[] old, string[] made, int[,] common)
    {
        var marked = new List<string>();
        var (i, j) = (0, 0);
        while (i < old.Length || j < made.Length)
        {
            if (i < old.Length && j < made.Length && old[i] == made[j])
            {
                marked.Add(" " + old[i++]);
                j++;
            }
            else if (i < old.Length && (j == made.Length || common[i + 1, j] >= common[i, j + 1])) marked.Add("-" + old[i++]);
            else marked.Add("+" + made[j++]);
        }

        return marked;
    }
}
