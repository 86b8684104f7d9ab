namespace PenguinMails.Insight;

/// <summary>One period of a metric: a value, or a numerator and a denominator.</summary>
/// <param name="Start">First day of the period; a series is in ascending order, one point per period.</param>
/// <param name="Value">The level, or null when it is unknown or the metric is a rate.</param>
/// <param name="Numerator">Hits; null unless the metric is a rate.</param>
/// <param name="Denominator">Trials, at or above the numerator; null unless the metric is a rate.</param>
/// <param name="IsPartial">True for a period that is not over: shown, never judged.</param>
/// <param name="RebaseReason">Why the definition changed at this period; earlier points are not compared with it.</param>
public sealed record SeriesPoint(
    DateOnly Start, double? Value, long? Numerator, long? Denominator, bool IsPartial, string? RebaseReason)
{
    /// <summary>A closed period of a rate.</summary>
    public static SeriesPoint Rate(DateOnly start, long numerator, long denominator) =>
        new(start, null, numerator, denominator, false, null);

    /// <summary>A closed period of a level.</summary>
    public static SeriesPoint Level(DateOnly start, double value) => new(start, value, null, null, false, null);

    /// <summary>What is compared: the level, or the share of hits (0 to 1); null when nothing was counted.</summary>
    public double? Observed => Denominator is { } trials ? (trials > 0 ? (double)Numerator.GetValueOrDefault() / trials : null) : Value;
}

/// <summary>Length of one period.</summary>
public enum Grain
{
    /// <summary>One calendar day.</summary>
    Day,

    /// <summary>Seven days; the series decides on which weekday they begin.</summary>
    Week,

    /// <summary>One calendar month, from its first day.</summary>
    Month,

    /// <summary>Three calendar months, from the first day of the first.</summary>
    Quarter,

    /// <summary>One calendar year, from its first day.</summary>
    Year,
}

/// <summary>Calendar steps of a grain.</summary>
public static class GrainCalendar
{
    /// <summary>First day of the period that lies <paramref name="count"/> periods later (or earlier when negative).</summary>
    public static DateOnly Add(this Grain grain, DateOnly start, int count) => grain switch
    {
        Grain.Day => start.AddDays(count),
        Grain.Week => start.AddDays(7 * count),
        Grain.Month => start.AddMonths(count),
        Grain.Quarter => start.AddMonths(3 * count),
        Grain.Year => start.AddYears(count),
    };

    /// <summary>Whole periods from one start to a later one; 0 for the same.</summary>
    public static int Between(this Grain grain, DateOnly from, DateOnly to) => grain switch
    {
        Grain.Day => to.DayNumber - from.DayNumber,
        Grain.Week => (to.DayNumber - from.DayNumber) / 7,
        Grain.Month => (to.Year - from.Year) * 12 + to.Month - from.Month,
        Grain.Quarter => ((to.Year - from.Year) * 12 + to.Month - from.Month) / 3,
        Grain.Year => to.Year - from.Year,
    };
}
