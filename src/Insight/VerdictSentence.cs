using System.Globalization;

namespace PenguinMails.Insight;

/// <summary>Puts a verdict into one plain English sentence; every number comes from the verdict itself.</summary>
static class VerdictSentence
{
    internal static string Judged(Verdict verdict, MetricSpec metric, int periods)
    {
        var line = verdict.Evidence.Line;
        if (line is null) throw new ArgumentException("A judged verdict has a line.", nameof(verdict));
        var word = verdict.Direction switch
        {
            Direction.Improving => "improving",
            Direction.Worsening => "worsening",
            Direction.Flat when verdict.Lean == Trend.Rising => "flat, leaning up",
            Direction.Flat when verdict.Lean == Trend.Falling => "flat, leaning down",
            Direction.Flat => "flat",
            Direction.NotEnoughData => throw new ArgumentException("The gate is closed.", nameof(verdict)),
        };
        var from = Amount(Shown(line.At(0), metric), metric);
        var to = Amount(Shown(line.At(periods - 1), metric), metric);
        return $"{metric.Name} is {word}: {from} → {to} over {Count(periods, metric.Grain)} ({Change(verdict, metric)}); " +
            $"{verdict.Confidence.ToString().ToLowerInvariant()} confidence ({Base(verdict.Evidence.Gate, metric)}).";
    }

    internal static string NotEnough(Verdict verdict, MetricSpec metric)
    {
        var gate = verdict.Evidence.Gate;
        var have = $"{gate.Points} of {Count(metric.PointsMin, metric.Grain)}";
        if (metric.IsRate) have += $", {Whole(gate.Denominator)} of {Whole(metric.DenominatorMin)} {metric.DenominatorNoun}";
        if (gate.Points > 0 && gate.Coverage < metric.CoverageMin) have += $", {Amount(gate.Coverage, metric with { IsRate = true })} of the calendar filled";
        return $"{metric.Name} is not yet judgeable: {have}. {When(gate, metric)}{SoFar(verdict, metric)}";
    }

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
        var unit = metric.IsRate ? " points" : "";
        var text = Signed(verdict.Delta.GetValueOrDefault(), metric) + unit;
        return verdict.DeltaInterval is { } interval
            ? $"{text}, 80 %: {Signed(interval.Low, metric)} to {Signed(interval.High, metric)}"
            : text;
    }

    static string Base(GateVerdict gate, MetricSpec metric) => metric.IsRate
        ? $"{Count(gate.Points, metric.Grain)}, {Whole(gate.Denominator)} {metric.DenominatorNoun}"
        : Count(gate.Points, metric.Grain);

    // The fitted line of a rate may leave 0 to 1 at its ends; nobody should read "101 %".
    static double Shown(double value, MetricSpec metric) => metric.IsRate ? Math.Clamp(value, 0, 1) : value;

    static string Amount(double value, MetricSpec metric) => metric.IsRate
        ? (100 * value).ToString("0.0", CultureInfo.InvariantCulture) + " %"
        : value.ToString("#,0.##", CultureInfo.InvariantCulture);

    static string Signed(double value, MetricSpec metric)
    {
        var text = metric.IsRate
            ? (100 * Math.Abs(value)).ToString("0.0", CultureInfo.InvariantCulture)
            : Math.Abs(value).ToString("#,0.##", CultureInfo.InvariantCulture);
        return text.Trim('0', '.', ',').Length == 0 ? text : (value < 0 ? "−" : "+") + text;
    }

    static string Whole(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    static string Count(int count, Grain grain)
    {
        var noun = grain switch { Grain.Day => "day", Grain.Week => "week", Grain.Month => "month" };
        return count == 1 ? $"1 {noun}" : $"{Whole(count)} {noun}s";
    }
}
