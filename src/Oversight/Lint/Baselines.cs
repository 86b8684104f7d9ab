using PenguinMails.Oversight.Plans;
using static PenguinMails.Oversight.Lint.LintedPlan;

namespace PenguinMails.Oversight.Lint;

/// <summary>R18: effects that are told relative to something nobody has written down.</summary>
static class Baselines
{
    static readonly string[] ChangeStems = ["improv", "reduc", "increas", "decreas", "fast", "slow", "lower", "higher", "more", "less", "fewer", "cut", "sav", "grow", "doubl", "tripl", "halv", "better", "boost", "drop", "rais", "short", "long", "cheap", "quick"];

    public static IEnumerable<Finding> Check(LintedPlan plan)
    {
        foreach (var one in plan.Plan.Of("Problem").Concat(plan.Items).Where(one => one.Spec["baseline"] is null))
        {
            var spoken = one.Quantity("impact") is null ? one.Spec["impact"] ?? one.Spec["impactText"] : null;
            if (one.Quantity("impact") is { } impact && IsRelative(impact)) yield return Make(one, impact.Node, impact.ToString());
            else if (spoken is ScalarNode text && Speaks(text.Text)) yield return Make(one, text, text.Text);
        }

        foreach (var decision in plan.Plan.Of("Decision"))
            if (decision.Spec.Map("expectedEffect") is { } effect && effect["baseline"] is null && Quantity.Of(effect["quantity"]) is { } expected && (expected.Unit.Dimension == Dimension.Factor || IsShareOfAmount(plan, effect.Text("metric"), expected)))
                yield return Make(decision, expected.Node, expected.ToString());
        foreach (var finding in plan.Plan.Of("Decision").Where(one => !plan.IsSuperseded(one)).Select(one => Backwards(plan, one)).OfType<Finding>()) yield return finding;
        foreach (var aim in plan.Aims.Where(aim => !aim.IsGate && IsShareOfAmount(plan, aim.Metric, aim.Quantity)))
            yield return Make(aim.Object, aim.Quantity.Node, aim.Quantity.ToString());
        // "Increase sales by 40%" tells a change; "increase retention to 85%" tells where it should stand.
        foreach (var objective in plan.Plan.Of("Objective").Where(one => !plan.IsSuperseded(one)))
            if (objective.Spec["statement"] is ScalarNode statement && Speaks(statement.Text) && MetricRole.Words(statement.Text).ToList() is var words && words.Contains("by") && !words.Contains("from") && Changes(statement.Text))
                yield return Make(objective, statement, statement.Text);
    }

    // What is to come of it is worse than where it stood.
    static Finding? Backwards(LintedPlan plan, PlanObject decision)
    {
        if (decision.Spec.Map("expectedEffect") is not { } effect || Quantity.Of(effect["baseline"]) is not { } baseline || Quantity.Of(effect["quantity"]) is not { } expected || plan.Plan.Find("Metric", effect.Text("metric"))?.Text("better") is not { } better || better is not ("up" or "down") || Quantity.OnOneScale(expected, baseline) is not var (after, before) || expected.Unit.Dimension != baseline.Unit.Dimension) return null;
        return better == "up" ? after.High < before.Low ? Worse() : null : after.Low > before.High ? Worse() : null;

        Finding Worse() => Found("R18", Severity.Error, $"The effect of {decision.Title} is worse than its baseline", $"{effect.Text("metric")} is better {better}, stood at {baseline}, and {decision.Title} expects {expected}. Correct one of the two.", new Cited(decision, expected.Node, expected.ToString()), new Cited(decision, baseline.Node, baseline.ToString()));
    }

    static readonly string[] Amounts = ["mrr", "arr", "revenue", "customers", "arpa", "cac", "ltv", "headcount", "volume", "cost"];

    // A percentage of something that is an amount, or a fall below nothing, can only be a change.
    static bool IsShareOfAmount(LintedPlan plan, string? metric, Quantity quantity)
    {
        if (quantity.Unit is not { Dimension: Dimension.Share, PerThing: null } || metric is null) return false;
        var stated = plan.Plan.Find("Metric", metric)?.Text("unit");
        if (stated is not null && Unit.TryParse(stated, out var share) && share.Dimension == Dimension.Share) return quantity.Low < 0;
        return quantity.Low < 0 || Amounts.Contains(plan.RoleOf(metric)) || (stated is not null && Unit.TryParse(stated, out var unit) && unit.Dimension is not (Dimension.Share or Dimension.Factor or Dimension.Count))
            || plan.Aims.Any(aim => aim.Metric == metric && aim.Quantity.Unit.Dimension is Dimension.Money or Dimension.Time or >= Dimension.Octets || (aim.Metric == metric && aim.Quantity is { Unit: { Dimension: Dimension.Count, Text.Length: > 0 }, High: > 1 }));
    }

    // The number of a change stands behind "by".
    static bool Changes(string text)
    {
        var words = Closed(text).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Zip(words.Skip(1)).Any(pair => pair.First.Equals("by", StringComparison.OrdinalIgnoreCase) && char.IsAsciiDigit(pair.Second[0]) && pair.Second.TrimEnd('.', ',', '+')[^1] is '%' or 'x' or '×');
    }

    static Finding Make(PlanObject one, Node node, string value) =>
        Found("R18", Severity.Warning, $"The effect of {one.Title} has no baseline", $"{one.Title} promises {value}, and nothing says of what: without a measured baseline nobody can check it. Name the baseline.", new Cited(one, node, value));

    static readonly string[] Multiples = ["twice", "thrice", "doubles", "doubled", "doubling", "triples", "tripled", "tripling", "halves", "halved", "halving"];
    static readonly string[] Counted = ["two", "three", "four", "five", "ten", "hundred", "many", "mani"];

    static readonly string[] Fractions = ["half", "a half", "one half", "a third", "one third", "two thirds", "a quarter", "one quarter", "three quarters", "a fifth", "one fifth", "a tenth", "one tenth"];

    // A number with % or x and a word of change, or a multiple in words.
    static bool Speaks(string text)
    {
        var words = Closed(text).Split([' ', ',', ';', '(', ')'], StringSplitOptions.RemoveEmptyEntries);
        var relative = words.Any(word => word.TrimEnd('+', '.').Length > 1 && word.TrimEnd('+', '.')[^1] is '%' or 'x' or '×' && char.IsAsciiDigit(word[0]));
        var plain = MetricRole.Words(text).ToList();
        if (plain.Any(word => Multiples.Contains(word) || (word.EndsWith("fold", StringComparison.Ordinal) && Counted.Any(word.StartsWith))) || plain.Zip(plain.Skip(1)).Any(pair => char.IsAsciiDigit(pair.First[0]) && pair.Second is "fold" or "times")) return true;
        relative |= Fractions.Any(fraction => $" {string.Join(' ', plain)} ".Contains($" by {fraction} ", StringComparison.Ordinal));
        relative |= plain.Zip(plain.Skip(1)).Any(pair => char.IsAsciiDigit(pair.First[0]) && pair.Second is "percent" or "per");
        return relative && MetricRole.Words(text).Any(word => ChangeStems.Any(stem => word.StartsWith(stem, StringComparison.Ordinal)));
    }
}
