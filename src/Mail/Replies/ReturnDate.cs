using System.Globalization;
using System.Text.RegularExpressions;

namespace PenguinMails.Mail.Replies;

/// <summary>The day an absence notice names as its end.</summary>
static class ReturnDate
{
    const int TextLengthMax = 3000;
    const int IntroLength = 40;
    const RegexOptions Plain = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase;

    static readonly string[] Months = [.. EmbeddedTable.Rows("months.tsv").SelectMany(row => row[1].Split('|').Select(name => row[0] + " " + name)).OrderByDescending(row => row.Length)];

    static readonly string Names = string.Join('|', Months.Select(row => Regex.Escape(row[(row.IndexOf(' ', StringComparison.Ordinal) + 1)..])));

    static readonly Regex Iso = new(@"\b(20[0-9]{2})[-/.](0?[1-9]|1[0-2])[-/.](0?[1-9]|[12][0-9]|3[01])\b", Plain);
    static readonly Regex East = new(@"(?:(20[0-9]{2})\s*[年년]\s*)?([0-9]{1,2})\s*[月월]\s*([0-9]{1,2})\s*[日号號일]", Plain);
    static readonly Regex Numeric = new(@"\b([0-9]{1,2})[./-]([0-9]{1,2})(?:[./-](20[0-9]{2}|[0-9]{2})\b|\.|\b)", Plain);
    static readonly Regex DayMonth = new(@"\b([0-9]{1,2})(?:st|nd|rd|th|er|º|ª|\.|:e)?\s*(?:de\s+|of\s+|d'|-)?(" + Names + @")\.?(?:,?\s*(?:de\s+|of\s+)?(20[0-9]{2}))?", Plain);
    static readonly Regex MonthDay = new(@"\b(" + Names + @")\.?\s+(?:the\s+)?([0-9]{1,2})(?:st|nd|rd|th)?\b(?:\s*[-–—]\s*([0-9]{1,2})(?:st|nd|rd|th)?\b)?(?:,?\s*(20[0-9]{2}))?", Plain);

    static readonly Regex MonthYear = new(@"\b(" + Names + @")\.?,?\s+(?:de\s+|of\s+)?(20[0-9]{2})\b", Plain);
    static readonly Regex Slashed = new(@"\b([0-9]{1,2})/([0-9]{1,2})(?:/(?:20)?[0-9]{2})?\s*[-–—]\s*([0-9]{1,2})/([0-9]{1,2})(?:/(20[0-9]{2}|[0-9]{2}))?\b", Plain);

    // Longer than nearly every absence that is told in numbers: "3/2-3/9" is no half year from February on.
    const int SlashedDaysMax = 92;

    // Whole words, then stems with their endings, then scripts without blanks; up to the date only words may follow.
    static readonly Regex Until = new(
        @"(?:(?:^|[^\p{L}])(?:(?:until|till|til|through|thru|back|return|returns|returning|up to|ending|bis|zurück|wieder|ab dem|au|hasta|al|fino|até|a|tot|terug|t/m|t\.o\.m|till och med|tillbaka|åter|tilbage|tilbake|til og med|do|по|до)|(?:jusqu|retour|reviens|reprend|regres|reincorpor|vuelt|vuelv|volver|rientr|torn|retorn|volt|wróc|powr|верн|возвра|выйд)\p{L}{0,8})[\s\p{P}]|まで|戻|返回|回来|至|到|까지)(?:[\s\p{P}]|\p{L}{1,14}[\s\p{P}]|[a-z]+\s)*$",
        Plain);

    // "am 9.3. wieder im Büro": the word stands behind the day where the verb does; in the same clause, with nothing but small words before it.
    static readonly Regex Back = new(
        @"^[\s,]*(?:(?:bin|sind|werde|stehe|är|er|ben)\s+(?:ich|wir|jag|jeg|ik)\s+)?(?:(?:ich|wir|ihnen|dann|auch|gern|gerne|wie|gewohnt|für|sie)\s+){0,4}(?:wieder|zurück|zurueck|weer|terug|tillbaka|åter|tilbage|tilbake)(?:[^\p{L}]|$)",
        Plain);

    // "On March 9 I will be back": weaker than a day behind "until", as in "away on March 2, I will be back on March 9".
    static readonly Regex BackThen = new(
        @"^[\s,]*(?:i|we)(?:['’]ll|['’]m|['’]re|\s+(?:will|shall|am|are|plan\s+to|expect\s+to))?\s+(?:be\s+)?(?:back|return|returning)(?:[^\p{L}]|$)",
        Plain);

    /// <param name="IsRange">It was the last day of "March 2 - 9" or "3/2-3/9".</param>
    sealed record Found(int At, int End, DateOnly Day, bool IsRange = false);

    /// <param name="sent">The message's Date field: decides years left out and which of day and month comes first. Null leaves dates without a year out.</param>
    public static DateOnly? Find(string text, string? sent)
    {
        if (text.Length > TextLengthMax) text = text[..TextLengthMax];
        var now = Day(sent);
        var found = All(text, now).OrderBy(one => one.At).ToList();
        foreach (var one in found)
            if (one.IsRange || Until.IsMatch(text[Math.Max(0, one.At - IntroLength)..one.At]) || After(text, one.End)) return Latest(found, one);
        if (found.Find(one => BackThen.IsMatch(text.AsSpan(one.End, Math.Min(IntroLength * 2, text.Length - one.End)))) is { } then) return then.Day;
        // "3 to 14 August": a range without a word we know ends on its last day.
        return found.Count >= 2 && found[1].At - found[0].End < 20 ? found[1].Day : null;
    }

    // "back 3 August - 5 August" and "bis 3.8. bzw. 4.8.": the first counts, except where it only opens a range.
    static DateOnly Latest(List<Found> found, Found one)
    {
        var next = found.Find(other => other.At > one.At);
        return next is not null && next.At - one.End < 6 && next.Day > one.Day ? next.Day : one.Day;
    }

    static bool After(string text, int end) => Back.IsMatch(text.AsSpan(end, Math.Min(IntroLength * 2, text.Length - end))) || end < text.Length && text.AsSpan(end).TrimStart(" ()（）月火水木金土日周一二三四五六").StartsWith("まで") || end < text.Length && text.AsSpan(end).TrimStart().StartsWith("까지");

    static IEnumerable<Found> All(string text, DateOnly? now)
    {
        foreach (Match m in Iso.Matches(text))
            if (Make(m.Groups[1].Value, m.Groups[2].Value, m.Groups[3].Value, now) is { } day) yield return new Found(m.Index, m.Index + m.Length, day);
        foreach (Match m in East.Matches(text))
            if (Make(m.Groups[1].Value, m.Groups[2].Value, m.Groups[3].Value, now) is { } day) yield return new Found(m.Index, m.Index + m.Length, day);
        foreach (Match m in DayMonth.Matches(text))
            if (Make(m.Groups[3].Value, Month(m.Groups[2].Value), m.Groups[1].Value, now) is { } day) yield return new Found(m.Index, m.Index + m.Length, day);
        foreach (Match m in MonthDay.Matches(text))
            if (Make(m.Groups[4].Value, Month(m.Groups[1].Value), m.Groups[3].Length > 0 ? m.Groups[3].Value : m.Groups[2].Value, now) is { } day) yield return new Found(m.Index, m.Index + m.Length, day, m.Groups[3].Length > 0);
        foreach (Match m in MonthYear.Matches(text))
            // "Until January 2027" is over with its last day; "3 January 2027" was read above.
            if (!DayMonth.Matches(text).Any(day => Holds(day, m.Index)) && Make(m.Groups[2].Value, Month(m.Groups[1].Value), "1", now) is { } first) yield return new Found(m.Index, m.Index + m.Length, first.AddMonths(1));
        var slashed = Slashed.Matches(text);
        foreach (Match m in slashed)
            if (OfRange(m, now) is { } day) yield return new Found(m.Index, m.Index + m.Length, day, IsRange: true);
        foreach (Match m in Numeric.Matches(text))
            if (!slashed.Any(range => Holds(range, m.Index)) && !Iso.IsMatch(text.AsSpan(Math.Max(0, m.Index - 5), Math.Min(text.Length, m.Index + m.Length) - Math.Max(0, m.Index - 5))) && OfNumbers(m, now) is { } day) yield return new Found(m.Index, m.Index + m.Length, day);
    }

    static bool Holds(Match match, int at) => match.Index <= at && at < match.Index + match.Length;

    /// <summary>The last day of "3/2-3/9" where only one order of day and month makes a stretch of days; else null.</summary>
    static DateOnly? OfRange(Match m, DateOnly? now)
    {
        var year = m.Groups[5].Value;
        if (year.Length == 2) year = "20" + year;
        var dayFirst = Last(m.Groups[2].Value, m.Groups[1].Value, m.Groups[4].Value, m.Groups[3].Value);
        var monthFirst = Last(m.Groups[1].Value, m.Groups[2].Value, m.Groups[3].Value, m.Groups[4].Value);
        return dayFirst is null ? monthFirst : monthFirst is null || monthFirst == dayFirst ? dayFirst : null;

        DateOnly? Last(string fromMonth, string fromDay, string toMonth, string toDay)
        {
            if (Make(year, toMonth, toDay, now) is not { } last) return null;
            DateOnly? From(int of) => Make(of.ToString(CultureInfo.InvariantCulture), fromMonth, fromDay, null);
            var first = From(last.Year) is { } same && same <= last ? same : From(last.Year - 1);
            return first is { } began && last.DayNumber - began.DayNumber <= SlashedDaysMax ? last : null;
        }
    }

    /// <summary>Day first, as most of the world writes; the other way where only that is a day, or only that lies near the message.</summary>
    static DateOnly? OfNumbers(Match m, DateOnly? now)
    {
        var year = m.Groups[3].Value;
        if (year.Length == 0 && !m.Value.EndsWith('.') && !m.Value.Contains('/', StringComparison.Ordinal)) return null;
        if (year.Length == 2) year = "20" + year;
        var dayFirst = Make(year, m.Groups[2].Value, m.Groups[1].Value, now);
        var monthFirst = m.Value.Contains('/', StringComparison.Ordinal) ? Make(year, m.Groups[1].Value, m.Groups[2].Value, now) : null;
        if (dayFirst is null || monthFirst is null || now is null) return dayFirst ?? monthFirst;
        var (a, b) = (dayFirst.Value.DayNumber - now.Value.DayNumber, monthFirst.Value.DayNumber - now.Value.DayNumber);
        return b >= 0 && (a < 0 || b < a) ? monthFirst : dayFirst;
    }

    static DateOnly? Make(string year, string month, string day, DateOnly? now)
    {
        if (!int.TryParse(month, NumberStyles.None, CultureInfo.InvariantCulture, out var m) || !int.TryParse(day, NumberStyles.None, CultureInfo.InvariantCulture, out var d) || m is < 1 or > 12 || d < 1) return null;
        if (int.TryParse(year, NumberStyles.None, CultureInfo.InvariantCulture, out var y)) return y is > 1990 and < 2100 && d <= DateTime.DaysInMonth(y, m) ? new DateOnly(y, m, d) : null;
        if (now is null || d > DateTime.DaysInMonth(now.Value.Year, m)) return null;
        var made = new DateOnly(now.Value.Year, m, d);
        return made.DayNumber < now.Value.DayNumber - 30 ? made.AddYears(1) : made;
    }

    static string Month(string name)
    {
        foreach (var row in Months)
            if (row.EndsWith(" " + name, StringComparison.OrdinalIgnoreCase)) return row[..row.IndexOf(' ', StringComparison.Ordinal)];
        return "";
    }

    static DateOnly? Day(string? date)
    {
        if (date is null) return null;
        var bare = date.Split('(')[0].Trim();
        var comma = bare.IndexOf(',', StringComparison.Ordinal);
        var words = bare[(comma + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length >= 3 ? Make(words[2].Length == 2 ? "20" + words[2] : words[2], Month(words[1]), words[0], null) : null;
    }
}
