using PenguinMails.Oversight.Plans;
using static PenguinMails.Oversight.Lint.LintedPlan;

namespace PenguinMails.Oversight.Lint;

/// <summary>R21: estimates that were corrected, and the places that did not follow.</summary>
static class OldEstimates
{
    static readonly string[] Referring = ["dependsOn", "blocks", "parent", "items", "lines", "includes", "measuredBy", "blockers", "acceptance", "decision", "vendor", "metric", "driver"];

    public static IEnumerable<Finding> Check(LintedPlan plan) => [.. Corrected(plan), .. StillUsed(plan)];

    // A later estimate of a feature, in a decision, a recommendation or an item that supersedes another, against items of that feature.
    static IEnumerable<Finding> Corrected(LintedPlan plan)
    {
        foreach (var later in plan.Plan.Of("Decision").Concat(plan.Plan.Of("Recommendation")).Where(one => !plan.IsSuperseded(one)))
        {
            if (later.Quantity("effort") is not { } now || Efforts.Of(now) is not { } days) continue;
            foreach (var item in plan.Items.Where(item => item.Text("status") != "done" && later.Names("feature").Select(FeatureWindows.Slug).Any(feature => FeatureWindows.Brings(item, feature))))
            {
                if (item.Quantity("effort") is not { } used || Efforts.Of(used) is not { } old || Same(days, old)) continue;
                var was = later.Quantity("was");
                if (was is not null && Efforts.Of(was) is { } replaced && !Same(replaced, old) && Overlap(days, old)) continue;
                if (was is null && Overlap(days, old)) continue;
                yield return Found("R21", Severity.Error, $"{item.Title} still uses an estimate that was replaced", $"{later.Title} puts it at {now}{(was is null ? "" : $", not {was}")}; {item.Title} still plans {used}: {Gap(days.Low - old.Low, days.High - old.High)}. Take over the new one, and what follows from it.", new Cited(later, now.Node, now.ToString()), new Cited(item, used.Node, used.ToString()));
            }
        }
    }

    static string Gap(decimal low, decimal high)
    {
        var (least, most) = (NumberText.Show(decimal.Round(Math.Min(Math.Abs(low), Math.Abs(high)), 1)), NumberText.Show(decimal.Round(Math.Max(Math.Abs(low), Math.Abs(high)), 1)));
        if (low < 0 != high < 0) return "its range is another";
        return $"{(least == most ? most : $"{least} to {most}")} working days {(high < 0 ? "too many" : "are missing")}";
    }

    static bool Same(WorkDays left, WorkDays right) => Math.Abs(left.Low - right.Low) <= 0.02m * left.Low && Math.Abs(left.High - right.High) <= 0.02m * left.High;

    static bool Overlap(WorkDays left, WorkDays right) => left.Low < right.High && right.Low < left.High;

    // What was superseded is history: nothing may still build on it.
    static IEnumerable<Finding> StillUsed(LintedPlan plan)
    {
        foreach (var old in plan.Plan.Of("RoadmapItem").Where(one => plan.IsSuperseded(one) && one.Text("status") is "planned" or "in_progress"))
            yield return Found("R21", Severity.Warning, $"{old.Title} was superseded and is still {old.Text("status")?.Replace('_', ' ')}", $"{Successor(plan, old)} supersedes {old.Ref}, whose status is {old.Text("status")}. Set it to dropped.", Cited.Field(old, "status"));
        foreach (var old in plan.Plan.Objects.Where(plan.IsSuperseded))
            foreach (var user in plan.Plan.Objects.Where(one => !plan.IsSuperseded(one) && one != old))
                foreach (var field in Referring)
                    if (user.Spec.Texts(field).FirstOrDefault(name => name.Text == old.Name && (plan.Plan.Find(old.Name) == old || field is "items" or "lines" or "measuredBy")) is { } reference && (field == "decision") == (old.Kind == "Decision"))
                        yield return Found("R21", Severity.Error, $"{user.Title} still builds on {old.Title}, which was superseded", $"{user.Ref} names {old.Name} in {field}, and {Successor(plan, old)} supersedes it. Refer to the successor.", new Cited(user, reference, reference.Text), Cited.Of(old));
    }

    static string Successor(LintedPlan plan, PlanObject old) => plan.Plan.Objects.FirstOrDefault(one => one.Metadata.Texts("supersedes").Any(name => (plan.Plan.Find(one.Kind, name.Text) ?? plan.Plan.Find(name.Text)) == old))?.Ref ?? "its status";
}
