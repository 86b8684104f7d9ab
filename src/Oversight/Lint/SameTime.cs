using PenguinMails.Oversight.Plans;
using static PenguinMails.Oversight.Lint.LintedPlan;

namespace PenguinMails.Oversight.Lint;

/// <summary>R02 and R17: values of one metric at one time, held against each other.</summary>
static class SameTime
{
    // What rounding may take away: half a percent.
    const decimal Same = 0.005m;

    enum Relation { Agree, RangeAroundPoint, Differ, Apart }

    public static IEnumerable<Finding> Check(LintedPlan plan)
    {
        foreach (var (left, right, when) in Pairs(plan))
        {
            var relation = Relate(left.Quantity, right.Quantity);
            if (relation is Relation.Agree or Relation.RangeAroundPoint) continue;
            // A gate, an agreement and an aspiration may be tiers on purpose; then somebody has to say so.
            var tiers = left.Basis != right.Basis || left.IsGate != right.IsGate;
            var severity = tiers || relation == Relation.Differ && left.Quantity.IsRange && right.Quantity.IsRange ? Severity.Warning : Severity.Error;
            yield return Found("R02", severity, $"{Title(plan, left)} has two values {when}", $"{Title(plan, left)} {when}: {left.Object.Title} says {left.Quantity}, {right.Object.Title} says {right.Quantity}{Gap(left.Quantity, right.Quantity)}. Keep one, or let one supersede the other.", left.Cited, right.Cited);
        }

        foreach (var finding in plan.Plan.Of("Objective").SelectMany(one => Statement(plan, one))) yield return finding;
    }

    public static IEnumerable<Finding> CheckRanges(LintedPlan plan)
    {
        foreach (var (left, right, when) in Pairs(plan))
            if (Relate(left.Quantity, right.Quantity) == Relation.RangeAroundPoint)
                yield return Found("R17", Severity.Warning, $"{Title(plan, left)} is a range and a point {when}", $"{Title(plan, left)} {when}: {left.Object.Title} says {left.Quantity}, {right.Object.Title} says {right.Quantity}. Say which of the two is meant.", left.Cited, right.Cited);
        foreach (var whole in plan.Plan.Of("CostLine"))
            foreach (var part in whole.Names("includes").Select(name => plan.Plan.Find("CostLine", name)).OfType<PlanObject>())
                if (whole.Quantity("amount") is { IsRange: false } stated && part.Quantity("amount") is { IsRange: true } range)
                    yield return Found("R17", Severity.Warning, "A point is summed up from a range", $"{whole.Title} is {stated}, and its part {part.Title} is {range}: the sum can only be a range as well. Say which end of the range it uses.", new Cited(whole, stated.Node, stated.ToString()), new Cited(part, range.Node, range.ToString()));
    }

    static string Title(LintedPlan plan, Aim aim) => plan.MetricOf(aim)?.Title ?? aim.Metric;

    static IEnumerable<(Aim Left, Aim Right, string When)> Pairs(LintedPlan plan)
    {
        // There is one monthly and one annual recurring revenue, whatever the metrics are called.
        foreach (var group in plan.Aims.GroupBy(aim => (plan.RoleOf(aim.Metric) is "mrr" or "arr" ? plan.RoleOf(aim.Metric) : "/" + aim.Metric, aim.Segment)))
        {
            var all = group.ToList();
            for (var i = 0; i < all.Count; i++)
                for (var j = i + 1; j < all.Count; j++)
                    if (all[i].Object != all[j].Object && !(plan.IsFlow(all[i]) && plan.IsFlow(all[j]) && all[i].Due?.Start != all[j].Due?.Start) && When(all[i], all[j]) is { } when && Quantity.OnOneScale(all[i].Quantity, all[j].Quantity) is not null) yield return (all[i], all[j], when);
        }
    }

    // A period means its end; two periods with a slash mean all the time between their ends.
    static string? When(Aim left, Aim right)
    {
        if (left.Due is { } one && right.Due is { } other)
        {
            if (left.IsGate && right.IsGate && left.Object.Text("event") != right.Object.Text("event") && one.End != other.End) return null;
            return one.FirstEnd <= other.End && other.FirstEnd <= one.End ? $"by {(one.Days <= other.Days ? one : other)}" : null;
        }

        var (ofLeft, ofRight) = (left.Quantity.Offset, right.Quantity.Offset);
        if (left.Due is null && right.Due is null && ofLeft is { } first && ofRight is { } second)
            return (first.Months, first.Days) == (second.Months, second.Days) && left.Quantity.Epoch == right.Quantity.Epoch ? $"at {first}" : null;
        var standing = Standing(left) && Standing(right) || (left.IsGate && Standing(right)) || (right.IsGate && Standing(left));
        return standing ? "at all times" : null;
    }

    // No time is named: it holds always.
    static bool Standing(Aim aim) => aim.Due is null && aim.Quantity is { Offset: null, Epoch: null };

    static Relation Relate(Quantity left, Quantity right)
    {
        bool Equal(decimal a, decimal b) => Math.Abs(a - b) <= Same * Math.Max(Math.Abs(a), Math.Abs(b));
        if (Quantity.OnOneScale(left, right) is not var (a, b)) return Relation.Agree;
        if (Equal(a.Low, b.Low) && Equal(a.High, b.High)) return Relation.Agree;
        // At least one and at most another leave room between them.
        if ((left.Bound, right.Bound) is (Bound.AtLeast, Bound.AtMost)) return a.Low <= b.Low ? Relation.Agree : Relation.Apart;
        if ((left.Bound, right.Bound) is (Bound.AtMost, Bound.AtLeast)) return b.Low <= a.Low ? Relation.Agree : Relation.Apart;
        var (overlap, ranges) = (a.Low <= b.High && b.Low <= a.High, (left.IsRange ? 1 : 0) + (right.IsRange ? 1 : 0));
        if (overlap && ranges == 1) return Relation.RangeAroundPoint;
        return overlap ? Relation.Differ : Relation.Apart;
    }

    static string Gap(Quantity left, Quantity right)
    {
        if (Quantity.OnOneScale(left, right) is not var (one, other)) return "";
        var (low, high) = one.Low <= other.Low ? (one, other) : (other, one);
        return low.High <= 0 || low.High >= high.Low ? "" : $"; {NumberText.Show(decimal.Round((high.Low - low.High) / low.High * 100, 1))} % lie between them";
    }

    // What an objective says in money or percent, against the targets that measure it.
    static IEnumerable<Finding> Statement(LintedPlan plan, PlanObject objective)
    {
        var text = objective.Text("statement") ?? objective.Metadata.Text("title") ?? "";
        // "By 40 %" tells a change, and no value.
        var words = Closed(text).Split([' ', '(', ')', ';'], StringSplitOptions.RemoveEmptyEntries).Select(word => word.TrimEnd('.', ',', '+')).ToList();
        var stated = words.Where((word, i) => word.Length > 1 && !(word[^1] == '%' && i > 0 && words[i - 1].Equals("by", StringComparison.OrdinalIgnoreCase)) && (word[0] is '$' or '€' or '£' || word[^1] == '%') && NumberText.TryParse(word, out _, out _)).ToList();
        var aims = objective.Names("measuredBy").SelectMany(name => plan.Aims.Where(aim => aim.Object.Name == name && !aim.IsGate)).ToList();
        if (stated.Count == 0 || aims.Count == 0) yield break;
        // A number that one target has needs no other to say it.
        stated.RemoveAll(word => aims.Exists(aim => Within(word, aim.Quantity)));
        foreach (var aim in aims)
        {
            var sameSort = stated.Where(word => Quantity.Of(new ScalarNode(default, word, false)) is { } spoken && IsOneSort(spoken, aim.Quantity)).ToList();
            if (sameSort.Count == 0) continue;
            yield return Found("R02", Severity.Warning, $"{objective.Title} says another number than its target", $"{objective.Title} says {string.Join(", ", sameSort)}, and its target {aim.Object.Title} is {aim.Quantity}. Bring them together.", new Cited(objective, objective.Spec["statement"], text), aim.Cited);
        }
    }

    static bool Within(string word, Quantity quantity) =>
        Quantity.Of(new ScalarNode(default, word, false)) is { } spoken && IsOneSort(spoken, quantity) && spoken.Low * spoken.Unit.Scale is var number && number >= quantity.Low * quantity.Unit.Scale * (1 - Same) && number <= quantity.High * quantity.Unit.Scale * (1 + Same);

    static bool IsOneSort(Quantity left, Quantity right) => left.Unit.Dimension == right.Unit.Dimension && left.Unit.Currency == right.Unit.Currency;
}
