using System.Globalization;
using PenguinMails.Insight;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Web.Parts;

namespace PenguinMails.Web.Pages.Oversight;

/// <summary>KPIs in words: values with their unit, directions, targets.</summary>
static class KpiWords
{
    public static Meaning Of(Direction direction) => direction switch
    {
        Direction.Improving => Meaning.Improving,
        Direction.Worsening => Meaning.Worsening,
        Direction.Flat => Meaning.Flat,
        Direction.NotEnoughData => Meaning.NotEnough,
    };

    public static Tone ToneOf(Direction direction) => direction switch
    {
        Direction.Improving => Tone.Good,
        Direction.Worsening => Tone.Bad,
        Direction.Flat => Tone.Quiet,
        Direction.NotEnoughData => Tone.Quiet,
    };

    public static (string Word, Tone Tone) Against(Assurance assurance) => assurance switch
    {
        Assurance.Pass => ("meets it", Tone.Good),
        Assurance.HitOrMiss => ("may or may not", Tone.Warn),
        Assurance.Fail => ("does not meet it", Tone.Bad),
        Assurance.NoTarget => ("no target", Tone.Quiet),
    };

    /// <summary>"97.4 %", "12,400 EUR", "8 domains"; "–" where nothing was counted.</summary>
    public static string Shown(Kpi kpi, KpiValue value) => value.Observed is { } number ? $"{Number(kpi, number)}{(Unit(kpi, value.Unit) is { Length: > 0 } unit ? " " + unit : "")}" : "–";

    /// <summary>On the scale people read: rates in percent.</summary>
    public static double Scaled(Kpi kpi, double value) => kpi.Kind == MetricKind.Rate ? 100 * value : value;

    public static string Unit(Kpi kpi, string unit) => kpi.Kind == MetricKind.Rate || unit == "percent" ? "%" : unit;

    public static string Format(Kpi kpi) => kpi.Kind == MetricKind.Rate ? "0.##" : "#,0.##";

    /// <summary>"week of 2 Nov 2026", "Nov 2026".</summary>
    public static string Period(Kpi kpi, DateOnly start) =>
        kpi.Grain == Grain.Month ? start.ToString("MMM yyyy", CultureInfo.InvariantCulture) : "week of " + start.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    public static string Theme(KpiTheme theme) => theme switch
    {
        KpiTheme.Sending => "Sending",
        KpiTheme.Growth => "Growth",
        KpiTheme.Reliability => "Reliability",
        KpiTheme.People => "People",
        KpiTheme.Finance => "Finance",
    };

    /// <summary>What is worth a sentence, the most urgent first: what got worse, what misses its target, what surprised, what got better.</summary>
    public static IEnumerable<KpiLine> WorthTelling(IEnumerable<KpiLine> lines, int most) => lines.Where(line => line.Verdict is not null).Select(line => (Line: line, Rank: Rank(line.Verdict)))
        .Where(one => one.Rank < 5).OrderBy(one => one.Rank).ThenBy(one => one.Line.Kpi.Theme).Take(most).Select(one => one.Line);

    static int Rank(KpiVerdict? verdict) => verdict switch
    {
        { Announced: Direction.Worsening } => 0,
        { Assurance: Assurance.Fail } => 1,
        { IsSpecial: true, Announced: not Direction.NotEnoughData } => 2,
        { Announced: Direction.Improving } => 3,
        { Announced: Direction.Flat } => 4,
        _ => 5,
    };

    static string Number(Kpi kpi, double value) => Scaled(kpi, value).ToString(Format(kpi), CultureInfo.InvariantCulture);
}
