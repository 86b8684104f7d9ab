using System.Globalization;

namespace PenguinMails.Delivery.Pacing;

/// <summary>Why a message goes now or waits. Its snake_case name is the public reason code.</summary>
public enum PaceReason
{
    /// <summary>Nothing stands in the way.</summary>
    Now,

    /// <summary>Outside the window.</summary>
    WindowClosed,

    /// <summary>The window would be open, but the day is a holiday.</summary>
    Holiday,

    /// <summary>Too soon after the message before.</summary>
    Gap,

    /// <summary>The hour has had its part of the day.</summary>
    HourFull,

    /// <summary>The day's budget is used up.</summary>
    DayFull,

    /// <summary>A limit on a rolling window is reached.</summary>
    RollingLimit,

    /// <summary>No time within <see cref="Schedule.DaysAheadMax"/> days: a person must change something.</summary>
    Never,
}

/// <summary>How a mailbox spreads its mail.</summary>
/// <param name="PerDay">Most messages on a local day of the sender, 0 or more: its cap, or today's warm-up budget when that is less. Every day ahead is judged by it.</param>
/// <param name="GapSeconds">Least time between two messages, 0 or more.</param>
/// <param name="GapJitter">A gap is longer by up to this share, 0 to 2; never shorter.</param>
public sealed record PaceRules(int PerDay, int GapSeconds, double GapJitter);

/// <summary>What is asked about one message.</summary>
/// <param name="RecipientZone">IANA name; null when unknown.</param>
/// <param name="Sent">When the mailbox sent, oldest first, at least of the last 48 hours.</param>
/// <param name="Seed">The mailbox's own number: the same question gets the same answer in every process.</param>
public sealed record PaceQuestion(Schedule Schedule, string? RecipientZone, PaceRules Rules, IReadOnlyList<DateTimeOffset> Sent, long Seed);

/// <param name="NotBefore">Now when it may go; null when time alone does not help.</param>
/// <param name="Reason">What decided last.</param>
/// <param name="Sentence">For people, with the time on the clock that counts.</param>
public sealed record PaceVerdict(DateTimeOffset? NotBefore, PaceReason Reason, string Sentence);

/// <summary>When the next message of a mailbox may go: a function of schedule, history, limits, time and seed.</summary>
public static class Pace
{
    const int RoundsMax = 5_000; // Each moves on by a gap, an hour, a day or a window; what needs more never fits.

    sealed record Wait(DateTimeOffset At, PaceReason Reason, string Words);

    /// <param name="keys">Keys of the message that <paramref name="limits"/> may hold limits for.</param>
    public static PaceVerdict Next(PaceQuestion question, RollingLimits limits, IReadOnlyCollection<string> keys, DateTimeOffset now)
    {
        var zone = question.Schedule.ZoneFor(question.RecipientZone);
        var (at, last) = (now, (Wait?)null);
        var horizon = now.AddDays(Schedule.DaysAheadMax);
        for (var round = 0; round < RoundsMax && at < horizon; round++)
        {
            if (Closed(question, zone, at) is not { } open) break;
            var wait = Later(open, at) ?? Later(Gapped(question), at) ?? Later(Capped(question, at), at) ?? Later(Shaped(question, zone, at), at) ?? Later(Limited(limits, keys, at), at);
            if (wait is null) return last is null ? new(now, PaceReason.Now, "It may go now.") : new(at, last.Reason, Sentence(last, at, zone));
            (at, last) = (wait.At, wait);
        }

        return new(null, PaceReason.Never, question.Rules.PerDay == 0
            ? "It never goes: the mailbox may send nothing. Raise its daily cap or its warm-up."
            : "It does not go within 400 days. Look at the window, the holidays and the limits.");
    }

    static Wait? Later(Wait? wait, DateTimeOffset at) => wait is not null && wait.At > at ? wait : null;

    static Wait? Closed(PaceQuestion question, TimeZoneInfo zone, DateTimeOffset at)
    {
        if (question.Rules.PerDay == 0 || question.Schedule.Next(at, zone) is not { } span) return null;
        var isHoliday = span.Opens > at && question.Schedule.Holidays.Count > 0
            && (question.Schedule with { Holidays = new HashSet<DateOnly>() }).Next(at, zone) is { } without && without.Opens < span.Opens;
        return new(span.Opens, isHoliday ? PaceReason.Holiday : PaceReason.WindowClosed, isHoliday ? "A holiday" : "The window is closed");
    }

    static Wait? Gapped(PaceQuestion question)
    {
        if (question.Sent.Count == 0) return null;
        var last = question.Sent[^1];
        var seconds = question.Rules.GapSeconds * (1 + (question.Rules.GapJitter * Jitter.Of(question.Seed, last.UtcTicks)));
        return new(last.AddSeconds(seconds), PaceReason.Gap, "The message before went out a moment ago");
    }

    static Wait? Capped(PaceQuestion question, DateTimeOffset at)
    {
        var zone = question.Schedule.ZoneFor(null);
        var day = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, zone).DateTime);
        var (begins, ends) = (Schedule.Midnight(day, zone), Schedule.Midnight(day.AddDays(1), zone));
        return Count(question.Sent, begins, ends) < question.Rules.PerDay ? null
            : new(ends, PaceReason.DayFull, $"The {question.Rules.PerDay.ToString(CultureInfo.InvariantCulture)} of the day are sent");
    }

    // Within its hour a message has a place of its own, so that the quota does not leave in one burst.
    static Wait? Shaped(PaceQuestion question, TimeZoneInfo zone, DateTimeOffset at)
    {
        if (question.Schedule.HourWeights.Count == 0) return null;
        var date = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, zone).DateTime);
        foreach (var slot in DayShape.Of(question.Schedule, date, zone, question.Rules.PerDay, question.Seed).SkipWhile(slot => slot.Ends <= at))
        {
            var sent = Count(question.Sent, slot.Begins, slot.Ends);
            if (sent >= slot.Quota) continue;
            var place = (sent + (0.8 * Jitter.Of(question.Seed, slot.Begins.UtcTicks + sent))) / slot.Quota;
            return new(slot.Begins + ((slot.Ends - slot.Begins) * place), PaceReason.HourFull, "The hour has had its part of the day");
        }

        return new(Schedule.Midnight(date.AddDays(1), zone), PaceReason.HourFull, "The open hours have had their part of the day");
    }

    static Wait? Limited(RollingLimits limits, IReadOnlyCollection<string> keys, DateTimeOffset at) =>
        limits.Next(keys, at) is { Limit: { } limit } opening
            ? new(opening.At, PaceReason.RollingLimit, $"{limit.Key} had {limit.Rate.Count.ToString(CultureInfo.InvariantCulture)} within {Words(limit.Rate.Window)}")
            : null;

    static int Count(IReadOnlyList<DateTimeOffset> sent, DateTimeOffset begins, DateTimeOffset ends)
    {
        var count = 0;
        for (var i = sent.Count - 1; i >= 0 && sent[i] >= begins; i--)
            if (sent[i] < ends) count++;
        return count;
    }

    static string Sentence(Wait last, DateTimeOffset at, TimeZoneInfo zone) => string.Create(CultureInfo.InvariantCulture,
        $"{last.Words}; not before {TimeZoneInfo.ConvertTime(at, zone):dddd d MMMM HH:mm:ss} in {zone.Id}.");

    static string Words(TimeSpan window) => window switch
    {
        { TotalDays: >= 1 } when window.Ticks % TimeSpan.TicksPerDay == 0 => string.Create(CultureInfo.InvariantCulture, $"{window.TotalHours:0} hours"),
        { TotalHours: >= 1 } when window.Ticks % TimeSpan.TicksPerHour == 0 => string.Create(CultureInfo.InvariantCulture, $"{window.TotalMinutes:0} minutes"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{window.TotalSeconds:0} seconds"),
    };
}
