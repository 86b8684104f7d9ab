namespace PenguinMails.Oversight.Plans;

/// <summary>What somebody may have meant: the word of a list with the fewest letters to change.</summary>
static class Nearest
{
    const int LengthMax = 60;

    /// <returns>" (did you mean x?)" or nothing when no word is near.</returns>
    public static string Hint(string word, IEnumerable<string> words) => Find(word, words) is { } near ? $" (did you mean \"{near}\"?)" : "";

    public static string? Find(string word, IEnumerable<string> words)
    {
        if (word.Length is 0 or > LengthMax) return null;
        var (best, distance) = ((string?)null, Math.Max(1, word.Length / 3) + 1);
        foreach (var candidate in words)
        {
            if (candidate.Length > LengthMax || Math.Abs(candidate.Length - word.Length) >= distance) continue;
            var changes = Changes(word.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (changes < distance) (best, distance) = (candidate, changes);
        }

        return best;
    }

    // Letters put in, left out, changed, or swapped with their neighbour.
    static int Changes(string left, string right)
    {
        var (older, row) = (new int[right.Length + 1], Enumerable.Range(0, right.Length + 1).ToArray());
        for (var i = 1; i <= left.Length; i++)
        {
            var next = new int[right.Length + 1];
            next[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                next[j] = Math.Min(row[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1), 1 + Math.Min(row[j], next[j - 1]));
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) next[j] = Math.Min(next[j], older[j - 2] + 1);
            }

            (older, row) = (row, next);
        }

        return row[^1];
    }
}
