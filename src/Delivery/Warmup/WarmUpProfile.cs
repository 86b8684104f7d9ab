using PenguinMails.Core;
using PenguinMails.Delivery.Guards;

namespace PenguinMails.Delivery.Warmup;

/// <summary>Messages for each day of sending, as somebody in the market advises: a line of <c>market-curves.json</c>.</summary>
/// <param name="Points">Pairs of day, from 1 on, and messages; between them a straight line, after the last its value.</param>
public sealed record MarketCurve(string Id, string Name, GuardSubject Subject, IReadOnlyList<IReadOnlyList<int>> Points, string Source, DateOnly AsOf)
{
    public static readonly IReadOnlyList<MarketCurve> All = EmbeddedJson.Read<MarketCurve[]>("market-curves.json");

    public static MarketCurve Of(string id) => All.Single(curve => curve.Id == id);

    public int Max => Points[^1][1];

    /// <param name="day">Day of sending, 1 for the first.</param>
    /// <returns>Rounded down.</returns>
    public int On(int day)
    {
        for (var i = 1; i < Points.Count; i++)
        {
            var (from, to) = (Points[i - 1], Points[i]);
            if (day <= to[0]) return from[1] + ((to[1] - from[1]) * Math.Max(0, day - from[0]) / (to[0] - from[0]));
        }

        return Max;
    }
}

/// <summary>How a mailbox, a domain or a sending address is warmed up: a line of <c>warm-up-profiles.json</c>. Messages are of one day.</summary>
/// <param name="Curve">The market curve that is never exceeded.</param>
/// <param name="Start">Of the first day, and never less while it runs.</param>
/// <param name="StepMin">Added each day after there was trouble.</param>
/// <param name="StepMax">Added each day as long as there was none lately.</param>
/// <param name="Max">Full volume: warm-up and cold mail together.</param>
/// <param name="ColdMax">Most cold mail: full volume where there is no warm-up mail.</param>
/// <param name="Jitter">A day's budget differs by up to this share either way.</param>
/// <param name="StrainedFactor">What is left of the level after a day in the band strained.</param>
/// <param name="HarmedFactor">The same for harmed.</param>
/// <param name="StrainedHoldDays">Days of sending without growth after it.</param>
public sealed record WarmUpProfile(
    GuardSubject Subject, string Curve, int Start, int StepMin, int StepMax, int Max, int ColdMax,
    bool WeekdaysOnly, double Jitter, double StrainedFactor, double HarmedFactor, int StrainedHoldDays, int HarmedHoldDays, string Source, DateOnly AsOf)
{
    public static readonly IReadOnlyList<WarmUpProfile> All = EmbeddedJson.Read<WarmUpProfile[]>("warm-up-profiles.json");

    /// <param name="subject">Mailbox, domain or ip; the others are not warmed up.</param>
    public static WarmUpProfile Of(GuardSubject subject) => All.Single(profile => profile.Subject == subject);

    /// <summary>The small step from the first day on: for whoever has time, or knows that the providers are strict.</summary>
    public WarmUpProfile Careful() => this with { StepMax = StepMin };

    public bool IsRestDay(DateOnly date) => WeekdaysOnly && date.DayOfWeek is (DayOfWeek.Saturday or DayOfWeek.Sunday);
}
