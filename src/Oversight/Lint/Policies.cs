using PenguinMails.Oversight.Plans;
using static PenguinMails.Oversight.Lint.LintedPlan;

namespace PenguinMails.Oversight.Lint;

/// <summary>R08: rules of principles and decisions, held against the work that is planned.</summary>
static class Policies
{
    enum Effect { Defer, Forbid, Require }

    /// <param name="Spoken">Read out of a sentence, not stated in fields.</param>
    sealed record Policy(PlanObject Object, Node Node, string Text, Effect Effect, IReadOnlyList<string> Features, string? Tier, Period? Until, bool Spoken);

    public static IEnumerable<Finding> Check(LintedPlan plan)
    {
        foreach (var policy in plan.Plan.Objects.Where(one => !plan.IsSuperseded(one)).SelectMany(one => Of(plan, one)))
        {
            var held = plan.Items.Where(item => item.Text("status") != "idea" && policy.Features.Any(named => FeatureWindows.Brings(item, named) || FeatureWindows.Features(item).Any(feature => Same(named, feature)))).ToList();
            foreach (var item in held)
                if (Breach(plan, policy, item) is { } why)
                    yield return Found("R08", policy.Spoken ? Severity.Warning : Severity.Error, $"{item.Title} breaks {policy.Object.Title}", $"{policy.Object.Title} says \"{policy.Text}\"; {item.Title} {why}. Change the item or the policy.", new Cited(policy.Object, policy.Node, policy.Text), new Cited(item, item.Spec["period"] ?? item.Spec["feature"], plan.Times.WindowOf(item)?.Text ?? item.Text("priority")));
            if (policy is { Effect: Effect.Require, Spoken: false } && held.Count == 0)
                yield return Found("R08", Severity.Error, $"Nothing does what {policy.Object.Title} asks for", $"{policy.Object.Title} says \"{policy.Text}\", and no item brings {string.Join(" or ", policy.Features)}. Plan it, or change the policy.", new Cited(policy.Object, policy.Node, policy.Text));
        }
    }

    static bool Same(string named, string feature) => named == feature || (named.Length >= 3 && ($"-{feature}-").Contains($"-{named}-", StringComparison.Ordinal));

    static IEnumerable<Policy> Of(LintedPlan plan, PlanObject one)
    {
        foreach (var node in one.Spec.List(one.Kind == "Principle" ? "productRules" : "rules").Concat(one.Kind == "Principle" ? one.Spec.List("statement") : one.Kind == "Decision" ? one.Spec.List("chosen") : []))
            if (node is MapNode map) yield return Stated(one, map);
            else if (node is ScalarNode scalar && Spoken(plan, one, scalar) is { } spoken) yield return spoken;
    }

    static Policy Stated(PlanObject one, MapNode map)
    {
        var effect = map.Text("effect") switch { "forbid" => Effect.Forbid, "require" => Effect.Require, _ => Effect.Defer };
        Period? until = Period.TryParse(map.Text("until") ?? "", out var period, out _) ? period : null;
        var features = map.Texts("features").Select(feature => FeatureWindows.Slug(feature.Text)).ToList();
        return new Policy(one, map, map.Text("text") ?? $"{map.Text("effect")} {string.Join(", ", features)}", effect, features, map.Text("tier"), until, Spoken: false);
    }

    // "Defer SSO until 2027", "No mobile app before Q3 2026", "We will not build a CRM": a word that holds back, and features of the plan by name.
    static Policy? Spoken(LintedPlan plan, PlanObject one, ScalarNode sentence)
    {
        if (one.Text("class") is "position" or "advantage" || one.Spec.List("productRules").Concat(one.Spec.List("rules")).Any(rule => rule is MapNode)) return null;
        var words = MetricRole.Words(sentence.Text).ToList();
        var forbids = words.Any(Denies);
        var defers = Defers(words, forbids);
        // "Never ship levels without sound" asks for sound, and forbids no levels.
        if (!defers && (!forbids || words.Any(word => word is "without" or "unless" or "except"))) return null;
        var features = plan.Items.SelectMany(FeatureWindows.Features).Distinct().Where(feature => Mentions(Near(words), feature)).ToList();
        return features.Count == 0 ? null : new Policy(one, sentence, sentence.Text, defers ? Effect.Defer : Effect.Forbid, features, null, Named(sentence.Text), Spoken: true);
    }

    static readonly string[] Holding = ["defer", "defers", "deferred", "postpone", "postponed", "delay", "delayed", "shelve", "shelved", "parked", "frozen"];

    static bool Holds(string word) => Holding.Contains(word);

    static bool Denies(string word) => word is "no" or "not" or "never" or "nothing" or "none" or "avoid" or "exclude" or "forbid" or "cannot" || word.EndsWith("n't", StringComparison.Ordinal);

    // "Vault before the launch" is an order of things, and holds nothing back.
    static bool Defers(List<string> words, bool forbids)
    {
        bool Said(string phrase) => $" {string.Join(' ', words)} ".Contains($" {phrase} ", StringComparison.Ordinal);
        bool Any(params string[] some) => some.Any(Said);
        return words.Any(Holds) || (forbids && Any("before", "until", "earlier than", "sooner than")) || Any("only after", "only from", "only once", "only comes after", "out of scope", "off the table", "hold off", "on hold")
            || (Any("wait", "waits", "without", "park", "freeze") && Any("until", "till", "wait for", "waits for"));
    }

    // Further away than this the sentence speaks of something else.
    const int WordsBetweenMax = 6;

    static readonly string[] General =
        ["advanced", "basic", "core", "new", "platform", "management", "system", "feature", "features", "support", "data", "service", "services", "tool", "tools", "work", "launch", "first", "version", "the", "and", "for", "with", "mvp", "phase", "release", "project", "plan", "customer", "customers", "user", "users", "product", "team", "setup", "own", "full", "email", "emails", "campaign", "campaigns", "infrastructure", "analytics", "security", "enterprise", "integration", "integrations", "automation", "multi", "online", "mobile", "web", "time", "business", "market", "sales"];

    static List<string> Near(List<string> words)
    {
        var holding = Enumerable.Range(0, words.Count).Where(i => Holds(words[i]) || Denies(words[i]) || words[i] is "only" or "park" or "freeze" or "scope" or "table" or "hold" or "wait" or "waits" or "without").ToList();
        return [.. words.Where((_, i) => holding.Any(at => Math.Abs(at - i) <= WordsBetweenMax))];
    }

    // Every word of the feature, in any order; or its first word that is not a general one, also when the sentence writes it as two.
    static bool Mentions(List<string> words, string feature)
    {
        var parts = feature.Split('-');
        var known = parts.Where(part => part.Length >= 3 && !General.Contains(part)).ToList();
        if (known.Count == 0) return false;
        bool Said(string part) => words.Contains(part) || words.Contains(part + "s") || (part.EndsWith('s') && words.Contains(part[..^1])) || words.Zip(words.Skip(1), (left, right) => left + right).Contains(part);
        return Said(known[0]) && (known[0] == parts[0] || parts.All(part => part.Length < 3 || Said(part)));
    }

    // The period named behind "until", "before" or "after": 2027, 2026-Q3 or Q3 2026.
    static Period? Named(string text)
    {
        var words = text.Split([' ', ',', ';', '(', ')'], StringSplitOptions.RemoveEmptyEntries).Select(word => word.TrimEnd('.')).ToArray();
        for (var i = 0; i < words.Length; i++)
        {
            if (i + 1 < words.Length && Period.TryParse($"{words[i]} {words[i + 1]}", out var two, out _)) return From(two, words, i);
            if (Period.TryParse(words[i], out var period, out _)) return From(period, words, i);
        }

        return null;
    }

    // "Not until after 2026" ends with the year, "not until 2026" with its beginning.
    static Period From(Period period, string[] words, int at) =>
        at > 0 && words[at - 1].Equals("after", StringComparison.OrdinalIgnoreCase) && !period.IsOpen ? new Period(period.End.AddDays(1), DateOnly.MaxValue, DateOnly.MaxValue, $"the end of {period}") : period;

    static string? Breach(LintedPlan plan, Policy policy, PlanObject item)
    {
        if (policy.Tier is { } tier && item.Text("tier") != tier) return null;
        var window = plan.Times.WindowOf(item);
        var urgent = item.Text("priority") is "P0" or "P1" || item.Text("status") is "in_progress" or "done";
        return policy.Effect switch
        {
            Effect.Require when policy.Until is { } until => window is { } when && when.End > until.End ? $"comes in {when}, after {until}" : null,
            Effect.Require => null,
            // The window of a phase says when at the latest, not when the item begins.
            _ when policy.Until is { } until => window is { } when && (item.Period("period") is null ? when.End : when.Start) < until.Start ? $"is planned for {when}, before {until}" : null,
            _ when policy.Tier is not null => $"is part of {policy.Tier}",
            Effect.Forbid when !policy.Spoken => $"is planned{(window is { } when ? $" for {when}" : "")}",
            _ => urgent ? $"is {(item.Text("priority") is { } priority ? priority : item.Text("status"))}{(window is { } when ? $" and planned for {when}" : "")}" : null,
        };
    }
}
