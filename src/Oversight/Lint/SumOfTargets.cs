using PenguinMails.Oversight.Plans;
using static PenguinMails.Oversight.Lint.LintedPlan;

namespace PenguinMails.Oversight.Lint;

/// <summary>R01 across targets: segments against the whole, and the stretches that fill a longer one.</summary>
static class SumOfTargets
{
    const decimal Tolerance = 0.02m;

    static readonly string[] Additive = ["mrr", "arr", "customers", "revenue", "volume", "cost", "headcount"];

    public static IEnumerable<Finding> Check(LintedPlan plan) => [.. Segments(plan), .. Stretches(plan)];

    // Less than the whole may belong to segments without a target, until every segment of the plan has one.
    static IEnumerable<Finding> Segments(LintedPlan plan)
    {
        var all = plan.Plan.Of("Segment").Where(segment => !plan.IsSuperseded(segment)).ToList();
        foreach (var whole in plan.Aims.Where(aim => !aim.IsGate && aim.Segment.Length == 0 && aim.Due is not null && Additive.Contains(plan.RoleOf(aim.Metric))))
        {
            var parts = plan.Aims.Where(aim => aim.Metric == whole.Metric && aim.Segment.Length > 0 && aim.Due?.End == whole.Due?.End && aim.Due?.FirstEnd == whole.Due?.FirstEnd && aim.Quantity.SameMeasure(whole.Quantity)).DistinctBy(aim => aim.Segment).ToList();
            if (parts.Count < 2) continue;
            var complete = all.Count > 0 && all.All(segment => parts.Any(part => part.Segment == segment.Name || part.Segment.Equals(segment.Title.Trim(), StringComparison.OrdinalIgnoreCase)));
            if (Compare(plan, whole, parts, complete, $"The segments of {plan.MetricOf(whole)?.Title ?? whole.Metric} by {whole.Due}") is { } finding) yield return finding;
        }
    }

    // Four quarters, each counted on its own, against the year they make.
    static IEnumerable<Finding> Stretches(LintedPlan plan)
    {
        foreach (var group in plan.Aims.Where(plan.IsFlow).GroupBy(aim => (aim.Metric, aim.Segment)))
            foreach (var whole in group.Where(aim => !aim.IsGate))
            {
                var parts = group.Where(aim => aim.Due is { } due && whole.Due is { } of && due.Days < of.Days && of.Start <= due.Start && due.End <= of.End && aim.Quantity.SameMeasure(whole.Quantity)).OrderBy(aim => aim.Due?.Start).ToList();
                var filled = parts.Count > 1 && parts[0].Due?.Start == whole.Due?.Start && parts[^1].Due?.End == whole.Due?.End && parts.Zip(parts.Skip(1)).All(pair => pair.First.Due?.End.AddDays(1) == pair.Second.Due?.Start);
                if (filled && Compare(plan, whole, parts, complete: true, $"{plan.MetricOf(whole)?.Title ?? whole.Metric} in {whole.Due}") is { } finding) yield return finding;
            }
    }

    static Finding? Compare(LintedPlan plan, Aim whole, IReadOnlyList<Aim> parts, bool complete, string what)
    {
        // What a stretch brings in all, or a rate in the unit of the whole.
        decimal Amount(Aim aim, decimal basic) => basic * ((plan.IsFlow(aim) ? aim : whole).Quantity.Unit.PerDays ?? 1) / whole.Quantity.Unit.Scale;
        var (low, high) = (parts.Sum(part => Amount(part, part.Quantity.BasicLow)), parts.Sum(part => Amount(part, part.Quantity.BasicHigh)));
        var (bound, own) = (whole.Quantity.Bound, whole.Quantity);
        // A floor of floors and a ceiling of ceilings add up like points; otherwise a bound leaves room on its open side.
        var alike = parts.All(part => part.Quantity.Bound == bound);
        var above = low > own.High * (1 + Tolerance) && (alike || bound != Bound.AtLeast);
        var below = complete && high < own.Low * (1 - Tolerance) && (alike || bound != Bound.AtMost);
        if (!above && !below) return null;
        var sum = low == high ? NumberText.Show(decimal.Round(low, 2)) : $"{NumberText.Show(decimal.Round(low, 2))} to {NumberText.Show(decimal.Round(high, 2))}";
        return Found("R01", Severity.Error, $"{what} differs from its parts", $"{what}: {string.Join(" + ", parts.Select(part => part.Quantity.ToString()))} make {sum}, and {whole.Object.Title} says {own}. Correct the total or the parts.", [whole.Cited, .. parts.Select(part => part.Cited)]);
    }
}
