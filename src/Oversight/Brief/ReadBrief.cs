using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Messages;
using PenguinMails.Insight;

namespace PenguinMails.Oversight.Brief;

/// <summary>The first thing a leader reads: is outreach getting better, and what did the last four weeks bring?</summary>
/// <remarks>Refuses with <c>permission.missing</c> (needs <c>overview:read</c>). Counts the actor's workspace, or the whole account without one.</remarks>
public static class ReadBrief
{
    /// <summary>Days the totals reach back, today included.</summary>
    public const int TotalDays = 28;

    const int Weeks = 26; // Half a year: enough for a trend, short enough to be about now.
    const int DaysRead = Weeks * 7 + 7;

    static readonly MetricSpec AnswerRate = new("Answer rate", MetricKind.Rate, Better.Up, Grain.Week, Materiality.Of(0.005)) { DenominatorNoun = "messages sent" };

    public static async Task<Result<BriefReport>> Handle(Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var days = await ReadDailyCounts.Handle(actor, DaysRead, db, clock, ct);
        if (days.Problem is { } noDays) return noDays;
        var counts = await ReadCounts.Handle(actor, null, db, ct);
        if (counts.Problem is { } noCounts) return noCounts;
        var now = clock.GetUtcNow();
        return Judge(days.Value, counts.Value.InDoubt, now);
    }

    /// <summary>A pure function of the counts, so that the same counts always give the same sentence.</summary>
    internal static BriefReport Judge(IReadOnlyList<DayCounts> days, long inDoubt, DateTimeOffset now)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var weeks = InWeeks(days, today);
        var verdict = DirectionVerdict.Of([.. weeks.Select(w => w.ToPoint())], AnswerRate, null);
        var gate = verdict.Evidence.Gate;
        return new BriefReport(
            new Judgement(verdict.Direction, verdict.Sentence, verdict.Confidence, gate.PointsMissing, gate.DenominatorMissing, gate.OpensOn, DirectionVerdict.EngineVersion),
            Sum(days.Where(d => d.Day > today.AddDays(-TotalDays)), inDoubt), weeks, now);
    }

    static List<Week> InWeeks(IReadOnlyList<DayCounts> days, DateOnly today) =>
    [
        .. days.GroupBy(d => d.Day.AddDays(-(((int)d.Day.DayOfWeek + 6) % 7))).OrderBy(g => g.Key)
            .Select(g => new Week(g.Key, g.Sum(d => d.Sent), g.Sum(d => d.Bounced), g.Sum(d => d.Answered), g.Sum(d => d.Complained), IsOpen(g.Key, today))),
    ];

    // Answers keep coming for about a week: a week counts once another has passed since its end, else every newest week would look worse.
    static bool IsOpen(DateOnly monday, DateOnly today) => monday.AddDays(14) > today;

    static Totals Sum(IEnumerable<DayCounts> days, long inDoubt)
    {
        var list = days.ToList();
        return new Totals(TotalDays, list.Sum(d => d.Attempted), list.Sum(d => d.Sent), list.Sum(d => d.Bounced), list.Sum(d => d.Answered), list.Sum(d => d.Complained),
            list.Sum(d => d.Unsubscribed), inDoubt);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/overview",
        async (Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, db, clock, ct)).ToHttp());
}

/// <param name="Weeks">Oldest first; weeks without an attempt are left out.</param>
/// <param name="ReadAt">How fresh the counts are.</param>
public sealed record BriefReport(Judgement Verdict, Totals Totals, IReadOnlyList<Week> Weeks, DateTimeOffset ReadAt);

/// <summary>What the engine claims about the answer rate, and what is missing when it claims nothing.</summary>
/// <param name="WeeksMissing">Further closed weeks needed; 0 when there are enough.</param>
/// <param name="MessagesMissing">Further messages needed; 0 when there are enough.</param>
/// <param name="EnoughOn">Day on which there will be enough at this pace; null when there is, or when no pace is known.</param>
public sealed record Judgement(
    Direction Direction, string Sentence, Confidence Confidence, int WeeksMissing, long MessagesMissing, DateOnly? EnoughOn, string EngineVersion);

/// <param name="Days">How many days the counts reach back, today included (UTC).</param>
/// <param name="Attempted">Messages whose last attempt fell into these days.</param>
/// <param name="InDoubt">Of all time: handed over, answer lost, not yet decided by a person.</param>
public sealed record Totals(int Days, long Attempted, long Sent, long Bounced, long Answered, long Complained, long Unsubscribed, long InDoubt);

/// <summary>Monday to Sunday, UTC.</summary>
/// <param name="IsOpen">Shown and not judged: answers to it still come.</param>
public sealed record Week(DateOnly Start, long Sent, long Bounced, long Answered, long Complained, bool IsOpen)
{
    // Who answered and bounced afterwards is on both sides, so that hits never exceed trials.
    internal SeriesPoint ToPoint() => new(Start, null, Answered, Math.Max(Sent, Answered), IsOpen, null);
}
