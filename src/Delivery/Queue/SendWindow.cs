namespace PenguinMails.Delivery.Queue;

/// <summary>When a campaign may send: some weekdays, from one time of day to another, in one time zone.</summary>
/// <param name="Zone">IANA name such as Europe/Berlin.</param>
/// <param name="Days">Bit 0 is Monday, bit 6 Sunday; at least one.</param>
/// <param name="FromMinute">Minutes after midnight, 0 to 1439, inclusive.</param>
/// <param name="ToMinute">Minutes after midnight, 1 to 1440, exclusive; after <paramref name="FromMinute"/>.</param>
public sealed record SendWindow(string Zone, int Days, int FromMinute, int ToMinute)
{
    public static readonly SendWindow Always = new("Etc/UTC", 127, 0, 1440);
    const int DaysAheadMax = 9; // A week, and one more day on either side for changes of the clock.

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
    /// <remarks>A start that a change of the clock skips counts as the first moment after the gap.</remarks>
    public DateTimeOffset NextOpen(DateTimeOffset now)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(Zone);
        var today = TimeZoneInfo.ConvertTime(now, zone).Date;
        for (var ahead = 0; ahead <= DaysAheadMax; ahead++)
        {
            var day = today.AddDays(ahead);
            if ((Days & (1 << (((int)day.DayOfWeek + 6) % 7))) == 0) continue;
            var opens = Instant(day.AddMinutes(FromMinute), zone);
            var closes = Instant(day.AddMinutes(ToMinute), zone);
            if (now < closes) return now >= opens ? now : opens;
        }

        throw new InvalidOperationException("A window with a weekday opens within nine days.");
    }

    static DateTimeOffset Instant(DateTime local, TimeZoneInfo zone)
    {
        while (zone.IsInvalidTime(local)) local = local.AddMinutes(15);
        return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
    }
}
