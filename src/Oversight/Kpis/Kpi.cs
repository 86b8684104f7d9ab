using PenguinMails.Insight;

namespace PenguinMails.Oversight.Kpis;

/// <summary>What a KPI is about; the groups of the verdict matrix.</summary>
public enum KpiTheme { Sending, Growth, Reliability, People, Finance }

/// <summary>Whose figure it is: an account's own, or that of the company that runs the platform, over all accounts.</summary>
public enum KpiScope { Account, Company }

/// <summary>Where its values come from: facts this platform has, or a feed (CSV or API) until something here can count them.</summary>
public enum KpiSource { Facts, Feed }

/// <summary>One version of a definition. Values of an earlier one are shown and not compared with later ones.</summary>
/// <param name="Since">First day it holds for.</param>
/// <param name="Change">What changed, and why.</param>
public sealed record KpiVersion(int Number, DateOnly Since, string Change);

/// <summary>A figure with the passport of its definition: what is counted, over what, what is left out, and how much is needed before it is judged.</summary>
/// <param name="Key">Stable; lower case with underscores, the same in API, CSV and plan.</param>
/// <param name="Name">Begins sentences.</param>
/// <param name="Unit">What a value counts, plural, or percent for a rate.</param>
/// <param name="Formula">In words and names that can be found in the product.</param>
/// <param name="LeftOut">What is not counted, or an empty text.</param>
/// <param name="Materiality">Smallest change worth a verdict, in its own unit.</param>
public sealed record Kpi(
    string Key, string Name, KpiTheme Theme, KpiScope Scope, KpiSource Source, MetricKind Kind, Better Better, Grain Grain, string Unit, string Formula, string LeftOut, Materiality Materiality)
{
    /// <summary>Closed periods needed for a verdict.</summary>
    public int PointsMin { get; init; } = 12;

    /// <summary>Counted cases needed over those periods; rates only.</summary>
    public long DenominatorMin { get; init; } = 200;

    /// <summary>Plural, for sentences.</summary>
    public string DenominatorNoun { get; init; } = "counted";

    /// <summary>Days after the end of a period before it is closed: what belongs to it may still come.</summary>
    public int CloseDays { get; init; }

    /// <summary>Divided by the working days of each period.</summary>
    public bool IsPerWorkingDay { get; init; }

    /// <summary>Page with the rows a value came from; <c>{from}</c> and <c>{to}</c> are the days of the period. Null for a feed, whose rows are the lines of its file.</summary>
    public string? Rows { get; init; }

    /// <summary>Oldest first; the last one holds.</summary>
    public IReadOnlyList<KpiVersion> Versions { get; init; } = [new(1, new DateOnly(2026, 11, 26), "First definition.")];

    public int Version => Versions[^1].Number;

    /// <summary>Last day of the period that begins on a day.</summary>
    public DateOnly EndOf(DateOnly start) => Grain.Add(start, 1).AddDays(-1);

    /// <summary>Whether the period that begins on a day is over, and what belongs to it is there.</summary>
    public bool IsClosed(DateOnly start, DateOnly today) => Grain.Add(start, 1).AddDays(CloseDays) <= today;

    /// <summary>First day of the period a day lies in: Monday of its week, or the first of its month.</summary>
    public DateOnly StartOf(DateOnly day) => Grain switch
    {
        Grain.Week => day.AddDays(-(((int)day.DayOfWeek + 6) % 7)),
        Grain.Month => new DateOnly(day.Year, day.Month, 1),
        _ => throw new InvalidOperationException($"A KPI has weeks or months, not {Grain}."),
    };

    /// <summary>What the verdict engine is asked.</summary>
    /// <param name="target">Null judges no assurance.</param>
    public MetricSpec ToSpec(TargetPath? target) => new(Name, Kind, Better, Grain, Materiality)
    {
        PointsMin = PointsMin, DenominatorMin = Kind == MetricKind.Rate ? DenominatorMin : 0, DenominatorNoun = DenominatorNoun, IsPerWorkingDay = IsPerWorkingDay,
        SeasonPeriod = Grain == Grain.Week ? 52 : 12, Target = target,
    };
}

/// <summary>One closed or open period of a KPI.</summary>
/// <param name="Version">Of the definition it was computed by.</param>
/// <param name="Line">Of the loaded file it came from; null for facts.</param>
public sealed record KpiValue(DateOnly Start, long? Numerator, long? Denominator, double? Value, string Unit, int Version, Guid? Load = null, int? Line = null)
{
    /// <summary>Share of hits, or the value; null when nothing was counted.</summary>
    public double? Observed => Denominator is { } trials ? trials > 0 ? (double)Numerator.GetValueOrDefault() / trials : null : Value;
}
