using PenguinMails.Oversight.Plans;
using static PenguinMails.Oversight.Lint.LintedPlan;

namespace PenguinMails.Oversight.Lint;

/// <summary>R03: numbers that only rise, held against time. Annual recurring revenue counts as monthly, so that a change of the measure hides nothing.</summary>
static class RisingPath
{
    sealed record Step(Aim Aim, DateOnly Day, decimal Low, decimal High, string Shown);

    public static IEnumerable<Finding> Check(LintedPlan plan)
    {
        foreach (var path in plan.Aims.Where(aim => Rises(plan, aim) && !IsFloorOfGate(aim) && aim.Due is { IsOpen: false }).GroupBy(aim => (Track(plan, aim), aim.Segment, aim.Quantity.Unit.Dimension, aim.Quantity.Unit.Currency)))
        {
            var steps = path.Select(aim => Make(plan, aim)).OfType<Step>().OrderBy(step => step.Day).ThenByDescending(step => step.Low).ToList();
            for (var i = 1; i < steps.Count; i++)
            {
                var before = steps.Take(i).Where(step => step.Day < steps[i].Day && OneSeason(plan, step.Aim, steps[i].Aim) && step.Low > 0 && step.Low > steps[i].High * 1.005m).OrderBy(step => step.Aim.Quantity.IsRange).ThenByDescending(step => step.Day).FirstOrDefault();
                if (before is null) continue;
                var name = plan.MetricOf(before.Aim)?.Title ?? before.Aim.Metric;
                yield return Found("R03", IsCumulative(plan, steps[i].Aim) ? Severity.Error : Severity.Warning, $"{name} falls from {before.Aim.Due} to {steps[i].Aim.Due}",
                    $"{name} {(IsCumulative(plan, steps[i].Aim) ? "only rises" : "is better the higher it is")}, yet {before.Shown} by {before.Aim.Due} is followed by {steps[i].Shown} by {steps[i].Aim.Due}: a fall of {NumberText.Show(decimal.Round((before.Low - steps[i].High) / before.Low * 100, 1))} %. Correct one of them.", before.Aim.Cited, steps[i].Aim.Cited);
            }
        }

        foreach (var target in plan.Plan.Of("Target").SelectMany(one => Listed(plan, one))) yield return target;
    }

    static bool IsCumulative(LintedPlan plan, Aim aim) => plan.MetricOf(aim)?.Is("cumulative") == true || MetricRole.IsCumulative(plan.RoleOf(aim.Metric));

    // Shares may be let down on purpose for a time; an amount that is better the higher it is has no reason to be planned lower later.
    static bool Rises(LintedPlan plan, Aim aim) =>
        plan.MetricOf(aim) is { } metric && metric.Text("cumulative") is not "false" && metric.Text("better") is not "down"
        && (IsCumulative(plan, aim) || (metric.Text("better") == "up" && plan.RoleOf(aim.Metric) != "headcount" && aim.Quantity.Unit.Dimension is Dimension.Count or Dimension.Money && aim.Quantity.Unit.PerThing is null));

    // The least that opens a gate is no step of the path.
    static bool IsFloorOfGate(Aim aim) => aim is { IsGate: true, Quantity.Bound: Bound.AtLeast };

    // Sales of a spring may lie below those of Christmas: a part of a year is held against the same part of another.
    static bool OneSeason(LintedPlan plan, Aim before, Aim after) =>
        plan.MetricOf(after)?.Is("cumulative") == true || !(IsPartOfYear(plan, before) && IsPartOfYear(plan, after)) || (before.Due, after.Due) is ({ } left, { } right) && left.Start.Month == right.Start.Month && left.End.Month == right.End.Month;

    static bool IsPartOfYear(LintedPlan plan, Aim aim) => plan.IsFlow(aim) && aim.Due?.Days < 365;

    static string Track(LintedPlan plan, Aim aim) => plan.RoleOf(aim.Metric) is "mrr" or "arr" ? "recurring revenue" : aim.Metric;

    static Step? Make(LintedPlan plan, Aim aim)
    {
        if (aim.Due is not { } due) return null;
        var quantity = aim.Quantity;
        // Sales of a quarter and of a year are compared by the month.
        if (plan.IsFlow(aim) && quantity.Unit.PerDays is null && due.Days * 12m / 365.25m is var months) return new Step(aim, due.End, quantity.BasicLow / months, quantity.BasicHigh / months, quantity.ToString());
        if (plan.RoleOf(aim.Metric) != "arr") return new Step(aim, due.End, Written(plan, aim, quantity.MonthlyLow, quantity.Low), Written(plan, aim, quantity.MonthlyHigh, quantity.High), quantity.ToString());
        var (low, high) = (Identities.Annual(quantity, quantity.Low) / 12, Identities.Annual(quantity, quantity.High) / 12);
        return new Step(aim, due.End, low, high, $"{quantity} (that is {NumberText.Show(decimal.Round(low, 0))} {quantity.Unit.Currency}/month)");
    }

    static decimal Written(LintedPlan plan, Aim aim, decimal monthly, decimal written) => aim.Quantity.Unit.PerDays is null || plan.RoleOf(aim.Metric) is "customers" ? written * aim.Quantity.Unit.Scale : monthly;

    // The steps of a target's own path.
    static IEnumerable<Finding> Listed(LintedPlan plan, PlanObject target)
    {
        if (target.Text("metric") is not { } metric || !(plan.Plan.Find("Metric", metric)?.Is("cumulative") == true || MetricRole.IsCumulative(plan.RoleOf(metric)))) yield break;
        var steps = target.Spec.List("path").Select(step => (Node: step, Quantity: Quantity.Of(step is MapNode map ? map["value"] ?? map["quantity"] : step))).Where(step => step.Quantity is not null).ToList();
        for (var i = 1; i < steps.Count; i++)
            if (steps[i].Quantity is { } now && steps[i - 1].Quantity is { } before && now.BasicHigh < before.BasicLow)
                yield return Found("R03", Severity.Error, $"The path of {target.Title} falls", $"The path of {target.Title} goes from {before} to {now}, and the number only rises. Correct the step.", new Cited(target, steps[i - 1].Node, before.ToString()), new Cited(target, steps[i].Node, now.ToString()));
    }
}
