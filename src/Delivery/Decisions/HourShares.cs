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

/// <summary>Whether the hour still has a part of the mailbox's day to give. Of one mailbox, for as long as its facts hold.</summary>
/// <param name="budget">What the mailbox may send in the day: its cap, or its warm-up's budget when that is less.</param>
/// <param name="sent">Of the last 24 hours at least. A stretch that began before the window opened counts whole, so that never too much is sent.</param>
sealed class HourShares(long budget, IReadOnlyList<SentStretch> sent)
{
    public const int StretchSeconds = 300;

    readonly Dictionary<(SendWindow, DayShape), Day> _days = []; // As many as a claim has zones.

    sealed record Day(SendWindow.Span Span, long Sent, IReadOnlyList<HourShare> Hours);

    /// <param name="ahead">Let through already and not in what was sent.</param>
    /// <returns>Null: there is room, or no shape.</returns>
    public HourShareFact? Full(RecipientWindow when, long ahead, DateTimeOffset now)
    {
        if (when.Shape == DayShape.None) return null;
        var day = DayOf(when, now);
        if (now < day.Span.Opens) return null; // Closed: another question says so.
        var used = ahead + day.Sent;
        var at = day.Hours.TakeWhile(hour => hour.Ends <= now).Count();
        if (used < day.Hours[at].Most) return null;
        // Each hour begins where the one before ends.
        for (var next = at + 1; next < day.Hours.Count; next++)
            if (used < day.Hours[next].Most) return new(used, day.Hours[at].Most, day.Hours[next - 1].Ends);
        return new(used, day.Hours[at].Most, when.NextOpen(day.Span.Closes));
    }

    Day DayOf(RecipientWindow when, DateTimeOffset now)
    {
        if (_days.TryGetValue((when.Window, when.Shape), out var known) && now < known.Span.Closes) return known;
        var span = when.Window.Next(now);
        return _days[(when.Window, when.Shape)] = new(span, sent.Where(stretch => stretch.Begins.AddSeconds(StretchSeconds) > span.Opens).Sum(stretch => stretch.Count),
            DayShapes.Hours(when.Shape, span, TimeZoneInfo.FindSystemTimeZoneById(when.Window.Zone), budget));
    }
}
