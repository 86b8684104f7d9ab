using PenguinMails.Delivery.Queue;

namespace PenguinMails.Delivery.Pacing;

/// <summary>How a mailbox's day is spread over its window.</summary>
public enum DayShape
{
    /// <summary>It is not: cap and gap alone decide.</summary>
    None,

    /// <summary>Every hour alike.</summary>
    Flat,

    /// <summary>As people write: most before noon, again in the afternoon, little at noon and at night.</summary>
    WorkingDay,
}

/// <summary>How far the day's messages may have come.</summary>
/// <param name="Opened">The stretch began; what was sent since counts.</param>
/// <param name="Ends">Of the hour.</param>
/// <param name="Most">Messages by then.</param>
public readonly record struct HourShare(DateTimeOffset Opened, DateTimeOffset Ends, long Most);

/// <summary>The hours of a day and their parts of its mail.</summary>
public static class DayShapes
{
    // By the hour on the wall at which a slot begins. Nowhere 0, so that a window at night has a shape as well.
    static readonly int[] WorkingDay = [1, 1, 1, 1, 1, 1, 2, 4, 8, 10, 12, 10, 5, 8, 10, 8, 6, 4, 2, 1, 1, 1, 1, 1];

    public static DayShape Of(string word) => word switch { "flat" => DayShape.Flat, "working_day" => DayShape.WorkingDay, _ => DayShape.None };

    /// <summary>The hours of the open stretch, with what may be sent by the end of each.</summary>
    /// <param name="budget">Messages of the day, 0 or more. All of them may be sent by the end of the last hour, and in no hour more than its part, rounded up.</param>
    /// <returns>In order; empty without a shape.</returns>
    public static IReadOnlyList<HourShare> Hours(DayShape shape, SendWindow.Span span, TimeZoneInfo zone, long budget)
    {
        if (shape == DayShape.None) return [];
        var slots = new List<(DateTimeOffset Ends, double Weight)>();
        for (var begins = span.Opens; begins < span.Closes; begins = begins.AddHours(1))
        {
            var ends = begins.AddHours(1) < span.Closes ? begins.AddHours(1) : span.Closes;
            slots.Add((ends, (ends - begins).TotalHours * (shape == DayShape.Flat ? 1 : WorkingDay[TimeZoneInfo.ConvertTime(begins, zone).Hour])));
        }

        var (sum, past) = (slots.Sum(slot => slot.Weight), 0.0);
        return [.. slots.Select(slot => new HourShare(span.Opens, slot.Ends, (long)Math.Ceiling(Math.Round(budget * ((past += slot.Weight) / sum), 6))))];
    }
}
