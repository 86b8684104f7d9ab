using PenguinMails.Oversight.Plans;
using static PenguinMails.Oversight.Lint.LintedPlan;

namespace PenguinMails.Oversight.Lint;

/// <summary>R12: numbers of things that are claimed, against the things the plan enumerates.</summary>
static class CountClaims
{
    static readonly string[] Numbers = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

    // Words that may stand between the number and the noun without changing what is counted.
    static readonly string[] Between = ["key", "main", "target", "customer", "core", "planned", "roadmap", "plan", "critical", "named", "known", "major"];

    static readonly Dictionary<string, string> Nouns = new(StringComparer.Ordinal)
    {
        ["objectives"] = "Objective", ["segments"] = "Segment", ["problems"] = "Problem", ["metrics"] = "Metric", ["kpis"] = "Metric", ["phases"] = "Phase", ["gates"] = "Gate", ["vendors"] = "Vendor", ["suppliers"] = "Vendor",
        ["risks"] = "Risk", ["competitors"] = "Competitor", ["contingencies"] = "Contingency", ["decisions"] = "Decision", ["recommendations"] = "Recommendation", ["principles"] = "Principle", ["budgets"] = "Budget", ["scenarios"] = "Scenario",
    };

    public static IEnumerable<Finding> Check(LintedPlan plan) => [.. plan.Plan.Objects.SelectMany(one => Claims(plan, one)), .. Metrics(plan), .. plan.Plan.Objects.Where(one => one.Kind is "Plan" or "Review" or "Claim" or "Decision" or "Recommendation" or "Principle").SelectMany(one => Sentences(plan, one)), .. plan.Plan.Objects.SelectMany(one => Priorities(plan, one)), .. plan.Plan.Objects.SelectMany(one => OwnParts(plan, one))];

    static IEnumerable<Finding> Claims(LintedPlan plan, PlanObject one)
    {
        foreach (var claim in one.Spec.List("counts").OfType<MapNode>())
        {
            if (Quantity.Of(claim["count"]) is not { } stated || Enumerated(plan, claim) is not { } found) continue;
            if (Compare(one, stated, claim.Text("text") ?? one.Title, found.Count, found.What, [new Cited(one, claim, stated.ToString()), .. found.Cited]) is { } finding) yield return finding;
        }
    }

    static (int Count, string What, IEnumerable<Cited> Cited)? Enumerated(LintedPlan plan, MapNode claim)
    {
        var names = claim.Texts("names").ToList();
        if (names.Count > 0) return (names.Count, $"it names {names.Count}: {string.Join(", ", names.Select(name => name.Text))}", []);
        if (claim.Text("of") is not { } kind || Kinds.Find(kind) is null) return null;
        var found = Matching(plan, kind, claim.Map("where"));
        return (found.Count, $"the plan enumerates {found.Count} of kind {kind}{Where(claim.Map("where"))}", found.Take(20).Select(Cited.Of));
    }

    static List<PlanObject> Matching(LintedPlan plan, string kind, MapNode? where) =>
        [.. plan.Plan.Of(kind).Where(one => !plan.IsSuperseded(one) && one.Text("status") is not "dropped" && (where?.Entries ?? []).All(wanted => Has(one, wanted.Key.Text, (wanted.Value as ScalarNode)?.Text)))];

    static bool Has(PlanObject one, string field, string? value) =>
        one.Spec.Texts(field).Any(text => text.Text == value) || (one.Metadata.Map("labels")?.Texts(field).Any(text => text.Text == value) ?? false);

    static string Where(MapNode? where) => where is null ? "" : " with " + string.Join(" and ", where.Entries.Select(entry => $"{entry.Key.Text} {(entry.Value as ScalarNode)?.Text}"));

    // A metric that counts objects of the plan, and what targets and gates want of it.
    static IEnumerable<Finding> Metrics(LintedPlan plan)
    {
        foreach (var metric in plan.Plan.Of("Metric"))
            if (metric.Spec.Map("counted") is { } counted && counted.Text("of") is { } kind && Kinds.Find(kind) is not null)
                foreach (var aim in plan.Aims.Where(aim => aim.Metric == metric.Name && aim.Quantity.Unit.Dimension == Dimension.Count))
                    if (Matching(plan, kind, counted.Map("where")) is var found && Compare(aim.Object, aim.Quantity, metric.Title, found.Count, $"the plan enumerates {found.Count} of kind {kind}{Where(counted.Map("where"))}", [aim.Cited, .. found.Take(20).Select(Cited.Of)]) is { } finding) yield return finding;
        // Without that declaration the words P0 or P1 in the name of a metric are plain enough.
        foreach (var aim in plan.Aims.Where(aim => aim.Quantity.Unit.Dimension == Dimension.Count && aim.Quantity.Bound is Bound.Equal or Bound.AtLeast && aim.Quantity.Low > 0 && plan.MetricOf(aim)?.Spec["counted"] is null))
            if (MetricRole.Words(aim.Metric).Concat(MetricRole.Words(plan.MetricOf(aim)?.Title ?? "")).ToList() is var words && !words.Any(Troubles.Contains) && words.FirstOrDefault(word => word is "p0" or "p1" or "p2") is { } priority && plan.Items.Where(item => string.Equals(item.Text("priority"), priority, StringComparison.OrdinalIgnoreCase)).ToList() is { Count: > 0 } items
                && Compare(aim.Object, aim.Quantity, plan.MetricOf(aim)?.Title ?? aim.Metric, items.Count, $"the plan enumerates {items.Count} items with priority {priority.ToUpperInvariant()}", [aim.Cited, .. items.Take(20).Select(Cited.Of)]) is { } finding) yield return finding;
    }

    // What is counted of these is no work of the plan.
    static readonly string[] Troubles = ["bug", "bugs", "incident", "incidents", "defect", "defects", "issue", "issues", "ticket", "tickets", "alert", "alerts"];

    static Finding? Compare(PlanObject one, Quantity stated, string what, int count, string found, IEnumerable<Cited> cited)
    {
        var fits = stated.Bound switch { Bound.AtLeast => count >= stated.Low, Bound.AtMost => count <= stated.High, _ => count >= stated.Low && count <= stated.High };
        return fits ? null : Found("R12", Severity.Error, $"{one.Title} counts otherwise than the plan", $"\"{what}\" claims {stated}, and {found}. Correct the number, or enumerate what is missing.", cited);
    }

    // "three segments", "all 12 KPIs": only directly before the noun.
    static IEnumerable<Finding> Sentences(LintedPlan plan, PlanObject one)
    {
        foreach (var text in Texts(one))
        {
            var words = MetricRole.Words(text.Text).ToList();
            for (var i = 1; i < words.Count; i++)
            {
                var before = i > 1 && Between.Contains(words[i - 1]) ? i - 2 : i - 1;
                if (!Nouns.TryGetValue(words[i], out var kind) || Number(words[before]) is not { } claimed || (before > 0 && words[before - 1] is "to" or "and" or "or" or "than" or "top" or "least" or "least" or "most" or "next" or "additional" or "other") || (before > 0 && Number(words[before - 1]) is not null)) continue;
                var count = plan.Plan.Of(kind).Count(other => !plan.IsSuperseded(other));
                if (count > 0 && count != claimed) yield return Found("R12", Severity.Warning, $"{one.Title} counts otherwise than the plan", $"\"{words[before]} {words[i]}\" is claimed, and the plan enumerates {count} of kind {kind}. Correct the number, or enumerate what is missing.", new Cited(one, text, text.Text));
            }
        }
    }

    // "All 15 P0 features", wherever it stands.
    static IEnumerable<Finding> Priorities(LintedPlan plan, PlanObject one)
    {
        foreach (var text in Texts(one))
        {
            var words = MetricRole.Words(text.Text).ToList();
            for (var i = 1; i < words.Count; i++)
                if (words[i] is "p0" or "p1" or "p2" or "p3" && Number(words[i - 1]) is { } claimed && !(i > 1 && (Number(words[i - 2]) is not null || words[i - 2] is "least" or "most" or "than" or "to")))
                {
                    var items = plan.Items.Where(item => string.Equals(item.Text("priority"), words[i], StringComparison.OrdinalIgnoreCase)).ToList();
                    if (items.Count > 0 && items.Count != claimed) yield return Found("R12", Severity.Error, $"{one.Title} counts otherwise than the plan", $"\"{text.Text}\" claims {claimed}, and the plan enumerates {items.Count} items with priority {words[i].ToUpperInvariant()}. Correct the number, or enumerate what is missing.", [new Cited(one, text, text.Text), .. items.Take(20).Select(Cited.Of)]);
                }
        }
    }

    static readonly string[] PartNouns = ["tasks", "items", "features", "deliverables", "projects", "steps", "epics"];
    static readonly string[] ConditionNouns = ["conditions", "criteria", "checks"];
    static readonly string[] PeopleNouns = ["people", "members", "heads", "employees"];

    // "Four tasks" in a phase, "five criteria" in a gate, "eight people" in a team: counted by what it holds itself.
    static IEnumerable<Finding> OwnParts(LintedPlan plan, PlanObject one)
    {
        var (nouns, count) = one.Kind switch
        {
            "Phase" or "RoadmapItem" or "Budget" => (PartNouns, plan.PartsOf(one).Count()),
            "Gate" => (ConditionNouns, one.Spec.List("all").Count),
            "Team" => (PeopleNouns, (int)Crew.Heads(one)),
            _ => ([], 0),
        };
        if (count == 0) yield break;
        foreach (var text in Texts(one))
        {
            var words = MetricRole.Words(text.Text).ToList();
            for (var i = 1; i < words.Count; i++)
                if (nouns.Contains(words[i]) && Number(words[i - 1]) is { } claimed && claimed != count && !(i > 1 && (Number(words[i - 2]) is not null || words[i - 2] is "of" or "least" or "most" or "than" or "to")))
                    yield return Found("R12", Severity.Warning, $"{one.Title} counts otherwise than it enumerates", $"\"{text.Text}\" says {claimed}, and {one.Ref} holds {count}. Correct the number, or enumerate what is missing.", new Cited(one, text, text.Text));
        }
    }

    static int? Number(string word) => Array.IndexOf(Numbers, word) is >= 2 and var at ? at : int.TryParse(word, out var number) && number is > 1 and < 500 ? number : null;
}
