using PenguinMails.Oversight.Plans;
using static PenguinMails.Oversight.Lint.LintedPlan;

namespace PenguinMails.Oversight.Lint;

/// <summary>R19: who and when. One finding for each kind and gap, with every object that has it.</summary>
static class MissingParts
{
    static readonly string[] Owned = ["Objective", "Target", "RoadmapItem", "Gate", "Budget", "Risk", "Contingency", "Decision"];

    public static IEnumerable<Finding> Check(LintedPlan plan)
    {
        var gaps = plan.Plan.Objects.Where(one => !plan.IsSuperseded(one) && one.Text("status") is not ("done" or "dropped")).SelectMany(one => Gaps(plan, one).Select(gap => (Object: one, gap.What, gap.Node, gap.Ask)));
        foreach (var group in gaps.GroupBy(gap => (gap.Object.Kind, gap.What, gap.Ask)))
        {
            var all = group.ToList();
            var names = string.Join(", ", all.Take(5).Select(gap => gap.Object.Name)) + (all.Count > 5 ? $" and {all.Count - 5} more" : "");
            yield return Found("R19", Severity.Warning, $"{all.Count} of kind {group.Key.Kind} {(all.Count == 1 ? "has" : "have")} no {group.Key.What}", $"No {group.Key.What}: {names}. {group.Key.Ask}", all.Select(gap => new Cited(gap.Object, gap.Node, null)));
        }

        foreach (var finding in Strangers(plan)) yield return finding;
    }

    // Where a plan names its owners by the roles of its team, an owner nobody is has left or was never there.
    static IEnumerable<Finding> Strangers(LintedPlan plan)
    {
        var roles = plan.Plan.Of("Team").SelectMany(team => team.Spec.Map("roles")?.Entries ?? []).Select(role => FeatureWindows.Slug(role.Key.Text.Replace('_', ' '))).ToHashSet();
        var owners = plan.Plan.Objects.Where(one => !plan.IsSuperseded(one) && one.Owner?.StartsWith("role:", StringComparison.Ordinal) == true).GroupBy(one => FeatureWindows.Slug((one.Owner ?? "")[5..].Replace('_', ' '))).ToList();
        var strangers = owners.Where(owner => !roles.Contains(owner.Key)).ToList();
        if (roles.Count == 0 || strangers.Count * 2 > owners.Count) yield break;
        foreach (var stranger in strangers)
            yield return Found("R19", Severity.Warning, $"{stranger.First().Owner} is nobody of the team", $"{string.Join(", ", stranger.Take(5).Select(one => one.Title))}: the owner is {stranger.First().Owner}, and no team of the plan has that role. Name one that is there, or add the role.", stranger.Select(one => new Cited(one, one.Metadata["owner"], one.Owner)));
    }

    static IEnumerable<(string What, Node? Node, string Ask)> Gaps(LintedPlan plan, PlanObject one)
    {
        if (Owned.Contains(one.Kind) && one.Owner is null && one.Text("authority") is null && !one.Names("deciders").Any() && plan.Plan.Head?.Text("defaultOwner") is null)
            yield return ("owner", null, "Name one in metadata, or a defaultOwner in the Plan.");
        if (one.Kind == "Plan")
            foreach (var (name, epoch) in one.Spec.Map("epochs")?.Entries ?? [])
                if (plan.Times.Epoch(name.Text) is null) yield return ($"date of the epoch {name.Text}", epoch, "What is counted from it has no date. Give it a date, or a period in at.");
        var dated = one.Kind switch
        {
            "Target" => Time(plan, one),
            "RoadmapItem" => plan.Times.WindowOf(one) is not null ? null : ("period", "Give it one, or to what it is part of."),
            "Gate" => one.Period("at") is not null ? null : ("date", "Say when, in at."),
            "Objective" => one.Period("period") is not null || one.Names("measuredBy").Any() ? null : ("period", "Give it one, or a dated target."),
            "Phase" => one.Spec["window"] is not null ? null : ("window", "Say when."),
            "Decision" => one.Period("date") is not null ? null : ("date", "Say when it was decided."),
            "Risk" => one.Period("reviewBy") is not null ? null : ("date of review", "Say in reviewBy when it is looked at again."),
            "Team" or "Budget" or "Claim" or "Review" => null,
            _ => ((string What, string Ask)?)null,
        };
        if (dated is { } gap) yield return (gap.What, one.Spec[one.Kind == "Target" ? "quantity" : "period"], gap.Ask);
    }

    static (string What, string Ask)? Time(LintedPlan plan, PlanObject target)
    {
        if (target.Quantity("quantity") is not { } quantity || plan.Times.DueOf(quantity) is not null) return null;
        // What is promised to customers holds at all times.
        if (quantity.Offset is null && quantity.Epoch is null) return target.Text("basis") == "sla" ? null : ("time", "Say in at by when, or from when on it holds.");
        if (quantity.Epoch is null) return ("epoch", "An offset is counted from an event: name it in epoch.");
        return plan.Plan.Head?.Spec.Map("epochs")?.Map(quantity.Epoch) is null ? ($"epoch {quantity.Epoch} in the plan", "Add it to the epochs of the Plan.") : null;
    }
}
