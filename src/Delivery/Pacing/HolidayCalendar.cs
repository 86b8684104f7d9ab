using System.Collections.Concurrent;
using System.Globalization;
using PenguinMails.Core;

namespace PenguinMails.Delivery.Pacing;

/// <summary>What becomes of a fixed holiday on a weekend.</summary>
public enum HolidayMoved
{
    Never,

    /// <summary>The next weekday that is no holiday is one too.</summary>
    NextWeekday,

    /// <summary>Friday for a Saturday, Monday for a Sunday.</summary>
    NearestWeekday,
}

/// <summary>Such as the last Monday of May, or the first Friday from 19 June on.</summary>
/// <param name="Which">1 to 4 from <paramref name="From"/> on; -1 for the last of the month.</param>
/// <param name="From">Day of the month.</param>
public sealed record HolidayWeekday(int Month, DayOfWeek Day, int Which, int From = 1);

/// <summary>The days a country's offices are closed: a line of <c>holidays.json</c>, nationwide days only.</summary>
/// <param name="Country">ISO 3166 code.</param>
/// <param name="Fixed">As MM-dd.</param>
/// <param name="Easter">Days after Easter Sunday of the western churches.</param>
/// <param name="OrthodoxEaster">Days after that of the eastern churches.</param>
public sealed record HolidayCalendar(
    string Country, string Name, IReadOnlyList<string> Fixed, IReadOnlyList<int> Easter, IReadOnlyList<HolidayWeekday> Weekdays, HolidayMoved Moved, string Source, DateOnly AsOf,
    IReadOnlyList<int>? OrthodoxEaster = null)
{
    public static readonly IReadOnlyList<HolidayCalendar> All = EmbeddedJson.Read<HolidayCalendar[]>("holidays.json");

    static readonly ConcurrentDictionary<(string Country, int Year), IReadOnlySet<DateOnly>> Years = new(); // A few years of each country.

    /// <summary>Null for a country that is not in the file: then there are no holidays to skip.</summary>
    public static HolidayCalendar? Of(string country) => All.FirstOrDefault(calendar => calendar.Country == country);

    public bool Has(DateOnly day) => Years.GetOrAdd((Country, day.Year), _ => Between(day.Year, day.Year)).Contains(day);

    /// <summary>The holidays from one year to another, both included.</summary>
    public IReadOnlySet<DateOnly> Between(int fromYear, int toYear)
    {
        var days = new HashSet<DateOnly>();
        // One year more on either side: a moved day may belong to the year beside.
        for (var year = fromYear - 1; year <= toYear + 1; year++) days.UnionWith(Year(year));
        return days.Where(day => day.Year >= fromYear && day.Year <= toYear).ToHashSet();
    }

    HashSet<DateOnly> Year(int year)
    {
        var easter = EasterSunday(year);
        HashSet<DateOnly> days = [.. Easter.Select(easter.AddDays), .. (OrthodoxEaster ?? []).Select(OrthodoxEasterSunday(year).AddDays), .. Weekdays.Select(weekday => On(weekday, year))];
        var dates = Fixed.Select(text => DateOnly.ParseExact($"{year.ToString("0000", CultureInfo.InvariantCulture)}-{text}", "yyyy-MM-dd", CultureInfo.InvariantCulture)).ToList();
        days.UnionWith(dates);
        foreach (var date in dates.Where(IsWeekend)) days.Add(Substitute(date, days));
        return days;
    }

    DateOnly Substitute(DateOnly date, HashSet<DateOnly> days)
    {
        if (Moved == HolidayMoved.Never) return date;
        if (Moved == HolidayMoved.NearestWeekday) return date.AddDays(date.DayOfWeek == DayOfWeek.Saturday ? -1 : 1);
        while (IsWeekend(date) || days.Contains(date)) date = date.AddDays(1);
        return date;
    }

    static DateOnly On(HolidayWeekday weekday, int year)
    {
        if (weekday.Which < 0)
        {
            var last = new DateOnly(year, weekday.Month, DateTime.DaysInMonth(year, weekday.Month));
            return last.AddDays(-(((int)last.DayOfWeek - (int)weekday.Day + 7) % 7));
        }

        var first = new DateOnly(year, weekday.Month, weekday.From);
        return first.AddDays((((int)weekday.Day - (int)first.DayOfWeek + 7) % 7) + (7 * (weekday.Which - 1)));
    }

    static bool IsWeekend(DateOnly date) => date.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;

    /// <summary>Easter Sunday of the western churches, for the Gregorian years 1583 on.</summary>
    /// <remarks>The rule printed anonymously in Nature, 20 April 1876, p. 487.</remarks>
    public static DateOnly EasterSunday(int year)
    {
        int golden = year % 19, century = year / 100, rest = year % 100;
        var moon = ((19 * golden) + century - (century / 4) - ((century - ((century + 8) / 25) + 1) / 3) + 15) % 30;
        var sunday = (32 + (2 * (century % 4)) + (2 * (rest / 4)) - moon - (rest % 4)) % 7;
        var late = (golden + (11 * moon) + (22 * sunday)) / 451;
        var days = moon + sunday - (7 * late) + 114;
        return new(year, days / 31, (days % 31) + 1);
    }

    /// <summary>Easter Sunday of the eastern churches, as a Gregorian date, for 1900 to 2099.</summary>
    /// <remarks>Meeus, Astronomical Algorithms, 2nd ed., ch. 8: the Julian Easter, whose calendar is 13 days behind in these years.</remarks>
    public static DateOnly OrthodoxEasterSunday(int year)
    {
        var moon = ((19 * (year % 19)) + 15) % 30;
        var sunday = ((2 * (year % 4)) + (4 * (year % 7)) - moon + 34) % 7;
        var days = moon + sunday + 114;
        return new DateOnly(year, days / 31, (days % 31) + 1).AddDays(13);
    }
}
