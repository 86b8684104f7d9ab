using PenguinMails.Insight;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Risks;

/// <summary>When an indicator warns: at a value, or when its direction is the one named.</summary>
/// <param name="Value">On the scale of the figure; null for a direction.</param>
/// <param name="IsAbove">The trigger is passed at or above the value; else at or below it.</param>
sealed record Trigger(double? Value, bool IsAbove, Direction? Direction)
{
    /// <summary>"worsening", "&lt; 80 %", "&gt;= 500", or a bare number, which is passed on the figure's bad side. Null when it is none of these or its unit is not the figure's.</summary>
    public static Trigger? Parse(string? text, Kpi kpi)
    {
        var word = text?.Trim().ToLowerInvariant() ?? "";
        if (word is "worsening" or "worse" or "degrading") return new(null, false, Insight.Direction.Worsening);
        if (word is "improving" or "better") return new(null, false, Insight.Direction.Improving);
        if (word is "down" or "falling") return new(null, false, kpi.Better == Better.Down ? Insight.Direction.Improving : Insight.Direction.Worsening);
        if (word is "up" or "rising") return new(null, false, kpi.Better == Better.Down ? Insight.Direction.Worsening : Insight.Direction.Improving);
        var written = word.Replace("below", "<", StringComparison.Ordinal).Replace("under", "<", StringComparison.Ordinal).Replace("above", ">", StringComparison.Ordinal).Replace("over", ">", StringComparison.Ordinal);
        if (Quantity.Of(new ScalarNode(default, written, quoted: true)) is not { IsRange: false } quantity || PlanTargets.Scaled(quantity.Low, quantity.Unit, kpi) is not { } value) return null;
        return new(value, quantity.Bound switch { Bound.AtLeast => true, Bound.AtMost => false, _ => kpi.Better == Better.Down }, null);
    }
}

/// <summary>How far an indicator of a risk is from its trigger.</summary>
/// <param name="Metric">As the plan names it.</param>
/// <param name="Kpi">Key of the figure; null when nothing here measures it.</param>
/// <param name="Margin">What is left to the trigger in the figure's unit; 0 or below when it is passed; null without a number.</param>
/// <param name="Share">The margin as a share of the trigger; null where the trigger is 0 or a direction.</param>
/// <param name="IsPassed">Null while nothing can be said.</param>
/// <param name="Since">First period of those in a row that passed it.</param>
public sealed record IndicatorLine(string Metric, string? Kpi, string? Trigger, double? Value, double? Margin, double? Share, bool? IsPassed, DateOnly? Since, string Sentence)
{
    /// <summary>Nearer than a fifth of the trigger's value, or past it.</summary>
    public bool IsNear => IsPassed == true || Share <= NearShare;

    const double NearShare = 0.2;

    internal static IndicatorLine Of(string metric, string? written, Kpi? kpi, IReadOnlyList<KpiValue> closed, KpiVerdict? verdict)
    {
        if (kpi is null) return new(metric, null, written, null, null, null, null, null, "No figure here measures it; name one in the Metric (kpi: …) to have it watched.");
        if (Risks.Trigger.Parse(written, kpi) is not { } trigger) return new(metric, kpi.Key, written, null, null, null, null, null, $"The trigger {written ?? "is missing and"} cannot be compared with {kpi.Name}; write a value with its unit, or worsening.");
        if (trigger.Direction is { } direction) return OfDirection(metric, written, kpi, direction, verdict);
        if (closed.Count == 0) return new(metric, kpi.Key, written, null, null, null, null, null, $"{kpi.Name} has no closed period yet.");
        var (value, limit) = (closed[^1].Observed.GetValueOrDefault(), trigger.Value.GetValueOrDefault());
        var margin = Left(trigger, value);
        var isPassed = margin <= 0;
        DateOnly? since = isPassed ? closed.Reverse().TakeWhile(one => Left(trigger, one.Observed.GetValueOrDefault()) <= 0).Last().Start : null;
        var told = $"{kpi.Name} is {KpiText.Show(kpi, value, closed[^1].Unit)}; the trigger is {KpiText.Show(kpi, limit, closed[^1].Unit)}";
        return new(metric, kpi.Key, written, value, margin, limit == 0 ? null : margin / Math.Abs(limit), isPassed, since, isPassed ? $"{told}, and it is passed." : $"{told}, {KpiText.Difference(kpi, margin, closed[^1].Unit).TrimStart('+')} away.");
    }

    // 99.9 percent as a fraction is not exactly 0.999: what is left of that is nothing.
    static double Left(Trigger trigger, double value)
    {
        var limit = trigger.Value.GetValueOrDefault();
        var left = trigger.IsAbove ? limit - value : value - limit;
        return Math.Abs(left) <= 1e-9 * Math.Max(1, Math.Abs(limit)) ? 0 : left;
    }

    static IndicatorLine OfDirection(string metric, string? written, Kpi kpi, Direction direction, KpiVerdict? verdict)
    {
        if (verdict is null || verdict.Announced == Direction.NotEnoughData) return new(metric, kpi.Key, written, null, null, null, null, null, verdict?.Sentence ?? $"{kpi.Name} has no closed period yet.");
        var isPassed = verdict.Announced == direction;
        return new(metric, kpi.Key, written, verdict.Level, null, null, isPassed, isPassed ? verdict.Since : null, verdict.Sentence);
    }
}
