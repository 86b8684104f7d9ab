using PenguinMails.Oversight.Plans;
using static PenguinMails.Oversight.Lint.LintedPlan;

namespace PenguinMails.Oversight.Lint;

/// <summary>R01 in sentences: "128 gaps (55 now, 73 later)" and "36% (8 of 22)".</summary>
static class TextSums
{
    public static IEnumerable<Finding> Check(PlanObject one)
    {
        foreach (var text in LintedPlan.Texts(one))
        {
            if (Share(text.Text) is { } share) yield return Found("R01", Severity.Error, "A share differs from its numbers", $"\"{Shortened(text.Text)}\": {share}. Correct one of the three.", new Cited(one, text, text.Text));
            if (Parts(text.Text) is { } parts) yield return Found("R01", Severity.Error, "A number differs from its parts", $"\"{Shortened(text.Text)}\": {parts}. Correct the number or its parts.", new Cited(one, text, text.Text));
        }
    }

    static string Shortened(string text) => text.Length <= 120 ? text : text[..117] + "...";

    // One percentage and one "N of M" in the same text.
    static string? Share(string text)
    {
        var words = LintedPlan.Closed(text).Split([' ', '(', ')', ',', ';'], StringSplitOptions.RemoveEmptyEntries);
        var shares = words.Where(word => word.EndsWith('%') && NumberText.TryParse(word, out _, out _)).ToList();
        var pairs = Enumerable.Range(1, Math.Max(0, words.Length - 2)).Where(i => words[i] == "of" && Whole(words[i - 1]) is not null && Whole(words[i + 1].TrimEnd('.', ':')) is > 0).ToList();
        if (shares.Count != 1 || pairs.Count != 1 || !NumberText.TryParse(shares[0], out var stated, out _)) return null;
        var (part, whole) = (Whole(words[pairs[0] - 1]) ?? 0, Whole(words[pairs[0] + 1].TrimEnd('.', ':')) ?? 1);
        var share = part * 100 / whole;
        return part > whole || Math.Abs(share - stated) <= 1 ? null : $"{part} of {whole} is {NumberText.Show(decimal.Round(share, 1))} %, not {NumberText.Show(stated)} %";
    }

    // A whole number, a word or three, and in parentheses numbers that are each followed by a word.
    static string? Parts(string text)
    {
        var open = text.IndexOf('(', StringComparison.Ordinal);
        var close = open < 0 ? -1 : text.IndexOf(')', open);
        if (close < 0) return null;
        var parts = text[(open + 1)..close].Split([", ", " + ", " and "], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(part => part.Split(' ')).ToList();
        if (parts.Count < 2 || parts.Any(part => part.Length < 2 || Whole(part[0]) is null)) return null;
        var before = text[..open].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var stated = before.TakeLast(4).Select(Whole).LastOrDefault(number => number is not null);
        // Two offices in "3 cities (40 seats, 30 desks)" are no parts: parts of one whole are of one order, and none is larger than the whole.
        var numbers = parts.Select(part => Whole(part[0]) ?? 0).ToList();
        return stated is not > 9 || numbers.Sum() == stated || numbers.Any(number => number > stated) ? null : $"{string.Join(" + ", numbers.Select(NumberText.Show))} = {NumberText.Show(numbers.Sum())}, not {NumberText.Show(stated ?? 0)}";
    }

    static decimal? Whole(string word) => word.Length > 0 && char.IsAsciiDigit(word[0]) && NumberText.TryParse(word, out var number, out var unit) && unit.Length == 0 && number == decimal.Truncate(number) ? number : null;
}
