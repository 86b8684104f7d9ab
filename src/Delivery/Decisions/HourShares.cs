using PenguinMails.Delivery.Pacing;
using PenguinMails.Delivery.Queue;

namespace PenguinMails.Delivery.Decisions;

/// <summary>The hour's part of the mailbox's day is sent.</summary>
/// <param name="Used">Messages of the mailbox since the window opened.</param>
/// <param name="Most">As many as may be sent by the end of this hour.</param>
/// <param name="Until">The hour that has room begins.</param>
public sealed record HourShareFact(long Used, long Most, DateTimeOffset Until);

/// <summary>What a mailbox sent, in stretches of five minutes.</summary>
/// <param name="Begins">A multiple of five minutes.</param>
public readonly record struct SentStretch(DateTimeOffset Begins, long Count);

/// <summary>Whether the hour still has a part of the mailbox's day to give.</summary>
static class HourShares
{
    public const int StretchSeconds = 300;

    /// <param name="budget">What the mailbox may send in the day: its cap, or its warm-up's budget when that is less.</param>
    /// <param name="sent">Of the last 24 hours at least. A stretch that began before the window opened counts whole, so that never too much is sent.</param>
    /// <param name="ahead">Let through already and not in <paramref name="sent"/>.</param>
    /// <returns>Null: there is room, or no shape.</returns>
    public static HourShareFact? Full(RecipientWindow when, long budget, IReadOnlyList<SentStretch> sent, long ahead, DateTimeOffset now)
    {
        if (when.Shape == DayShape.None) return null;
        var span = when.Window.Next(now);
        if (now < span.Opens) return null; // Closed: another question says so.
        var used = ahead;
        foreach (var stretch in sent)
            if (stretch.Begins.AddSeconds(StretchSeconds) > span.Opens) used += stretch.Count;
        var hours = DayShapes.Hours(when.Shape, span, TimeZoneInfo.FindSystemTimeZoneById(when.Window.Zone), budget);
        var at = hours.TakeWhile(hour => hour.Ends <= now).Count();
        if (used < hours[at].Most) return null;
        // Each hour begins where the one before ends.
        for (var next = at + 1; next < hours.Count; next++)
            if (used < hours[next].Most) return new(used, hours[at].Most, hours[next - 1].Ends);
        return new(used, hours[at].Most, when.NextOpen(span.Closes));
    }
}
