using System.Globalization;
using PenguinMails.Delivery.Guards;
using PenguinMails.Insight.Intervals;

namespace PenguinMails.Delivery.Warmup;

/// <summary>The signals of the last days, read as a band with its cause.</summary>
/// <param name="Words">Numbers for the sentence, such as <c>3 of 20 deferred</c>.</param>
public sealed record WarmUpReading(WarmUpBand Band, WarmUpCause Cause, string Words)
{
    /// <summary>Days of sending whose deferrals count together: they tell of the present.</summary>
    public const int DeferralDays = 3;

    /// <summary>Days of sending whose other signals count together: they are rare and late.</summary>
    public const int Days = 7;

    // One hit may be chance whatever the rate: at five messages a day it is 20 %. It holds for its day; a complaint for the week.
    const int HitsMin = 2;

    // A provider that defers three in a hundred whatever is sent is no trouble; one that always deferred more would hide it.
    const double UsualMax = 0.05;
    const int UsualVolume = 50;

    const int RepliesVolumeMin = 100;
    const double RepliesLeast = 0.01;

    /// <param name="days">Signals since the last cut, oldest first.</param>
    /// <param name="usual">Share of messages that is deferred here on good days, from <see cref="Usual"/>.</param>
    /// <returns>The worst band that any signal reaches.</returns>
    /// <remarks>Bounces, complaints and refusals of the sender are read by the thresholds of the guards: watch from warn, strained from slow, harmed from pause.
    /// Deferrals and placement have thresholds of their own: no provider publishes any. Those of deferrals lie above what is usual here. The upper two bands go by the lower Wilson bound, as the guards do.</remarks>
    public static WarmUpReading Of(GuardSubject subject, IReadOnlyList<WarmUpSignals> days, double usual)
    {
        var week = days.TakeLast(Days).Aggregate(WarmUpSignals.None, WarmUpSignals.Add);
        var last = days.Count > 0 ? days[^1] : WarmUpSignals.None;
        var recent = days.TakeLast(DeferralDays).Aggregate(WarmUpSignals.None, WarmUpSignals.Add);
        WarmUpReading[] readings =
        [
            new(BandOf(recent.Deferred, last.Deferred, recent.Sent, Math.Max(0.03, 1.5 * usual), Math.Max(0.05, 2 * usual), 0.25), WarmUpCause.Deferrals, Said(recent.Deferred, recent.Sent, "deferred")),
            Guarded(GuardMeasure.Block, WarmUpCause.Blocks, week.Blocked, last.Blocked, "refused because of the sender"),
            Guarded(GuardMeasure.Bounce, WarmUpCause.Bounces, week.Bounced, last.Bounced, "to addresses that do not exist"),
            Guarded(GuardMeasure.Complaint, WarmUpCause.Complaints, week.Complained, week.Complained, "reported as spam"),
            new(BandOf(week.InSpam, last.InSpam, week.Seen, 0.1, 0.2, 0.5), WarmUpCause.Placement, Said(week.InSpam, week.Seen, "found in Junk")),
            new(Unanswered(week) ? WarmUpBand.Watch : WarmUpBand.Healthy, WarmUpCause.Replies, Said(week.Replied, week.Sent, "answered")),
        ];
        var worst = readings.MaxBy(reading => reading.Band) ?? readings[0];
        return worst.Band == WarmUpBand.Healthy ? new(WarmUpBand.Healthy, WarmUpCause.None, "") : worst;

        WarmUpReading Guarded(GuardMeasure measure, WarmUpCause cause, int hits, int lately, string words)
        {
            var rule = GuardRule.Of(measure, subject);
            return new(BandOf(hits, lately, week.Sent, rule.Warn, rule.Slow, rule.Pause), cause, Said(hits, week.Sent, words));
        }
    }

    /// <summary>Share of messages that is deferred on good days: 2 % before anything is known, 5 % at most.</summary>
    public static double Usual(double sent, double deferred) => Math.Min(UsualMax, (deferred + (0.02 * UsualVolume)) / (sent + UsualVolume));

    static WarmUpBand BandOf(int hits, int lately, int of, double watch, double strained, double harmed)
    {
        if (hits == 0 || (hits < HitsMin && lately == 0)) return WarmUpBand.Healthy;
        of = Math.Max(of, hits); // A complaint may come on a day without mail.
        var low = hits < HitsMin ? 0 : WilsonScore.Of(hits, of, Guard.Alpha).Low;
        return low >= harmed ? WarmUpBand.Harmed : low >= strained ? WarmUpBand.Strained : (double)hits / of >= watch ? WarmUpBand.Watch : WarmUpBand.Healthy;
    }

    static bool Unanswered(WarmUpSignals week) =>
        week.Sent >= RepliesVolumeMin && WilsonScore.Of(Math.Min(week.Replied, week.Sent), week.Sent, Guard.Alpha).High < RepliesLeast;

    static string Said(int hits, int of, string words) => string.Create(CultureInfo.InvariantCulture, $"{hits} of {of} {words}");
}
