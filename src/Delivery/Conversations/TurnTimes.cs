using PenguinMails.Delivery.Pacing;
using PenguinMails.Delivery.Queue;

namespace PenguinMails.Delivery.Conversations;

/// <summary>When people would write: within working hours of the writer's zone, and not all at once.</summary>
static class TurnTimes
{
    static readonly TimeSpan ReplyMin = TimeSpan.FromMinutes(4), ReplyMax = TimeSpan.FromHours(20);

    /// <summary>A moment of what is left of the window that is open now, or that opens next.</summary>
    /// <param name="draw">Another number for each message of the same seed.</param>
    public static DateTimeOffset Start(SendWindow window, DateTimeOffset now, long seed, int draw)
    {
        var open = window.NextOpen(now);
        return open + ((Closes(window, open) - open) * Jitter.Of(seed, draw));
    }

    /// <summary>Minutes to a day later: short delays are more frequent than long ones. Never outside the window.</summary>
    public static DateTimeOffset Reply(SendWindow window, DateTimeOffset cameAt, long seed, int turn)
    {
        var delay = ReplyMin * Math.Pow(ReplyMax / ReplyMin, Jitter.Of(seed, 100 + turn));
        var wanted = cameAt + delay;
        var open = window.NextOpen(wanted);
        // Who finds it in the morning does not answer at the stroke of the hour.
        return open == wanted ? wanted : Start(window with { ToMinute = Math.Min(window.ToMinute, window.FromMinute + 90) }, open, seed, 200 + turn);
    }

    /// <summary>Share of the working day that is left: 1 before it begins, 0 after its end and on days without one.</summary>
    public static double Left(SendWindow window, DateTimeOffset now)
    {
        var open = window.NextOpen(now);
        var zone = TimeZoneInfo.FindSystemTimeZoneById(window.Zone);
        if (TimeZoneInfo.ConvertTime(open, zone).Date != TimeZoneInfo.ConvertTime(now, zone).Date) return 0;
        return Math.Min(1, (Closes(window, open) - open).TotalMinutes / (window.ToMinute - window.FromMinute));
    }

    public static DateOnly DayOf(SendWindow window, DateTimeOffset now) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, TimeZoneInfo.FindSystemTimeZoneById(window.Zone)).DateTime);

    /// <summary>The first moment of the writer's day.</summary>
    public static DateTimeOffset DayBegins(SendWindow window, DateTimeOffset now)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(window.Zone);
        return Instant(TimeZoneInfo.ConvertTime(now, zone).Date, zone);
    }

    static DateTimeOffset Closes(SendWindow window, DateTimeOffset open)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(window.Zone);
        return Instant(TimeZoneInfo.ConvertTime(open, zone).Date.AddMinutes(window.ToMinute), zone);
    }

    static DateTimeOffset Instant(DateTime local, TimeZoneInfo zone)
    {
        while (zone.IsInvalidTime(local)) local = local.AddMinutes(15);
        return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
    }
}
