using PenguinMails.Oversight.Plans;
using static PenguinMails.Oversight.Lint.LintedPlan;

namespace PenguinMails.Oversight.Lint;

/// <summary>R18: effects that are told relative to something nobody has written down.</summary>
static class Baselines
{
    static readonly string[] ChangeStems = ["improv", "reduc", "increas", "decreas", "fast", "slow", "lower", "higher", "more", "less", "fewer", "cut", "sav", "grow", "doubl", "tripl", "halv", "better", "boost", "drop", "rais"];

    public static IEnumerable<Finding> Check(LintedPlan plan)
    {
        foreach (var one in plan.Plan.Of("Problem").Concat(plan.Items).Where(one => one.Spec["baseline"] is null))
        {
            var spoken = one.Quantity("impact") is null ? one.Spec["impact"] ?? one.Spec["impactText"] : null;
            if (one.Quantity("impact") is { } impact && IsRelative(impact)) yield return Make(one, impact.Node, impact.ToString());
            else if (spoken is ScalarNode text && Speaks(text.Text)) yield return Make(one, text, text.Text);
        }

        foreach (var decision in plan.Plan.Of("Decision"))
            if (decision.Spec.Map("expectedEffect") is { } effect && effect["baseline"] is null && Quantity.Of(effect["quantity"]) is { } expected && expected.Unit.Dimension == Dimension.Factor)
                yield return Make(decision, expected.Node, expected.ToString());
    }

    static Finding Make(PlanObject one, Node node, string value) =>
        Found("R18", Severity.Warning, $"The effect of {one.Title} has no baseline", $"{one.Title} promises {value}, and nothing says of what: without a measured baseline nobody can check it. Name the baseline.", new Cited(one, node, value));

    // A number with % or x, and a word of change.
    static bool Speaks(string text)
    {
        var words = text.Split([' ', ',', ';', '(', ')'], StringSplitOptions.RemoveEmptyEntries);
        var relative = words.Any(word => word.TrimEnd('+', '.').Length > 1 && word.TrimEnd('+', '.')[^1] is '%' or 'x' or '×' && char.IsAsciiDigit(word[0]));
        return relative && MetricRole.Words(text).Any(word => ChangeStems.Any(stem => word.StartsWith(stem, StringComparison.Ordinal)));
    }
}
