using System.Globalization;

namespace PenguinMails.Insight;

/// <summary>Puts a verdict into plain English sentences; every number comes from the verdict itself.</summary>
static class VerdictSentence
{
    internal static string Judged(Verdict verdict, MetricSpec metric)
    {
        var word = verdict.Direction switch
        {
            Direction.Improving => "improving",
            Direction.Worsening => "worsening",
            Direction.Flat when verdict.Lean == Trend.Rising => "flat, leaning up",
            Direction.Flat when verdict.Lean == Trend.Falling => "flat, leaning down",
            Direction.Flat => "flat",
            Direction.NotEnoughData => throw new ArgumentException("The gate is closed.", nameof(verdict)),
        };
        var evidence = verdict.Evidence;
        return $"{metric.Name} is {word}: {Amount(verdict.From.GetValueOrDefault(), metric)} → {Amount(verdict.To.GetValueOrDefault(), metric)} over " +
            $"{Count(evidence.Periods, metric.Grain)} ({Change(verdict, metric)});{How(verdict)} " +
            $"{verdict.Confidence.ToString().ToLowerInvariant()} confidence ({Base(evidence.Gate, metric)}).{Promise(verdict, metric)}{Season(evidence, metric)}";
    }

    internal static string NotEnough(Verdict verdict, MetricSpec metric)
    {
        var gate = verdict.Evidence.Gate;
        var (floor, few) = (Math.Max(MetricSpec.PointsFloor, metric.PointsMin), gate.Points > 0 && gate.Coverage < metric.CoverageMin);
        // "19 of 12 months" says nothing to anybody; then the gaps are what is missing.
        var have = gate.Points >= floor && few ? Count(gate.Points, metric.Grain) : $"{gate.Points} of {Count(floor, metric.Grain)}";
        if (metric.IsRate) have += $", {Whole(gate.Denominator)} of {Whole(metric.DenominatorMin)} {metric.DenominatorNoun}";
        if (few) have += $", {Percent(gate.Coverage)} of the calendar filled where {Percent(metric.CoverageMin)} are needed";
        return $"{metric.Name} is not yet judgeable: {have}. {When(gate, metric)}{SoFar(verdict, metric)}";
    }

    static string How(Verdict verdict) => verdict.Shape switch
    {
        Shape.Trend => " a steady trend;",
        Shape.Step => $" a step {(verdict.To > verdict.From ? "up" : "down")} on {Day(verdict.Since)} (last before: {Day(verdict.Evidence.LastBefore)}), {Since(verdict.Evidence.SinceStep)} since;",
        Shape.None => "",
    };

    static string Since(Trend trend) => trend switch { Trend.None => "flat", Trend.Rising => "rising", Trend.Falling => "falling" };

    static string Promise(Verdict verdict, MetricSpec metric)
    {
        if (verdict.Assurance == Assurance.NoTarget) return "";
        var what = metric.Better == Better.Band && metric.Band is { } band
            ? $"band of {Amount(band.Low, metric)} to {Amount(band.High, metric)}"
            : $"{metric.Target?.Name} of {Amount(verdict.Evidence.TargetNow.GetValueOrDefault(), metric)}{(metric.Target is { Points.Count: > 1 } ? " by now" : "")}";
        var will = verdict.Assurance switch { Assurance.Pass => "will meet it", Assurance.Fail => "will not meet it", _ => "may or may not meet it" };
        return $" Against the {what}: {will}, if nothing changes.";
    }

    static string Season(Evidence evidence, MetricSpec metric) => evidence.Season switch
    {
        SeasonState.NotKnown => " Season not yet known.",
        SeasonState.OneYear when evidence.YearOnYear is { } change => $" Against one cycle before: {Signed(change, metric)}{Points(metric)}; season not yet known.",
        SeasonState.OneYear => " Season not yet known.",
        _ => "",
    };

    static string When(GateVerdict gate, MetricSpec metric) => gate switch
    {
        { PeriodsToWait: null } => "Not at this pace.",
        { OpensOn: { } day } => $"Enough around {day.ToString("O", CultureInfo.InvariantCulture)} at this pace.",
        _ => $"Enough after {Count(gate.PeriodsToWait.GetValueOrDefault(), metric.Grain)}.",
    };

    static string SoFar(Verdict verdict, MetricSpec metric)
    {
        if (verdict.Level is not { } level) return "";
        var range = verdict.LevelInterval is { } interval
            ? $" (80 %: {Amount(interval.Low, metric)} to {Amount(interval.High, metric)})"
            : "";
        return $" So far {Amount(level, metric)}{range}.";
    }

    static string Change(Verdict verdict, MetricSpec metric)
    {
        var text = Signed(verdict.Delta.GetValueOrDefault(), metric) + Points(metric);
        if (verdict.DeltaInterval is { } interval) text += $", 80 %: {Signed(interval.Low, metric)} to {Signed(interval.High, metric)}";
        if (verdict.Shape == Shape.Trend && verdict.Evidence.Growth is { } growth)
            text += $", {(growth < 0 ? "−" : "+")}{Percent(Math.Abs(growth))} a {Noun(metric.Grain)}";
        return text;
    }

    static string Points(MetricSpec metric) => metric.IsRate ? " points" : "";

    static string Base(GateVerdict gate, MetricSpec metric) => metric.IsRate
        ? $"{Count(gate.Points, metric.Grain)}, {Whole(gate.Denominator)} {metric.DenominatorNoun}"
        : Count(gate.Points, metric.Grain);

    static string Amount(double value, MetricSpec metric) => metric.IsRate
        ? Percent(value)
        : (value < 0 ? "−" : "") + Written(Math.Abs(value));

    // Two decimals of a price of two cents hide the change.
    static string Written(double value) => value.ToString(value < 1 ? "0.####" : "#,0.##", CultureInfo.InvariantCulture);

    static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    static string Signed(double value, MetricSpec metric)
    {
        var text = metric.IsRate
            ? (100 * Math.Abs(value)).ToString("0.0", CultureInfo.InvariantCulture)
            : Written(Math.Abs(value));
        return text.Trim('0', '.', ',').Length == 0 ? text : (value < 0 ? "−" : "+") + text;
    }

    static string Day(DateOnly? day) => day?.ToString("O", CultureInfo.InvariantCulture) ?? "";

    static string Whole(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    static string Noun(Grain grain) => grain switch
    {
        Grain.Day => "day",
        Grain.Week => "week",
        Grain.Month => "month",
        Grain.Quarter => "quarter",
        Grain.Year => "year",
    };

    static string Count(int count, Grain grain) => count == 1 ? $"1 {Noun(grain)}" : $"{Whole(count)} {Noun(grain)}s";
}
