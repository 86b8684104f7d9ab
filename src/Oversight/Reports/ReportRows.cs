using System.Globalization;
using PenguinMails.Insight;
using PenguinMails.Oversight.Kpis;

namespace PenguinMails.Oversight.Reports;

/// <summary>Chooses the figures of a report and puts each into a row.</summary>
static class ReportRows
{
    /// <summary>As many as a page holds.</summary>
    public const int Max = 12;

    const int TrendPeriods = 24;
    const int Weeks = 6;

    /// <summary>Figures the plan has targets for first, then those with a verdict, then those that only have values.</summary>
    public static IReadOnlyList<ReportRow> Of(ReportFacts facts)
    {
        var asked = facts.Kpis.Where(kpi => Belongs(facts.Kind, kpi)).Select(kpi => (Kpi: kpi, Target: PlanTargets.Of(facts.Plan, kpi), Values: facts.Closed(kpi).ToList(), Verdict: facts.Verdicts.GetValueOrDefault(kpi.Key)))
            .Where(one => one.Target is not null || one.Values.Count > 0);
        return [.. asked.OrderBy(one => Rank(one.Target, one.Values.Count, one.Verdict)).Take(Max).Select(one => Row(facts, one.Kpi, one.Target, one.Values, one.Verdict))];
    }

    static bool Belongs(ReportKind kind, Kpi kpi) => kind switch
    {
        ReportKind.Finance => kpi.Theme == KpiTheme.Finance,
        ReportKind.Operations => kpi.Theme != KpiTheme.Finance,
        _ => true,
    };

    // The movements of recurring revenue have a picture of their own.
    static int Rank(TargetPath? target, int values, KpiVerdict? verdict) =>
        (target is not null && values > 0 ? 0 : 1) + (verdict is { Announced: not Direction.NotEnoughData } ? 0 : 2) + (verdict?.Kpi is { } key && key.StartsWith("mrr_", StringComparison.Ordinal) ? 8 : 0) + (values > 0 ? 0 : 4);

    static ReportRow Row(ReportFacts facts, Kpi kpi, TargetPath? target, List<KpiValue> values, KpiVerdict? verdict)
    {
        var last = values.Count > 0 ? values[^1] : null;
        var unit = last?.Unit ?? kpi.Unit;
        double? actual = last?.Observed is { } observed ? FigureText.Scaled(kpi, observed) : null;
        double? plan = target is null ? null : FigureText.Scaled(kpi, target.At(last?.Start ?? facts.From));
        var isShown = verdict is { Shape: "none" };
        return new ReportRow(
            kpi.Key, kpi.Name, FigureText.Unit(kpi, unit), last is null ? "" : FigureText.Period(kpi, last.Start), verdict?.Announced ?? Direction.NotEnoughData, verdict?.Assurance ?? Assurance.NoTarget, verdict is null ? null : IdOf(verdict),
            actual, plan, actual is { } shown ? FigureText.Amount(kpi, shown, unit) : "–", plan is { } wanted ? FigureText.Amount(kpi, wanted, unit) : "–", actual is { } is_ && plan is { } should ? FigureText.Delta(kpi, is_, should, unit) : "–",
            IsGood(kpi, actual, plan), facts.Kind == ReportKind.Operations ? Recent(kpi, values, facts) : Trend(kpi, values), isShown ? Limit(kpi, verdict?.LimitLow) : null, isShown ? Limit(kpi, verdict?.LimitHigh) : null,
            facts.Kind == ReportKind.Operations ? Months(kpi, values, facts) : [], Sentence(facts, kpi, values.Count, verdict));
    }

    /// <summary>As reports cite verdicts: figure and last period looked at.</summary>
    public static string IdOf(KpiVerdict verdict) => string.Create(CultureInfo.InvariantCulture, $"{verdict.Kpi}@{verdict.Through:yyyy-MM-dd}");

    static double? Limit(Kpi kpi, double? limit) => limit is { } known ? FigureText.Scaled(kpi, known) : null;

    static bool? IsGood(Kpi kpi, double? actual, double? plan) => actual is { } known && plan is { } wanted && known != wanted ? kpi.Better == Better.Up == known > wanted : null;

    static IReadOnlyList<TrendPoint> Trend(Kpi kpi, List<KpiValue> values)
    {
        if (values.Count == 0) return [];
        var byStart = values.ToDictionary(value => value.Start);
        var periods = Enumerable.Range(1 - TrendPeriods, TrendPeriods).Select(back => kpi.Grain.Add(values[^1].Start, back)).SkipWhile(start => start < values[0].Start);
        return [.. periods.Select(start => new TrendPoint(FigureText.Short(kpi, start), byStart.GetValueOrDefault(start)?.Observed is { } value ? FigureText.Scaled(kpi, value) : null))];
    }

    // Six weeks up to the report's own, whether there is a value or not: the layout is the same every week.
    static IReadOnlyList<TrendPoint> Recent(Kpi kpi, List<KpiValue> values, ReportFacts facts)
    {
        if (kpi.Grain != Grain.Week) return [];
        var byStart = values.ToDictionary(value => value.Start);
        return [.. Enumerable.Range(1 - Weeks, Weeks).Select(back => facts.From.AddDays(7 * back)).Select(start => new TrendPoint(FigureText.Short(kpi, start), byStart.GetValueOrDefault(start)?.Observed is { } value ? FigureText.Scaled(kpi, value) : null))];
    }

    // A week belongs to the month it begins in. Hits and cases are added up; everything else is the mean of its weeks, so that both halves share one scale.
    static IReadOnlyList<TrendPoint> Months(Kpi kpi, List<KpiValue> values, ReportFacts facts)
    {
        var first = new DateOnly(facts.To.Year, facts.To.Month, 1).AddMonths(-11);
        var months = values.ToLookup(value => new DateOnly(value.Start.Year, value.Start.Month, 1));
        return [.. Enumerable.Range(0, 12).Select(first.AddMonths).Select(month => new TrendPoint(month.ToString("MMM", CultureInfo.InvariantCulture), Joined(kpi, [.. months[month]])))];
    }

    static double? Joined(Kpi kpi, List<KpiValue> values)
    {
        if (values.Count == 0) return null;
        if (kpi.Kind == MetricKind.Rate) return values.Sum(value => value.Denominator.GetValueOrDefault()) is > 0 and var trials ? 100.0 * values.Sum(value => value.Numerator.GetValueOrDefault()) / trials : null;
        var known = values.Select(value => value.Value).OfType<double>().ToList();
        return known.Count == 0 ? null : known.Average();
    }

    static string Sentence(ReportFacts facts, Kpi kpi, int values, KpiVerdict? verdict)
    {
        if (values == 0) return "The plan asks for it; no value is there yet.";
        if (verdict is null) return $"Not judged by the end of {ReportPeriods.Words(facts.Kind, facts.From, facts.Today)}.";
        if (verdict.Announced == Direction.NotEnoughData) return Missing(kpi, verdict);
        var text = verdict.Announced == verdict.Direction ? Shortened(kpi, verdict) : $"{Word(verdict.Announced)} as announced; the last period alone says {Word(verdict.Direction).ToLowerInvariant()}.";
        return text + verdict.Assurance switch
        {
            Assurance.Pass => " Will meet the plan, if nothing changes.",
            Assurance.Fail => " Will not meet the plan, if nothing changes.",
            Assurance.HitOrMiss => " May or may not meet the plan.",
            Assurance.NoTarget => "",
        } + (verdict.IsSpecial ? " The last period is more than noise." : "");
    }

    static string Shortened(Kpi kpi, KpiVerdict verdict)
    {
        var confidence = $"{verdict.Confidence} confidence";
        if (verdict is not { From: { } from, To: { } to }) return $"{Word(verdict.Announced)}, {confidence}.";
        var change = $"{FigureText.Number(kpi, FigureText.Scaled(kpi, from))} → {FigureText.Number(kpi, FigureText.Scaled(kpi, to))}{(kpi.Kind == MetricKind.Rate || kpi.Unit == "percent" ? " %" : "")} over {verdict.Evidence.Points} {(kpi.Grain == Grain.Month ? "months" : "weeks")}";
        var how = verdict.Shape switch { "step" => $", a step in {FigureText.Period(kpi, verdict.Since ?? verdict.Through)}", "trend" => ", a steady trend", _ => "" };
        return $"{Word(verdict.Announced)}: {change}{how}; {confidence}.";
    }

    static string Missing(Kpi kpi, KpiVerdict verdict)
    {
        var parts = new List<string>();
        if (verdict.PointsMissing > 0) parts.Add($"{verdict.PointsMissing} more {(kpi.Grain == Grain.Month ? "month" : "week")}{(verdict.PointsMissing == 1 ? "" : "s")}");
        if (verdict.TrialsMissing > 0) parts.Add(string.Create(CultureInfo.InvariantCulture, $"{verdict.TrialsMissing:N0} more {kpi.DenominatorNoun}"));
        if (parts.Count == 0) parts.Add("periods without a gap");
        return $"Not enough data: {string.Join(" and ", parts)} needed{(verdict.OpensOn is { } day ? $", there about {day.ToString("d MMMM yyyy", CultureInfo.InvariantCulture)}" : "")}.";
    }

    internal static string Word(Direction direction) => direction switch
    {
        Direction.Improving => "Improving",
        Direction.Worsening => "Worsening",
        Direction.Flat => "Flat",
        Direction.NotEnoughData => "Not enough data",
    };
}
