using PenguinMails.Oversight.Plans;
using static PenguinMails.Oversight.Lint.LintedPlan;

namespace PenguinMails.Oversight.Lint;

/// <summary>R07: the windows in which one feature is planned.</summary>
static class FeatureWindows
{
    // Only so many windows of one feature are told in one finding.
    const int PlacesMax = 12;

    sealed record Planned(string Feature, PlanObject Object, Period Window, Node? Node);

    public static IEnumerable<Finding> Check(LintedPlan plan) => [.. Planning(plan), .. Spoken(plan)];

    static IEnumerable<Finding> Planning(LintedPlan plan)
    {
        foreach (var feature in Plannings(plan).GroupBy(one => one.Feature))
        {
            var all = feature.ToList();
            var apart = new HashSet<Planned>();
            var worst = (Severity?)null;
            for (var i = 0; i < all.Count; i++)
                for (var j = i + 1; j < all.Count; j++)
                    if (Conflict(plan, all[i], all[j]) is { } severity)
                    {
                        apart.UnionWith([all[i], all[j]]);
                        worst = worst is null || severity < worst ? severity : worst;
                    }

            if (worst is { } level)
                yield return Found("R07", level, $"{feature.Key} is planned at {apart.Select(one => one.Window.Text).Distinct().Count()} times", $"The feature {feature.Key}: {string.Join("; ", apart.Take(PlacesMax).Select(one => $"{one.Object.Title} in {one.Window}"))}. Keep one window, or name the stages as features of their own.", apart.Take(PlacesMax).Select(one => new Cited(one.Object, one.Node, one.Window.Text)));
        }
    }

    // Further behind the name than this a time belongs to something else.
    const int WordsBetweenMax = 5;

    // "Shift swaps come in Q4 2027", wherever it stands, against the item called so.
    static IEnumerable<Finding> Spoken(LintedPlan plan)
    {
        var named = plan.Items.Where(item => item.Text("status") != "done").SelectMany(item => new[] { Slug(item.Title), Slug(item.Name) }.Distinct().Where(name => name.Contains('-', StringComparison.Ordinal)).Select(name => (item, Name: name.Split('-')))).ToList();
        foreach (var one in named.Count == 0 ? [] : plan.Plan.Objects.Where(one => one.Kind is not ("Link" or "Waiver") && !plan.IsSuperseded(one)))
            foreach (var text in LintedPlan.Texts(one))
                foreach (var (said, time) in Sentence.Of(text.Text).SelectMany(said => said.Times.Select(time => (said, time))))
                    if (named.FirstOrDefault(item => item.item != one && Ends(said, item.Name, time.At) && plan.Times.WindowOf(item.item) is { } window && (time.IsLimit ? window.Start > time.Period.End : !window.Overlaps(time.Period))) is { item: { } late })
                        yield return Found("R07", Severity.Warning, $"{late.Title} is planned at 2 times", $"\"{text.Text}\" says {time.Period}, and {late.Title} is planned for {plan.Times.WindowOf(late)}. Bring them together.", new Cited(one, text, text.Text), new Cited(late, late.Spec["period"], plan.Times.WindowOf(late)?.Text));
    }

    // The name ends shortly before the time, and nothing between denies or turns it.
    static bool Ends(Sentence said, string[] name, int at)
    {
        for (var end = at; end >= name.Length && end >= at - WordsBetweenMax; end--)
            if (said.Words.Skip(end - name.Length).Take(name.Length).SequenceEqual(name))
                return !said.Words.Take(at).Any(word => word is "not" or "no" or "never" or "before" or "after" or "than" or "since" or "instead");
        return false;
    }

    static IEnumerable<Planned> Plannings(LintedPlan plan)
    {
        foreach (var item in plan.Items.Where(item => item.Text("status") != "done"))
            if (plan.Times.WindowOf(item) is { } window)
                foreach (var feature in Features(item)) yield return new Planned(feature, item, window, item.Spec["period"]);
        foreach (var problem in plan.Plan.Of("Problem"))
            foreach (var solution in problem.Spec.List("solutions").OfType<MapNode>())
                if (Period.TryParse(solution.Text("window") ?? "", out var window, out _))
                    foreach (var feature in solution.Texts("feature").Concat(solution["feature"] is null ? solution.Texts("text") : [])) yield return new Planned(Slug(feature.Text), problem, window, solution["window"]);
        foreach (var advice in plan.Plan.Of("Recommendation").Where(one => !plan.IsSuperseded(one)))
            if (advice.Period("window") is { } window)
                foreach (var feature in advice.Names("feature")) yield return new Planned(Slug(feature), advice, window, advice.Spec["window"]);
    }

    /// <summary>The features of an item, or its title where it names none.</summary>
    public static IEnumerable<string> Features(PlanObject item)
    {
        var named = item.Names("feature").Select(Slug).ToList();
        return named.Count > 0 ? named : [Slug(item.Title)];
    }

    /// <summary>The item brings the feature, or is called by it.</summary>
    public static bool Brings(PlanObject item, string feature) => Features(item).Contains(feature) || Slug(item.Name) == feature;

    public static string Slug(string text) => string.Join('-', MetricRole.Words(text));

    static Severity? Conflict(LintedPlan plan, Planned left, Planned right)
    {
        if (left.Object == right.Object || Related(plan, left.Object, right.Object) || Related(plan, right.Object, left.Object)) return null;
        if (!left.Window.Overlaps(right.Window)) return Severity.Error;
        return Inside(left.Window, right.Window) || Inside(right.Window, left.Window) ? null : Severity.Warning;
    }

    static bool Inside(Period inner, Period outer) => outer.Start <= inner.Start && inner.End <= outer.End;

    // Stages of one feature: one builds on the other, or is a part of it.
    static bool Related(LintedPlan plan, PlanObject one, PlanObject other) =>
        one.Names("dependsOn").Contains(other.Name) || one.Names("blocks").Contains(other.Name) || one.Names("parent").Contains(other.Name) || plan.Plan.Find("RoadmapItem", one.Text("parent"))?.Names("parent").Contains(other.Name) == true;
}
