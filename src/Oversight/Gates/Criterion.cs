using PenguinMails.Insight;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Gates;

/// <summary>One condition of a gate, as the plan writes it.</summary>
/// <param name="Key">What evidence names it by: its metric or check; with " 2" for the second of one name.</param>
/// <param name="Words">For people: "Uptime ≥ 99 percent over P30D".</param>
sealed record Criterion(string Key, string Words, string? Metric, Quantity? Wanted, Span? Window, bool? IsMetByPlan)
{
    public static IReadOnlyList<Criterion> Of(Plan plan, PlanObject gate)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        return [.. gate.Spec.List("all").OfType<MapNode>().Select(part =>
        {
            var name = part.Text("metric") ?? part.Text("check") ?? "criterion";
            var nth = seen[name] = seen.GetValueOrDefault(name) + 1;
            var wanted = Quantity.Of(part["quantity"]);
            Span? window = Span.TryParse(part.Text("window") ?? "", out var span) ? span : null;
            var title = plan.Find("Metric", part.Text("metric"))?.Title ?? name;
            return new Criterion(nth == 1 ? name : $"{name} {nth}", $"{title}{(wanted is null ? "" : " " + wanted)}{(window is { } over ? $" over {over}" : "")}", part.Text("metric"), wanted, window,
                part.Text("met") switch { "true" => true, "false" => false, _ => null });
        })];
    }
}

/// <summary>What a figure says of a condition.</summary>
/// <param name="Holds">Null while nothing can be said.</param>
/// <param name="Through">Last period looked at.</param>
public sealed record Measured(bool? Holds, string Sentence, string Kpi, DateOnly? Through)
{
    /// <summary>Holds the closed values against what is wanted: a rate as one over its window, everything else in each period of it.</summary>
    internal static Measured Of(Kpi kpi, IReadOnlyList<KpiValue> closed, Quantity? wanted, Span? window, DateOnly today)
    {
        if (closed.Count == 0) return new(null, $"{kpi.Name} has no closed period yet.", kpi.Key, null);
        var last = closed[^1];
        var looked = window is { } span ? [.. closed.Where(value => span.After(value.Start) > last.Start)] : new List<KpiValue> { last };
        if (window is { } whole && whole.After(closed[0].Start) > kpi.EndOf(last.Start).AddDays(1)) return new(null, $"{kpi.Name} is not known for as long as {whole}.", kpi.Key, last.Start);
        if (Ends(kpi, wanted) is not { } ends) return new(null, $"{kpi.Name} cannot be compared with {wanted?.ToString() ?? "nothing"}.", kpi.Key, last.Start);
        var (shown, holds) = kpi.Kind == MetricKind.Rate ? Pooled(looked, ends) : (Worst(looked, ends), looked.All(value => IsWithin(value.Observed.GetValueOrDefault(), ends)));
        return new(holds, $"{kpi.Name} {(looked.Count > 1 && kpi.Kind != MetricKind.Rate ? "was" : "is")} {KpiText.Show(kpi, shown, last.Unit)}{(looked.Count > 1 ? $" over {looked.Count} periods" : "")} up to {kpi.EndOf(last.Start).Text()}.", kpi.Key, last.Start);
    }

    // "99 percent" of something that should be high means at least 99: nobody wants it to be exact.
    static (double Low, double High)? Ends(Kpi kpi, Quantity? wanted)
    {
        if (wanted is null || PlanTargets.Scaled(wanted.Low, wanted.Unit, kpi) is not { } low || PlanTargets.Scaled(wanted.High, wanted.Unit, kpi) is not { } high) return null;
        return (wanted.Bound, kpi.Better) switch
        {
            (Bound.AtLeast, _) or (Bound.Equal, Better.Up) or (Bound.Between, Better.Up) => (low, double.PositiveInfinity),
            (Bound.AtMost, _) or (Bound.Equal, Better.Down) or (Bound.Between, Better.Down) => (double.NegativeInfinity, high),
            _ => (low, high),
        };
    }

    static (double Shown, bool Holds) Pooled(List<KpiValue> looked, (double Low, double High) ends)
    {
        var share = (double)looked.Sum(value => value.Numerator.GetValueOrDefault()) / looked.Sum(value => value.Denominator.GetValueOrDefault());
        return (share, IsWithin(share, ends));
    }

    static double Worst(List<KpiValue> looked, (double Low, double High) ends) =>
        looked.Select(value => value.Observed.GetValueOrDefault()).OrderByDescending(value => Math.Max(ends.Low - value, value - ends.High)).First();

    // 99.9 percent as a fraction is not exactly 0.999.
    static bool IsWithin(double value, (double Low, double High) ends)
    {
        var slack = 1e-9 * Math.Max(1, Math.Abs(value));
        return value >= ends.Low - slack && value <= ends.High + slack;
    }
}
