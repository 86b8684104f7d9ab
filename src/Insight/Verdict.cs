using PenguinMails.Insight.Charts;
using PenguinMails.Insight.Rates;
using PenguinMails.Insight.Steps;

namespace PenguinMails.Insight;

/// <summary>Where a metric is going.</summary>
public enum Direction
{
    /// <summary>A significant, material change towards better.</summary>
    Improving,

    /// <summary>A significant, material change towards worse.</summary>
    Worsening,

    /// <summary>Enough data and no such change.</summary>
    Flat,

    /// <summary>The gate is closed: nothing is claimed.</summary>
    NotEnoughData,
}

/// <summary>How it went there.</summary>
public enum Shape
{
    /// <summary>Nothing is claimed.</summary>
    None,

    /// <summary>Little by little, over the whole window.</summary>
    Trend,

    /// <summary>At once, from one level to another.</summary>
    Step,
}

/// <summary>How far a verdict may be relied upon.</summary>
public enum Confidence
{
    /// <summary>One test only, or a short series with a long memory.</summary>
    Low,

    /// <summary>Both tests agree.</summary>
    Medium,

    /// <summary>Both tests agree strongly, and for a trend both halves of the series move the same way.</summary>
    High,
}

/// <summary>Whether the target will be met when nothing changes.</summary>
public enum Assurance
{
    /// <summary>There is no target, or not enough data.</summary>
    NoTarget,

    /// <summary>The target lies outside the limits on the side that is met.</summary>
    Pass,

    /// <summary>The target lies within the limits: chance decides.</summary>
    HitOrMiss,

    /// <summary>The target lies outside the limits on the other side.</summary>
    Fail,
}

/// <summary>What is known of the season.</summary>
public enum SeasonState
{
    /// <summary>The metric has no cycle to look for.</summary>
    NotSought,

    /// <summary>Less than one cycle and a period.</summary>
    NotKnown,

    /// <summary>Between one cycle and two: last year is shown beside, nothing is corrected.</summary>
    OneYear,

    /// <summary>Two cycles or more, and no significant season.</summary>
    None,

    /// <summary>A significant season; every test compares like with like.</summary>
    Corrected,
}

/// <summary>The numbers behind a verdict; kept with every report so that it can be recomputed.</summary>
/// <param name="Gate">Thresholds and what was there.</param>
/// <param name="EngineVersion">Changes with every change of rule or threshold.</param>
public sealed record Evidence(GateVerdict Gate, string EngineVersion)
{
    /// <summary>Calendar periods from the first to the last point; 0 without points.</summary>
    public int Periods { get; init; }

    /// <summary>True when the tests ran on logarithms.</summary>
    public bool IsLog { get; init; }

    /// <summary>Trend test; of like seasons with their correlation when the season is corrected. Null when the gate is closed.</summary>
    public MannKendallResult? MannKendall { get; init; }

    /// <summary>Trend test without lag-1 memory; null when the gate is closed.</summary>
    public MannKendallResult? PreWhitened { get; init; }

    /// <summary>Lag-1 correlation; null when the gate is closed.</summary>
    public double? LagOne { get; init; }

    /// <summary>Theil-Sen line over the window on the judged scale, position 0 at its first period; null when the gate is closed.</summary>
    public TheilSenLine? Line { get; init; }

    /// <summary>Flat, line or step, weighed; null when the gate is closed.</summary>
    public ShapeWeights? Weights { get; init; }

    /// <summary>Rank test for a step; null when the gate is closed.</summary>
    public PettittResult? Pettitt { get; init; }

    /// <summary>Last period before the best step; null without one.</summary>
    public DateOnly? LastBefore { get; init; }

    /// <summary>What happened since the step, when one is claimed.</summary>
    public Trend SinceStep { get; init; }

    /// <summary>Chance of the claim when nothing changed, for weighing many verdicts at once; 1 when the gate is closed.</summary>
    public double ClaimP { get; init; } = 1;

    /// <summary>Whether the rate varies more than chance allows; rates only.</summary>
    public OverdispersionResult? Overdispersion { get; init; }

    /// <summary>Centre and limits of the last period, on the scale that is shown; null when the gate is closed.</summary>
    public IndividualsLimits? Limits { get; init; }

    /// <summary>Points beyond the limits or in a pattern; positions count calendar periods from the first.</summary>
    public IReadOnlyList<RuleBreak> Rules { get; init; } = [];

    /// <summary>Values that stand far out of their neighbours; shown and kept.</summary>
    public IReadOnlyList<int> Outliers { get; init; } = [];

    /// <summary>What is known of the season.</summary>
    public SeasonState Season { get; init; }

    /// <summary>Last period less the same one a cycle before; null when there is none.</summary>
    public double? YearOnYear { get; init; }

    /// <summary>Growth a period, as a share, when the tests ran on logarithms.</summary>
    public double? Growth { get; init; }

    /// <summary>What the target asks for in the last period; null without one.</summary>
    public double? TargetNow { get; init; }
}

/// <summary>The answer to "is it getting better?": a pure function of the series, the same every time.</summary>
/// <param name="Direction">The claim.</param>
/// <param name="Shape">How; none unless the claim is firm.</param>
/// <param name="Lean">Set only when flat: the plain test sees a trend that the guards do not confirm.</param>
/// <param name="Confidence">In the claim; low when the gate is closed.</param>
/// <param name="Level">Rate over the whole window (0 to 1), or median level; null without data.</param>
/// <param name="LevelInterval">80 % interval of the level; null when too short.</param>
/// <param name="From">Fitted value at the start of the window, or before the step; null when the gate is closed.</param>
/// <param name="To">Fitted value at its end, or after the step.</param>
/// <param name="Delta">To less from, metric's unit.</param>
/// <param name="DeltaInterval">80 % interval of the change.</param>
/// <param name="Since">First period of the window, or of the new level after a step; null without data.</param>
/// <param name="Assurance">Against the target.</param>
/// <param name="LatestIsSpecialCause">True when the last point is more than noise.</param>
/// <param name="Sentence">The claim in plain English, with the numbers.</param>
/// <param name="Evidence">The numbers.</param>
public sealed record Verdict(
    Direction Direction, Shape Shape, Trend Lean, Confidence Confidence, double? Level, Interval? LevelInterval, double? From, double? To,
    double? Delta, Interval? DeltaInterval, DateOnly? Since, Assurance Assurance, bool LatestIsSpecialCause, string Sentence, Evidence Evidence);
