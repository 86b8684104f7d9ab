using System.Globalization;

namespace PenguinMails.Oversight.Plans;

/// <summary>A stretch of days as plans write it: <c>2026</c>, <c>2026-H1</c>, <c>2026-Q3</c>, <c>2026-03</c>, <c>2026-W05</c>, <c>2026-03-31</c>, two of them with a slash between, or an open end (<c>2026-Q3/</c>).</summary>
/// <param name="Start">First day.</param>
/// <param name="End">Last day; <see cref="DateOnly.MaxValue"/> for an open end.</param>
/// <param name="FirstEnd">Last day of the part before the slash: the earliest moment at which the period may be over.</param>
public readonly record struct Period(DateOnly Start, DateOnly End, DateOnly FirstEnd, string Text)
{
    const int YearMin = 1990;
    const int YearMax = 2200;

    public bool IsOpen => End == DateOnly.MaxValue;

    public int Days => End.DayNumber - Start.DayNumber + 1;

    public bool Overlaps(Period other) => Start <= other.End && other.Start <= End;

    public bool Contains(DateOnly day) => Start <= day && day <= End;

    public override string ToString() => Text;

    /// <param name="why">What is wrong, as the end of a sentence; null when it was read.</param>
    public static bool TryParse(string text, out Period period, out string? why)
    {
        period = default;
        var trimmed = text.Trim();
        var slash = trimmed.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            if (!One(trimmed, out var start, out var end, out why)) return false;
            period = new Period(start, end, end, trimmed);
            return true;
        }

        if (!One(trimmed[..slash], out var first, out var firstEnd, out why)) return false;
        var (last, open) = (DateOnly.MaxValue, trimmed[(slash + 1)..].Trim() is "" or "..");
        if (!open && !One(trimmed[(slash + 1)..], out _, out last, out why)) return false;
        if (last < firstEnd) why = "ends before it begins";
        period = new Period(first, last, firstEnd, trimmed);
        return why is null;
    }

    static bool One(string raw, out DateOnly start, out DateOnly end, out string? why)
    {
        var text = Turned(raw.Trim().ToUpperInvariant());
        (start, end, why) = (default, default, null);
        if (text.Length < 4 || !int.TryParse(text.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture, out var year)) why = "is no period: write 2026, 2026-H1, 2026-Q3, 2026-03, 2026-W05, 2026-03-31 or two of them with a slash between";
        else if (year is < YearMin or > YearMax) why = $"lies outside {YearMin} to {YearMax}";
        else why = Part(text, year, out start, out end);
        return why is null;
    }

    // "Q3 2026" is how people say it; "2026Q3" how spreadsheets do.
    static string Turned(string text) => text switch
    {
        [('Q' or 'H'), >= '0' and <= '9', ' ' or '-', _, _, _, _] => $"{text[3..]}-{text[..2]}",
        [_, _, _, _, ('Q' or 'H'), >= '0' and <= '9'] => $"{text[..4]}-{text[4..]}",
        _ => text,
    };

    static string? Part(string text, int year, out DateOnly start, out DateOnly end)
    {
        (start, end) = (new DateOnly(year, 1, 1), new DateOnly(year, 12, 31));
        if (text.Length == 4) return null;
        if (text[4] != '-') return "is no period: a dash follows the year";
        var part = text[5..];
        if (part is ['Q', var quarter])
        {
            if (quarter is < '1' or > '4') return $"names quarter {quarter}, and a year has four";
            return Months(year, ((quarter - '1') * 3) + 1, 3, out start, out end);
        }

        if (part is ['H', var half]) return half is '1' or '2' ? Months(year, half == '1' ? 1 : 7, 6, out start, out end) : $"names half {half}, and a year has two";
        if (part is ['W', ..]) return Week(year, part[1..], out start, out end);
        if (part.Length == 2 && int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var month))
            return month is >= 1 and <= 12 ? Months(year, month, 1, out start, out end) : $"names month {month}, and a year has twelve";
        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out start)) return "is no day of the calendar: write YYYY-MM-DD";
        end = start;
        return null;
    }

    static string? Months(int year, int month, int count, out DateOnly start, out DateOnly end)
    {
        start = new DateOnly(year, month, 1);
        end = start.AddMonths(count).AddDays(-1);
        return null;
    }

    static string? Week(int year, string digits, out DateOnly start, out DateOnly end)
    {
        (start, end) = (default, default);
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var week) || week < 1 || week > ISOWeek.GetWeeksInYear(year)) return "names a week this year does not have";
        start = DateOnly.FromDateTime(ISOWeek.ToDateTime(year, week, DayOfWeek.Monday));
        end = start.AddDays(6);
        return null;
    }
}

/// <summary>A length of time in ISO 8601, such as <c>P12M</c>, <c>P90D</c> or <c>PT48H</c>.</summary>
/// <param name="Months">Calendar months; years count twelve.</param>
/// <param name="Days">Days; weeks count seven.</param>
public readonly record struct Span(int Months, int Days, int Hours, string Text)
{
    const int NumberMax = 1_000_000;

    // A century; further than that no plan looks.
    const int MonthsMax = 1_200;
    const int DaysMax = 36_525;

    public DateOnly After(DateOnly day) => day.AddMonths(Months).AddDays(Days + (Hours / 24));

    public override string ToString() => Text;

    public static bool TryParse(string text, out Span span)
    {
        span = default;
        var (number, hasNumber, inTime, any, months, days, hours) = (0, false, false, false, 0, 0, 0);
        if (text.Length is < 3 or > 20 || text[0] != 'P') return false;
        foreach (var letter in text[1..])
        {
            if (char.IsAsciiDigit(letter))
            {
                (number, hasNumber) = ((number * 10) + (letter - '0'), true);
                if (number > NumberMax) return false;
                continue;
            }

            if (letter == 'T' && !inTime && !hasNumber)
            {
                inTime = true;
                continue;
            }

            if (!hasNumber) return false;
            (months, days, hours, any) = (letter, inTime) switch
            {
                ('Y', false) => (months + (number * 12), days, hours, true),
                ('M', false) => (months + number, days, hours, true),
                ('W', false) => (months, days + (number * 7), hours, true),
                ('D', false) => (months, days + number, hours, true),
                ('H', true) => (months, days, hours + number, true),
                _ => (months, days, hours, false),
            };
            if (!any) return false;
            (number, hasNumber) = (0, false);
        }

        span = new Span(months, days, hours, text);
        return any && !hasNumber && months <= MonthsMax && days <= DaysMax && hours <= DaysMax * 24;
    }
}
