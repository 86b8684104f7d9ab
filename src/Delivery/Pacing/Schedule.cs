namespace PenguinMails.Delivery.Pacing;

/// <summary>Whose clock a window is read on.</summary>
public enum ClockOf
{
    Sender,

    /// <summary>The recipient's where it is known, else the sender's.</summary>
    Recipient,
}

/// <summary>A stretch of one weekday.</summary>
/// <param name="FromMinute">Minutes after midnight, 0 to 1439, inclusive.</param>
/// <param name="ToMinute">Minutes after midnight, 1 to 1440, exclusive; after <paramref name="FromMinute"/>.</param>
public sealed record DayWindow(DayOfWeek Day, int FromMinute, int ToMinute);

/// <summary>A stretch of time in which sending is open.</summary>
/// <param name="Date">The local day it belongs to.</param>
/// <param name="Closes">Exclusive.</param>
public readonly record struct OpenSpan(DateOnly Date, DateTimeOffset Opens, DateTimeOffset Closes);

/// <summary>When a mailbox may send: windows by weekday, in a time zone, without holidays, busier at some hours than at others.</summary>
/// <param name="Zone">The sender's, an IANA name such as Europe/Berlin.</param>
/// <param name="Windows">Any number for a weekday, not overlapping.</param>
/// <param name="Holidays">Local days on which nothing goes out.</param>
/// <param name="HourWeights">24 numbers for the hours of the local day, 0 to 100: how much of the day's mail each may take beside the others. Empty: no shape.</param>
public sealed record Schedule(string Zone, ClockOf ClockOf, IReadOnlyList<DayWindow> Windows, IReadOnlySet<DateOnly> Holidays, IReadOnlyList<int> HourWeights)
{
    /// <summary>A window that does not open within this many days does not open.</summary>
    public const int DaysAheadMax = 400;

    static readonly TimeSpan Reach = TimeSpan.FromHours(26); // Farther than any zone is from UTC, and than any gap: Samoa left out a day.

    /// <summary>Any time of any day, in UTC, without a shape.</summary>
    public static readonly Schedule Always = new("Etc/UTC", ClockOf.Sender, [.. Enum.GetValues<DayOfWeek>().Select(day => new DayWindow(day, 0, 1440))], new HashSet<DateOnly>(), []);

    /// <summary>Monday to Friday, nine to five on that clock, busier before noon and quieter around it.</summary>
    public static Schedule Office(string zone, ClockOf clockOf) => new(zone, clockOf,
        [.. Enumerable.Range(1, 5).Select(day => new DayWindow((DayOfWeek)day, 9 * 60, 17 * 60))], new HashSet<DateOnly>(),
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 12, 10, 5, 8, 10, 8, 6, 0, 0, 0, 0, 0, 0, 0]);

    /// <param name="fault">What is wrong and what to do, or empty.</param>
    public bool IsValid(out string fault)
    {
        fault = true switch
        {
            _ when !TimeZoneInfo.TryFindSystemTimeZoneById(Zone, out _) => $"{Zone} is not a time zone; use a name such as Europe/Berlin.",
            _ when Windows.Count == 0 => "Choose at least one weekday.",
            _ when Windows.Any(window => window.FromMinute is < 0 or >= 1440 || window.ToMinute > 1440 || window.ToMinute <= window.FromMinute) => "A window must end after it begins, within one day.",
            _ when Windows.Any(one => Windows.Any(other => !ReferenceEquals(one, other) && one.Day == other.Day && one.FromMinute < other.ToMinute && other.FromMinute < one.ToMinute)) =>
                "Windows of one weekday must not overlap.",
            _ when HourWeights.Count is not (0 or 24) || HourWeights.Any(weight => weight is < 0 or > 100) => "The shape of a day is 24 numbers from 0 to 100, or none.",
            _ => "",
        };
        return fault.Length == 0;
    }

    /// <summary>The zone that counts for a recipient.</summary>
    /// <param name="recipient">IANA name; null or unknown falls back to the sender's.</param>
    public TimeZoneInfo ZoneFor(string? recipient) =>
        ClockOf == ClockOf.Recipient && recipient is not null && TimeZoneInfo.TryFindSystemTimeZoneById(recipient, out var zone) ? zone : TimeZoneInfo.FindSystemTimeZoneById(Zone);

    /// <summary>The stretch that is open at a moment, or else the next one.</summary>
    /// <returns>Null when none opens within <see cref="DaysAheadMax"/> days.</returns>
    public OpenSpan? Next(DateTimeOffset now, TimeZoneInfo zone)
    {
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime);
        for (var ahead = 0; ahead <= DaysAheadMax; ahead++)
            foreach (var span in On(today.AddDays(ahead), zone))
                if (now < span.Closes) return span;
        return null;
    }

    /// <summary>The stretches of one local day, in order; none on a holiday.</summary>
    /// <remarks>At every moment inside, a clock on the wall shows a time within the window. Where a clock goes back, a time comes twice and the second counts as the opening;
    /// a time that is skipped counts as the first moment after the gap.</remarks>
    public IEnumerable<OpenSpan> On(DateOnly date, TimeZoneInfo zone)
    {
        if (Holidays.Contains(date)) yield break;
        foreach (var window in Windows.Where(window => window.Day == date.DayOfWeek).OrderBy(window => window.FromMinute))
        {
            var opens = Moments(date, window.FromMinute, zone).Last();
            var closes = Moments(date, window.ToMinute, zone).FirstOrDefault(moment => moment > opens);
            if (closes > opens) yield return new(date, opens, closes);
        }
    }

    /// <summary>The first moment of a local day.</summary>
    public static DateTimeOffset Midnight(DateOnly date, TimeZoneInfo zone) => Moments(date, 0, zone)[0];

    // When a wall clock shows a time: once, or twice where it goes back over it, or at the end of the gap that skips it.
    // TimeZoneInfo.IsInvalidTime and IsAmbiguousTime miss changes of the standard time itself, such as Samoa's and Morocco's.
    static DateTimeOffset[] Moments(DateOnly date, int minute, TimeZoneInfo zone)
    {
        var wall = new DateTimeOffset(date.ToDateTime(TimeOnly.MinValue).AddMinutes(minute), TimeSpan.Zero);
        var (before, after) = (zone.GetUtcOffset(wall - Reach), zone.GetUtcOffset(wall + Reach));
        if (before == after) return [wall - before];
        DateTimeOffset[] moments = [.. new[] { wall - before, wall - after }.Where(moment => moment + zone.GetUtcOffset(moment) == wall).Order()];
        return moments.Length > 0 ? moments : [Change(wall - Reach, wall + Reach, zone, before)];
    }

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
