using PenguinMails.Oversight.Plans;
using static PenguinMails.Oversight.Lint.LintedPlan;

namespace PenguinMails.Oversight.Lint;

/// <summary>R13: work of the highest priority that a gate does not wait for.</summary>
static class MissingBlockers
{
    public static IEnumerable<Finding> Check(LintedPlan plan)
    {
        foreach (var gate in plan.Plan.Of("Gate").Where(gate => !plan.IsSuperseded(gate)))
        {
            var blockers = Of(plan, gate);
            if (blockers.Count == 0) continue;
            var covered = Reaching(plan, blockers);
            var missing = plan.Items.Where(item => item.Text("priority") == "P0" && item.Text("status") != "done" && !covered.Contains(item.Name) && Concerns(plan, gate, item)).ToList();
            if (missing.Count > 0)
                yield return Found("R13", Severity.Error, $"{gate.Title} does not wait for all critical work", $"{gate.Title} waits for {string.Join(", ", blockers.Select(item => item.Title))}; {missing.Count} more {(missing.Count == 1 ? "item is" : "items are")} P0 and not among what blocks it: {string.Join(", ", missing.Select(item => item.Title))}. Add them, or lower their priority.", [new Cited(gate, gate.Spec["blockers"], string.Join(", ", blockers.Select(item => item.Name))), .. missing.Select(item => Cited.Field(item, "priority"))]);
        }

        foreach (var gate in plan.Plan.Of("Gate").Where(gate => !plan.IsSuperseded(gate) && gate.Names("blockers").Any()))
            foreach (var item in plan.Items.Where(item => item.Text("status") != "done" && item.Names("blocks").Contains(gate.Name) && !gate.Names("blockers").Contains(item.Name)))
                yield return Found("R13", Severity.Warning, $"{gate.Title} leaves out what blocks it", $"{item.Title} says that it blocks {gate.Title}, whose own list names {string.Join(", ", gate.Names("blockers"))}. Add it to the list, or take it back.", Cited.Field(gate, "blockers"), Cited.Field(item, "blocks"));
    }

    /// <summary>Work a gate waits for, by its own list or because the work says that it blocks it.</summary>
    public static IReadOnlyList<PlanObject> Of(LintedPlan plan, PlanObject gate) =>
        [.. plan.Items.Where(item => gate.Names("blockers").Contains(item.Name) || item.Names("blocks").Contains(gate.Name))];

    // What a blocker itself needs, or contains, blocks as well.
    static HashSet<string> Reaching(LintedPlan plan, IEnumerable<PlanObject> blockers)
    {
        var (covered, open) = (new HashSet<string>(), new Queue<PlanObject>(blockers));
        while (open.TryDequeue(out var item))
        {
            if (!covered.Add(item.Name)) continue;
            foreach (var other in plan.NeedsOf(item).Concat(plan.PartsOf(item))) open.Enqueue(other);
        }

        return covered;
    }

    // Work that is planned for later, or that another gate waits for, is not this gate's.
    static bool Concerns(LintedPlan plan, PlanObject gate, PlanObject item)
    {
        var elsewhere = plan.Plan.Of("Gate").Any(other => other != gate && (other.Names("blockers").Contains(item.Name) || item.Names("blocks").Contains(other.Name)));
        if (elsewhere || item.Text("tier")?.StartsWith("post", StringComparison.OrdinalIgnoreCase) == true) return false;
        return gate.Period("at") is not { } at || plan.Times.WindowOf(item) is not { } window || window.Start <= at.End;
    }
}
