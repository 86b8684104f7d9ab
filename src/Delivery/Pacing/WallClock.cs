namespace PenguinMails.Delivery.Pacing;

/// <summary>When a clock on the wall shows a time, across every change of clocks.</summary>
/// <remarks><c>TimeZoneInfo.IsInvalidTime</c> and <c>IsAmbiguousTime</c> miss changes of the standard time itself, such as Samoa's and Morocco's; offsets do not.</remarks>
static class WallClock
{
    static readonly TimeSpan Reach = TimeSpan.FromHours(26); // Farther than any zone is from UTC, and than any gap: Samoa left out a day.

    /// <summary>The moments at which it shows the time: one, or two where it goes back over it; at the end of a gap when the gap skips it.</summary>
    /// <param name="minute">After midnight; may lie outside 0 to 1440.</param>
    /// <returns>In order, in UTC.</returns>
    public static DateTimeOffset[] Moments(DateOnly date, int minute, TimeZoneInfo zone)
    {
        var wall = new DateTimeOffset(date.ToDateTime(TimeOnly.MinValue).AddMinutes(minute), TimeSpan.Zero);
        var (before, after) = (zone.GetUtcOffset(wall - Reach), zone.GetUtcOffset(wall + Reach));
        if (before == after) return [wall - before];
        DateTimeOffset[] moments = [.. new[] { wall - before, wall - after }.Where(moment => moment + zone.GetUtcOffset(moment) == wall).Order()];
        return moments.Length > 0 ? moments : [Change(wall - Reach, wall + Reach, zone, before)];
    }

    /// <summary>The first moment of a day.</summary>
    public static DateTimeOffset Midnight(DateOnly date, TimeZoneInfo zone) => Moments(date, 0, zone)[0];

    /// <summary>The day it shows.</summary>
    public static DateOnly DayOf(DateTimeOffset moment, TimeZoneInfo zone) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(moment, zone).DateTime);

    // The first moment with another offset, to the second.
    static DateTimeOffset Change(DateTimeOffset from, DateTimeOffset to, TimeZoneInfo zone, TimeSpan before)
    {
        var (low, high) = (from.ToUnixTimeSeconds(), to.ToUnixTimeSeconds());
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            if (zone.GetUtcOffset(DateTimeOffset.FromUnixTimeSeconds(middle)) == before) low = middle;
            else high = middle;
        }

        return DateTimeOffset.FromUnixTimeSeconds(high);
    }
}
