using PenguinMails.Oversight.Plans;
using static PenguinMails.Oversight.Lint.LintedPlan;

namespace PenguinMails.Oversight.Lint;

/// <summary>R11: objectives that nothing decides.</summary>
static class Unmeasured
{
    public static IEnumerable<Finding> Check(LintedPlan plan)
    {
        var parents = plan.Plan.Of("Objective").Where(one => Measures(plan, one)).SelectMany(one => one.Names("parent")).ToHashSet();
        foreach (var one in plan.Plan.Of("Objective").Where(one => !plan.IsSuperseded(one) && !Measures(plan, one) && !parents.Contains(one.Name)))
            yield return Found("R11", Severity.Warning, $"Nothing measures {one.Title}", $"{one.Title}: measuredBy {(one.Names("measuredBy").Any() ? "names only metrics without a target" : "is empty")}, so nobody can say whether it is reached. Name a target or a gate.", new Cited(one, one.Spec["measuredBy"] ?? one.Spec["statement"], one.Text("statement")));
    }

    static bool Measures(LintedPlan plan, PlanObject objective) =>
        objective.Names("measuredBy").Any(name => plan.Plan.Find("Target", name) is not null || plan.Plan.Find("Gate", name) is not null || plan.Aims.Any(aim => aim.Metric == name));
}
