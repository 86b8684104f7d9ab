using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Lint;

/// <summary>A number as a sentence says it: "EUR 1.26 million", "$25K", "60 %", "three hundred".</summary>
/// <param name="Sort">What it is a number of: a currency code, "%", or nothing when only the words behind it say so.</param>
/// <param name="At">Its first word, a currency before it included.</param>
/// <param name="Next">The first word behind it.</param>
sealed record SpokenNumber(decimal Value, string Sort, int At, int Next);

/// <summary>A time as a sentence says it: "by the end of 2027", "in Q4 2027", "mid-2028".</summary>
/// <param name="IsLimit">Said with by, until or before: anything earlier fits too.</param>
/// <param name="At">The word that introduces it.</param>
sealed record SpokenTime(Period Period, bool IsLimit, int At);

/// <summary>One sentence of a plan, word by word, with the numbers and times in it.</summary>
sealed class Sentence
{
    static readonly string[] Small = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"];
    static readonly string[] Tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    static readonly string[] MonthNames = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];

    // Years are no amounts.
    const int YearMin = 1990;
    const int YearMax = 2100;

    Sentence(IReadOnlyList<string> words)
    {
        Words = words;
        Numbers = [.. Read()];
        Times = [.. ReadTimes()];
    }

    /// <summary>In lower case, without the punctuation around them.</summary>
    public IReadOnlyList<string> Words { get; }

    public IReadOnlyList<SpokenNumber> Numbers { get; }

    public IReadOnlyList<SpokenTime> Times { get; }

    public string Word(int at) => at >= 0 && at < Words.Count ? Words[at] : "";

    public static IEnumerable<Sentence> Of(string text)
    {
        var words = new List<string>();
        foreach (var raw in LintedPlan.Closed(text).Replace("/month", " per month", StringComparison.OrdinalIgnoreCase).Replace("/year", " per year", StringComparison.OrdinalIgnoreCase).Split([' ', '\n', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries))
        {
            var word = raw.Trim('(', ')', ',', ';', ':', '.', '!', '?', '"', '+', '[', ']').ToLowerInvariant();
            if (word.Length > 0) words.Add(word);
            // "i.e." ends no sentence.
            if (raw[^1] is not (';' or '!' or '?') && !(raw[^1] == '.' && !word.Contains('.', StringComparison.Ordinal)) && !(raw[^1] == '.' && char.IsAsciiDigit(word.LastOrDefault()))) continue;
            yield return new Sentence([.. words]);
            words.Clear();
        }

        if (words.Count > 0) yield return new Sentence(words);
    }

    IEnumerable<SpokenNumber> Read()
    {
        for (var i = 0; i < Words.Count; i++)
        {
            if ((Digits(i) ?? Spelled(i)) is not var (value, sort, next) || IsDay(i, value)) continue;
            var at = i;
            if (Scale(Word(next)) is { } scale) (value, next) = (value * scale, next + 1);
            if (sort.Length == 0 && Currency(Word(next)) is { } after) (sort, next) = (after, next + 1);
            else if (sort.Length == 0 && Currency(Word(i - 1)) is { } before) (sort, at) = (before, i - 1);
            if (sort.Length == 0 && Word(next) is "percent") (sort, next) = ("%", next + 1);
            yield return new SpokenNumber(value, sort, at, next);
            i = next - 1;
        }
    }

    (decimal Value, string Sort, int Next)? Digits(int i)
    {
        var word = Words[i];
        if (!(char.IsAsciiDigit(word[0]) || (word.Length > 1 && word[0] is '$' or '€' or '£' && char.IsAsciiDigit(word[1]))) || !NumberText.TryParse(word, out var value, out var sign)) return null;
        if (sign.Length == 0 && word.Length == 4 && value is >= YearMin and <= YearMax && word.All(char.IsAsciiDigit)) return null;
        return (value, sign switch { "$" => "USD", "€" => "EUR", "£" => "GBP", _ => sign }, i + 1);
    }

    // "One" alone is more often a word than a number.
    (decimal Value, string Sort, int Next)? Spelled(int i)
    {
        var (total, group, at) = (0m, 0m, i);
        for (; at < Words.Count; at++)
        {
            if (Words[at] is "hundred" && group > 0) group *= 100;
            else if (Words[at] is "thousand" && group > 0) (total, group) = (total + (group * 1000), 0);
            else if (Words[at] is "and" && at > i && Words[at - 1] is "hundred" && Below(Word(at + 1)) is not null) continue;
            else if (Below(Words[at]) is { } number && (group == 0 || (group % 100 == 0 && group > 0) || (group % 10 == 0 && number < 10 && group % 100 >= 20))) group += number;
            else break;
        }

        return at == i || (at == i + 1 && Words[i] is "one" or "zero") ? null : (total + group, "", at);
    }

    static decimal? Below(string word)
    {
        var parts = word.Split('-');
        if (Array.IndexOf(Small, word) is >= 0 and var small) return small;
        return Array.IndexOf(Tens, parts[0]) is >= 0 and var tens ? (tens * 10) + 20 + (parts.Length > 1 ? Below(parts[1]) ?? 0 : 0) : null;
    }

    // "1 March" and "March 1" are days.
    bool IsDay(int i, decimal value) => value is >= 1 and <= 31 && (MonthNames.Contains(Word(i + 1)) || (MonthNames.Contains(Word(i - 1)) && Word(i - 1) is not "may"));

    static decimal? Scale(string word) => word switch { "thousand" => 1_000, "million" or "mio" => 1_000_000, "billion" => 1_000_000_000, _ => null };

    static string? Currency(string word) => word.Length == 3 && Unit.IsCurrency(word.ToUpperInvariant()) && word is not ("all" or "try") ? word.ToUpperInvariant() : null;

    IEnumerable<SpokenTime> ReadTimes()
    {
        for (var i = 1; i < Words.Count; i++)
        {
            if (Time(i) is not { } period) continue;
            var at = i - 1;
            var isEnd = Word(at) is "of" && Word(at - 1) is "end";
            if (isEnd && period.Days > 200) period = new Period(period.End.AddMonths(-3).AddDays(1), period.End, period.End, $"the end of {period}");
            if (isEnd) at -= Word(at - 2) is "the" ? 3 : 2;
            if (Word(at) is "by" or "until" or "till" or "in" or "at" or "from" or "for") yield return new SpokenTime(period, Word(at) is "by" or "until" or "till", at);
        }
    }

    Period? Time(int i)
    {
        if (Words[i].StartsWith("mid-", StringComparison.Ordinal) && Period.TryParse(Words[i][4..], out var year, out _)) return new Period(year.Start.AddMonths(3), year.Start.AddMonths(9).AddDays(-1), year.Start.AddMonths(9).AddDays(-1), Words[i]);
        if (Array.IndexOf(MonthNames, Words[i]) is >= 0 and var month && Period.TryParse($"{Word(i + 1)}-{month + 1:00}", out var ofMonth, out _)) return ofMonth;
        if (Period.TryParse($"{Words[i]} {Word(i + 1)}", out var two, out _)) return two;
        return Period.TryParse(Words[i], out var one, out _) && !one.IsOpen ? one : null;
    }
}
