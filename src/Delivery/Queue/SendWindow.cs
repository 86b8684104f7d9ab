using PenguinMails.Delivery.Pacing;

namespace PenguinMails.Delivery.Queue;

/// <summary>When a campaign may send: some weekdays, from one time of day to another, in one time zone.</summary>
/// <param name="Zone">IANA name such as Europe/Berlin.</param>
/// <param name="Days">Bit 0 is Monday, bit 6 Sunday; at least one.</param>
/// <param name="FromMinute">Minutes after midnight, 0 to 1439, inclusive.</param>
/// <param name="ToMinute">Minutes after midnight, 1 to 1440, exclusive; after <paramref name="FromMinute"/>.</param>
public sealed record SendWindow(string Zone, int Days, int FromMinute, int ToMinute)
{
    public static readonly SendWindow Always = new("Etc/UTC", 127, 0, 1440);
    const int DaysAheadMax = 70; // Ten weeks: no weekday is a public holiday ten times in a row.

    /// <summary>A stretch in which it is open.</summary>
    /// <param name="Closes">Exclusive.</param>
    public readonly record struct Span(DateTimeOffset Opens, DateTimeOffset Closes);

    public bool IsValid(out string fault)
    {
        fault = (TimeZoneInfo.TryFindSystemTimeZoneById(Zone, out _), Days is >= 1 and <= 127, FromMinute is >= 0 and < 1440 && ToMinute is > 0 and <= 1440 && FromMinute < ToMinute) switch
        {
            (false, _, _) => $"{Zone} is not a time zone; use a name such as Europe/Berlin.",
            (_, false, _) => "Choose at least one weekday.",
            (_, _, false) => "The window must end after it begins, within one day.",
            _ => "",
        };
        return fault.Length == 0;
    }

    /// <summary>The given moment when the window is open then, else the moment it opens next.</summary>
    /// <param name="isHoliday">Days that are left out, told by a moment of them; null for none.</param>
    public DateTimeOffset NextOpen(DateTimeOffset now, Func<DateTimeOffset, bool>? isHoliday = null)
    {
        var span = Next(now, isHoliday);
        return now >= span.Opens ? now : span.Opens;
    }

    /// <summary>The stretch that is open at a moment, or else the next one.</summary>
    /// <remarks>At every moment inside, a clock on the wall shows a time within the window. Where a clock goes back, a time comes twice and the second counts as the opening;
    /// a time that is skipped counts as the first moment after the gap.</remarks>
    public Span Next(DateTimeOffset now, Func<DateTimeOffset, bool>? isHoliday = null)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(Zone);
        var today = WallClock.DayOf(now, zone);
        for (var ahead = 0; ahead <= DaysAheadMax; ahead++)
            if (On(today.AddDays(ahead), zone) is { } span && now < span.Closes && isHoliday?.Invoke(now > span.Opens ? now : span.Opens) != true) return span;
        throw new InvalidOperationException("A window with a weekday opens within ten weeks.");
    }

    /// <returns>Null: not on this day, or a change of the clock left nothing of it.</returns>
    Span? On(DateOnly day, TimeZoneInfo zone)
    {
        if ((Days & (1 << (((int)day.DayOfWeek + 6) % 7))) == 0) return null;
        var opens = WallClock.Moments(day, FromMinute, zone)[^1];
        var closes = WallClock.Moments(day, ToMinute, zone).FirstOrDefault(moment => moment > opens);
        return closes > opens ? new(opens, closes) : null;
    }
}
