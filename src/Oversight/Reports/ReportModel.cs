using PenguinMails.Insight;

namespace PenguinMails.Oversight.Reports;

/// <summary>Board: one page a month. Finance: money against plan, a month. Operations: six weeks and twelve months, a week. Weekly: at most 120 words for one person, a week.</summary>
public enum ReportKind { Board, Finance, Operations, Weekly }

/// <summary>Whether a sentence that asserts a direction rests on a stored verdict.</summary>
public enum Support
{
    /// <summary>Asserts no direction.</summary>
    NoClaim,

    /// <summary>The verdict of the figure it names says the same.</summary>
    Supported,

    /// <summary>No verdict says so.</summary>
    Unsupported,
}

/// <summary>Everything a report says. HTML, CSV, PDF and mail are written from it and from nothing else.</summary>
/// <param name="Bridge">What moved recurring revenue; null when its movements are not there, and then <paramref name="BridgeMissing"/> says why.</param>
/// <param name="Outlooks">What was expected of the next period, so that a later report can count how often that held.</param>
public sealed record ReportModel(
    ReportHeader Header, IReadOnlyList<ReportSentence> Narrative, IReadOnlyList<ReportRow> Rows, ReportBridge? Bridge, string? BridgeMissing, PlanStrip? Plan, IReadOnlyList<ReportRisk> Risks,
    IReadOnlyList<string> Asks, IReadOnlyList<BudgetLine> Budget, string? BudgetMissing, IReadOnlyList<Outlook> Outlooks, ReportFooter Footer);

/// <param name="Period">In words: "October 2026", "week of 16 November 2026".</param>
/// <param name="DataAsOf">The data cut: what was counted or judged later is not in it.</param>
/// <param name="Complete">Figures with a value for their newest closed period.</param>
/// <param name="Expected">Figures that have values at all.</param>
/// <param name="Late">Names of those without.</param>
public sealed record ReportHeader(ReportKind Kind, string Title, string Period, DateOnly From, DateOnly To, DateTimeOffset DataAsOf, int Complete, int Expected, IReadOnlyList<string> Late);

/// <param name="Part">situation, change, cause, outlook, ask, or added for one that a person wrote.</param>
/// <param name="Verdicts">Stored verdicts it rests on, as <c>acceptance@2026-10-19</c>.</param>
/// <param name="Why">Why it is not supported; null when it is or needs none.</param>
public sealed record ReportSentence(string Part, string Text, IReadOnlyList<string> Verdicts, Support Support, string? Why);

/// <summary>One figure.</summary>
/// <param name="Period">Of the actual value.</param>
/// <param name="Verdict">Stored verdict, as <c>acceptance@2026-10-19</c>; null when none was there by the end of the period.</param>
/// <param name="Actual">On the scale people read, rates in percent; null when nothing was counted.</param>
/// <param name="DeltaIsGood">Whether actual less plan is in favour; null without a plan or on it.</param>
/// <param name="Trend">The last 24 periods, oldest first; null where nothing was counted.</param>
/// <param name="Low">Natural limits; null where a trend or step is claimed, because then earlier periods had others.</param>
/// <param name="Months">Twelve months, of reports for operations; empty otherwise.</param>
public sealed record ReportRow(
    string Kpi, string Name, string Unit, string Period, Direction Direction, Assurance Assurance, string? Verdict, double? Actual, double? Plan, string ActualText, string PlanText, string DeltaText,
    bool? DeltaIsGood, IReadOnlyList<TrendPoint> Trend, double? Low, double? High, IReadOnlyList<TrendPoint> Months, string Sentence);

/// <param name="Label">Short, such as "2 Nov" or "Oct 2026".</param>
public sealed record TrendPoint(string Label, double? Value);

/// <summary>Recurring revenue from the start of the month to its end.</summary>
/// <param name="Steps">Start, new, expansion, reactivation, contraction, churn, end; losses are negative.</param>
/// <param name="Residue">End less everything else: 0 when the movements add up.</param>
public sealed record ReportBridge(string Currency, IReadOnlyList<BridgeStep> Steps, double Residue);

public sealed record BridgeStep(string Name, double Amount, bool IsTotal);

/// <summary>The plan's own state on the day of the data cut.</summary>
public sealed record PlanStrip(IReadOnlyList<PlanCount> Counts, IReadOnlyList<string> Lines);

/// <param name="Word">done, slipped, new, contradictions.</param>
public sealed record PlanCount(string Word, int Count, string About);

/// <param name="Distance">How near its indicator is to its trigger, in words.</param>
public sealed record ReportRisk(string Title, string Weight, string Distance);

/// <summary>A line of a budget against what was spent.</summary>
/// <param name="Actual">Money in the month, in the currency's own unit.</param>
public sealed record BudgetLine(string Line, string Currency, double Actual, double Planned, string? Note);

/// <summary>80 % interval for the period after the last closed one.</summary>
/// <param name="Start">First day of the period spoken of.</param>
public sealed record Outlook(string Kpi, DateOnly Start, double Low, double High);

/// <param name="Definitions">Hash over keys and versions of all definitions.</param>
/// <param name="Builder">Version of the rules of reports themselves.</param>
/// <param name="HitRate">How often the outlooks of the last six reports held.</param>
public sealed record ReportFooter(string Definitions, string Engine, string Builder, string? PlanSha256, string? PlanVersion, string HitRate);
