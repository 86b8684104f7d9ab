namespace PenguinMails.Oversight.Plans;

/// <summary>What somebody may have meant: the word of a list with the fewest letters to change.</summary>
static class Nearest
{
    const int LengthMax = 60;

    /// <returns>"; did you mean x?" or nothing when no word is near.</returns>
    public static string Hint(string word, IEnumerable<string> words) => Find(word, words) is { } near ? $"; did you mean \"{near}\"?" : "";

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

    static int Changes(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var changed = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[^1];
    }
}
