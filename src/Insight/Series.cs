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
    };

    /// <summary>Whole periods from one start to a later one; 0 for the same.</summary>
    public static int Between(this Grain grain, DateOnly from, DateOnly to) => grain switch
    {
        Grain.Day => to.DayNumber - from.DayNumber,
        Grain.Week => (to.DayNumber - from.DayNumber) / 7,
        Grain.Month => (to.Year - from.Year) * 12 + to.Month - from.Month,
    };
}

/// <summary>Which way is good news.</summary>
public enum Better
{
    /// <summary>More is better: accepted mail, replies.</summary>
    Up,

    /// <summary>Less is better: bounces, complaints, cost.</summary>
    Down,
}

/// <summary>What a series measures and how much of it is needed before it may be judged.</summary>
/// <param name="Name">Begins the sentence, so with a capital: "Acceptance rate".</param>
/// <param name="IsRate">True for hits out of trials; shown in percent.</param>
/// <param name="Better">Turns a trend into good or bad news.</param>
/// <param name="Grain">Distance between two points.</param>
/// <param name="Materiality">Smallest change over the window worth a verdict, in the metric's own unit:
/// 0.01 is one percentage point of a rate. 0 lets every significant change count.</param>
public sealed record MetricSpec(string Name, bool IsRate, Better Better, Grain Grain, double Materiality)
{
    /// <summary>Usable points needed after the last change of definition. Default 12: with 4 or 5 a rank test already
    /// turns significant by accident of order.</summary>
    public int PointsMin { get; init; } = 12;

    /// <summary>Trials needed over those points, rates only. Default 200.</summary>
    public long DenominatorMin { get; init; } = 200;

    /// <summary>Share of the calendar between first and last point that must be filled. Default 0.8.</summary>
    public double CoverageMin { get; init; } = 0.8;

    /// <summary>What is counted in the denominator, plural, for the sentence. Default "counted".</summary>
    public string DenominatorNoun { get; init; } = "counted";
}
